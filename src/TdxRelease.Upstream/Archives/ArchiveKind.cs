using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Upstream.Archives;

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
    /// <summary>Opens a local archive, which must be a regular file.</summary>
    public static FileStream Open(string path)
    {
        if (FileStat.Of(path) is { Kind: not (FileKind.Regular or FileKind.Link) })
        {
            throw new TdxException(ExitCode.BadInput, $"\"{path}\" is not a regular file");
        }

        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Reading(path, e);
        }
    }

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
