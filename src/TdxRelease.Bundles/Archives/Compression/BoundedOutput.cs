using System.Buffers;

namespace TdxRelease.Bundles.Archives;

/// <summary>Collects decompressed bytes and stops at the limits, before memory is spent.</summary>
internal sealed class BoundedOutput(string name, int inputLength, ArchiveLimits limits)
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    public void Write(ReadOnlySpan<byte> more)
    {
        var total = (long)bytes.WrittenCount + more.Length;
        if (total > limits.TotalBytes)
        {
            throw ArchiveErrors.Whole(name, $"decompresses to more than {limits.TotalBytes} bytes");
        }

        if (total > ArchiveLimits.RatioFloor && total / Math.Max(1, inputLength) > limits.Ratio)
        {
            throw ArchiveErrors.Whole(name, $"decompresses to more than {limits.Ratio} times its {inputLength} bytes");
        }

        bytes.Write(more);
    }

    public byte[] ToArray() => bytes.WrittenSpan.ToArray();
}
