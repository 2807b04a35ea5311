using TdxRelease.Build;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

public sealed class OutputFolderTests
{
    [Fact]
    public void Everything_goes_but_the_committed_files_and_what_links_point_at()
    {
        using var folder = new TempFolder();
        using var outside = new TempFolder();
        File.WriteAllText(outside["kept"], "x");
        Directory.CreateDirectory(folder["bundle/deep"]);
        foreach (var name in new[] { "README.md", ".gitignore", "a.tar.gz", "bundle/deep/README.md" })
        {
            File.WriteAllText(folder[name], "x");
        }

        Directory.CreateSymbolicLink(folder["link"], outside.Path);

        OutputFolder.Empty(folder.Path);

        Assert.Equal([".gitignore", "README.md"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(outside["kept"]));
    }
}
