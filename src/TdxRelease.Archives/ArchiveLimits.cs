namespace TdxRelease.Archives;

/// <summary>How far a reader follows an archive that somebody else made.</summary>
/// <param name="TotalBytes">Most bytes that come out, of all entries or of one decompression.</param>
/// <param name="Entries">Most entries.</param>
/// <param name="Depth">Most folders above a file.</param>
/// <param name="Ratio">Most bytes out for each byte in, once <see cref="RatioFloor"/> bytes are out.</param>
/// <param name="Links">Whether symbolic links that stay below the root are taken; hard links and devices never are.</param>
public sealed record ArchiveLimits(long TotalBytes = 512L << 20, int Entries = 20_000, int Depth = 32, int Ratio = 2000, bool Links = false)
{
    /// <summary>Below this many bytes the ratio does not matter: a short run of zeros compresses extremely well.</summary>
    public const long RatioFloor = 16L << 20;

    /// <summary>Refuses a decompression that has come this far.</summary>
    /// <param name="name">What messages call the input.</param>
    /// <param name="inputLength">Compressed bytes.</param>
    /// <param name="total">Bytes that came out.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: too large, or too dense.</exception>
    internal void Require(string name, int inputLength, long total)
    {
        if (total > TotalBytes)
        {
            throw ArchiveErrors.InArchive(name, $"decompresses to more than {TotalBytes} bytes");
        }

        if (total > RatioFloor && total / Math.Max(1, inputLength) > Ratio)
        {
            throw ArchiveErrors.InArchive(name, $"decompresses to more than {Ratio} times its {inputLength} bytes");
        }
    }

    /// <summary>What the audit of our own kinds of bundle uses.</summary>
    public static ArchiveLimits Default { get; } = new();
}
