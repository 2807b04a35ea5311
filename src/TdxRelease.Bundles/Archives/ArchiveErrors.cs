using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Archives;

/// <summary>Exit 3 with the place in the archive.</summary>
internal static class ArchiveErrors
{
    public static TdxException At(string archive, long offset, string problem) =>
        new(ExitCode.BadInput, $"{SafePath.Printable(archive)}: offset {offset}: {problem}");

    public static TdxException Entry(string archive, string path, string problem) =>
        new(ExitCode.BadInput, $"{SafePath.Printable(archive)}: entry \"{SafePath.Printable(path)}\": {problem}");

    public static TdxException Whole(string archive, string problem) =>
        new(ExitCode.BadInput, $"{SafePath.Printable(archive)}: {problem}");
}
