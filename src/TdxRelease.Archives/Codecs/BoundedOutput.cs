namespace TdxRelease.Archives.Codecs;

/// <summary>Collects decompressed bytes and stops at the limits, before memory is spent.</summary>
/// <param name="name">What messages call the input.</param>
/// <param name="inputLength">Compressed bytes.</param>
/// <param name="limits">Bounds on what comes out.</param>
internal sealed class BoundedOutput(string name, int inputLength, ArchiveLimits limits)
{
    // No claim of a header reserves more than this many bytes for each byte that is really there.
    private const int Trusted = 64;

    private byte[] bytes = [];
    private int length;

    /// <summary>What the input says it decompresses to: saves growing step by step. A lie costs nothing but that.</summary>
    public void Expect(ulong claimed)
    {
        var most = Math.Min((ulong)limits.TotalBytes, (ulong)inputLength * Trusted);
        if (length == 0 && claimed <= most && claimed <= (ulong)Array.MaxLength)
        {
            bytes = GC.AllocateUninitializedArray<byte>((int)claimed);
        }
    }

    /// <summary>
    /// Where a decoder writes next: the place where the bytes stay, as long as the claim
    /// reserved one, and then the buffer. What it wrote goes to <see cref="Write"/>.
    /// </summary>
    public Span<byte> Next(byte[] buffer) => length < bytes.Length ? bytes.AsSpan(length) : buffer;

    /// <summary>Adds bytes; exit 3 where a limit is passed.</summary>
    public void Write(ReadOnlySpan<byte> more)
    {
        var total = (long)length + more.Length;
        limits.Require(name, inputLength, total);
        if (total > bytes.Length)
        {
            Array.Resize(ref bytes, (int)Math.Clamp(Math.Max(2L * bytes.Length, 1 << 16), total, Array.MaxLength));
        }

        more.CopyTo(bytes.AsSpan(length));
        length += more.Length;
    }

    /// <summary>The bytes; the array itself where it is full to the last one.</summary>
    public byte[] ToArray() => bytes.Length == length ? bytes : bytes.AsSpan(0, length).ToArray();
}
