using TdxRelease.Build;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

public sealed class OutputFolderTests : IDisposable
{
    private readonly TempFolder folder = new();

    public OutputFolderTests()
    {
        File.WriteAllText(folder["README.md"], "x");
        File.WriteAllText(folder[".gitignore"], "x");
        foreach (var name in (string[])["bundle", "tests/One", "tests/Two"])
        {
            using var output = new AtomicFolder(folder[name]);
            output.Write("deep/file", "x"u8);
            output.Commit();
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_output_folder_goes_and_the_committed_files_stay()
    {
        Directory.CreateDirectory(folder["empty"]);
        OutputFolder.Empty(folder.Path);
        Assert.Equal([".gitignore", "README.md"], Names());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_empty()
    {
        OutputFolder.Empty(folder["artifacts"]);
        Assert.False(Directory.Exists(folder["artifacts"]));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("bundle/notes.txt")]
    [InlineData("tests/notes.txt")]
    [InlineData("tests/One/deep/file")]
    public void Nothing_goes_where_something_is_not_ours(string name)
    {
        File.WriteAllText(folder[name], "mine");
        var e = Assert.Throws<TdxException>(() => OutputFolder.Empty(folder.Path));
        Assert.Equal(ExitCode.Io, e.Code);
        Assert.Equal("mine", File.ReadAllText(folder[name]));
        Assert.Equal("x", File.ReadAllText(folder["tests/Two/deep/file"]));
    }

    [Fact]
    public void Links_are_neither_followed_nor_removed()
    {
        using var outside = new TempFolder();
        File.WriteAllText(outside["kept"], "x");
        File.CreateSymbolicLink(folder["link"], outside.Path);
        Assert.Contains("link\" was not left by the build", Assert.Throws<TdxException>(() => OutputFolder.Empty(folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.True(File.Exists(outside["kept"]));
    }

    private IEnumerable<string?> Names() =>
        Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
