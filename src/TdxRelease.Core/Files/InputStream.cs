namespace TdxRelease.Core.Files;

/// <summary>An input; where the system gives no more of it, the message says of what. It can seek where the input can.</summary>
/// <param name="inner">The bytes; disposed with this.</param>
/// <param name="name">How messages call it.</param>
internal sealed class InputStream(Stream inner, string name) : ForwardStream
{
    public override bool CanSeek => inner.CanSeek;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    /// <exception cref="Findings.TdxException">Exit 6.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Reading(name, e);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
