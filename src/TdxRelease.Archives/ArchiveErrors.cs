using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>Exit 3 with the place in the archive.</summary>
public static class ArchiveErrors
{
    /// <summary>A problem at a byte offset of the archive.</summary>
    public static TdxException At(string archive, long offset, string problem) =>
        new(ExitCode.BadInput, $"{SafePath.Printable(archive)}: offset {offset}: {problem}");

    /// <summary>A problem of one entry.</summary>
    public static TdxException Entry(string archive, string path, string problem) =>
        new(ExitCode.BadInput, $"{SafePath.Printable(archive)}: entry \"{SafePath.Printable(path)}\": {problem}");

    /// <summary>A problem of the archive as a whole.</summary>
    public static TdxException InArchive(string archive, string problem) =>
        new(ExitCode.BadInput, $"{SafePath.Printable(archive)}: {problem}");
}
