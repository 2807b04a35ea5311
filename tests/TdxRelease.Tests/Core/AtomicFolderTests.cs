using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Core;

public sealed class AtomicFolderTests
{
    [Fact]
    public void An_older_folder_changes_places_in_one_step_and_goes()
    {
        using var temp = new TempFolder();
        Make(temp["t"], "old", FolderExchange.Exchange);
        var calls = 0;
        Make(temp["t"], "new", (staging, target) =>
        {
            calls++;
            Assert.Equal("old", File.ReadAllText(Path.Combine(target, "f")));
            Assert.Equal(0, FolderExchange.Exchange(staging, target));
            Assert.Equal("old", File.ReadAllText(Path.Combine(staging, "f")));
            return 0;
        });
        Assert.Equal((1, "new"), (calls, File.ReadAllText(temp["t/f"])));
        Assert.Equal([temp["t"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Theory]
    [InlineData(FolderExchange.NoSuchCall)]
    [InlineData(FolderExchange.Invalid)]
    public void Where_nothing_can_be_exchanged_two_renames_do_it(int error)
    {
        using var temp = new TempFolder();
        Make(temp["t"], "old", (_, _) => error);
        Make(temp["t"], "new", (_, _) => error);
        Assert.Equal("new", File.ReadAllText(temp["t/f"]));
        Assert.Equal([temp["t"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void Another_error_leaves_the_old_folder_and_nothing_else()
    {
        using var temp = new TempFolder();
        Make(temp["t"], "old", FolderExchange.Exchange);
        var e = Assert.Throws<TdxException>(() => Make(temp["t"], "new", (_, _) => 13));
        Assert.Equal(ExitCode.Io, e.Code);
        Assert.Equal("old", File.ReadAllText(temp["t/f"]));
        Assert.Equal([temp["t"]], Directory.GetFileSystemEntries(temp.Path));
    }

    private static void Make(string target, string text, Func<string, string, int> exchange)
    {
        using var folder = new AtomicFolder(target, null, exchange);
        folder.Write("f", System.Text.Encoding.ASCII.GetBytes(text));
        folder.Commit();
    }
}
