using TdxRelease.Core.Files;

namespace TdxRelease.Upstream.SourceArchives;

/// <summary>What kind of archive a file is, by its first bytes; names lie.</summary>
internal enum ArchiveKind
{
    None,
    GitBundle,
    Zip,
    GzipTar,
    ZstdTar,
    Tar,
}

internal static class ArchiveKinds
{
    /// <summary>The longest archive taken, in bytes; what is inside has limits of its own.</summary>
    private const long MaxLength = 4L << 30;

    /// <summary>Opens a local archive, which must be a regular file or a link to one.</summary>
    public static Stream Open(string path) => InputFile.OpenStream(OutputPath.Final(path), MaxLength);

    public static ArchiveKind Of(string path)
    {
        using var file = Open(path);
        return Of(file);
    }

    public static ArchiveKind Of(Stream file)
    {
        Span<byte> start = stackalloc byte[512];
        file.Position = 0;
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return start switch
        {
            [0x1F, 0x8B, ..] => ArchiveKind.GzipTar,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => ArchiveKind.ZstdTar,
            [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..] => ArchiveKind.Zip,
            _ when start.StartsWith("# v2 git bundle"u8) || start.StartsWith("# v3 git bundle"u8) => ArchiveKind.GitBundle,
            _ when start.Length == 512 && start[257..].StartsWith("ustar"u8) => ArchiveKind.Tar,
            _ => ArchiveKind.None,
        };
    }
}
