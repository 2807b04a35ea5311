namespace TdxRelease.Bundles.Archives;

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

    /// <summary>What is left of the room that the claim reserved: a decoder may write there, and say how much with <see cref="Wrote"/>.</summary>
    public Span<byte> Room => bytes.AsSpan(length);

    /// <summary>Counts bytes that stand in <see cref="Room"/> already.</summary>
    public void Wrote(int count) => length = (int)Grown(count);

    public void Write(ReadOnlySpan<byte> more)
    {
        var total = Grown(more.Length);
        if (total > bytes.Length)
        {
            Array.Resize(ref bytes, (int)Math.Clamp(Math.Max(2L * bytes.Length, 1 << 16), total, Array.MaxLength));
        }

        more.CopyTo(bytes.AsSpan(length));
        length = (int)total;
    }

    private long Grown(int more)
    {
        var total = (long)length + more;
        if (total > limits.TotalBytes)
        {
            throw ArchiveErrors.Whole(name, $"decompresses to more than {limits.TotalBytes} bytes");
        }

        if (total > ArchiveLimits.RatioFloor && total / Math.Max(1, inputLength) > limits.Ratio)
        {
            throw ArchiveErrors.Whole(name, $"decompresses to more than {limits.Ratio} times its {inputLength} bytes");
        }

        return total;
    }

    /// <summary>The bytes; the array itself where it is full to the last one.</summary>
    public byte[] ToArray() => bytes.Length == length ? bytes : bytes.AsSpan(0, length).ToArray();
}
