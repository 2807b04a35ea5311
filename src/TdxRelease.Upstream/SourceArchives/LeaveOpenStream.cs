using TdxRelease.Core.Files;

namespace TdxRelease.Upstream.SourceArchives;

/// <summary>Reads a stream for someone who disposes what he is given, while the stream is needed again.</summary>
internal sealed class LeaveOpenStream(Stream inner) : ForwardStream
{
    public override int Read(Span<byte> buffer) => inner.Read(buffer);
}
