using TdxRelease.Core.Files;

namespace TdxRelease.Archives.Codecs;

/// <summary>
/// Counts what passes and throws <see cref="InvalidDataException"/> at the
/// limit: what a small archive unpacks to is not for its author to decide.
/// </summary>
/// <param name="inner">Disposed with this stream.</param>
/// <param name="limit">Most bytes that may be read.</param>
public sealed class BoundedReadStream(Stream inner, long limit) : ForwardStream
{
    private long count;

    /// <inheritdoc/>
    public override long Position
    {
        get => count;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var n = inner.Read(buffer);
        count += n;
        return count <= limit ? n : throw new InvalidDataException($"unpacks to more than {limit} bytes");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
