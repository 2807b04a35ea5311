using TdxRelease.Modules.Findings;

namespace TdxRelease.Build;

/// <summary>The folder with everything the build leaves behind; two files in it are committed.</summary>
internal static class OutputFolder
{
    private static readonly string[] Kept = ["README.md", ".gitignore"];

    /// <summary>Removes everything but the committed files; links are removed, never followed.</summary>
    /// <exception cref="TdxException">Exit 6: something cannot be removed.</exception>
    public static void Empty(string folder)
    {
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => !Kept.Contains(entry.Name)))
            {
                if (entry is DirectoryInfo { LinkTarget: null } directory)
                {
                    directory.Delete(recursive: true);
                }
                else
                {
                    entry.Delete();
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TdxException(ExitCode.Io, $"cannot empty \"{folder}\": {e.Message.TrimEnd('.')}", inner: e);
        }
    }
}
