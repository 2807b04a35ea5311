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

    [Fact]
    public void A_folder_that_cannot_take_its_place_gives_it_back_to_the_old_one()
    {
        using var temp = new TempFolder();
        Make(temp["t"], "old", FolderExchange.Exchange);
        var e = Assert.Throws<TdxException>(() => Make(temp["t"], "new", (staging, _) =>
        {
            Directory.Delete(staging, recursive: true);
            return FolderExchange.NoSuchCall;
        }));
        Assert.Equal((ExitCode.Io, "old"), (e.Code, File.ReadAllText(temp["t/f"])));
        Assert.Equal([temp["t"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void What_somebody_writes_into_the_old_folder_at_the_last_moment_is_kept()
    {
        using var temp = new TempFolder();
        Make(temp["t"], "old", FolderExchange.Exchange);
        string? old = null;
        Assert.Throws<TdxException>(() => Make(temp["t"], "new", (staging, target) =>
        {
            FolderExchange.Exchange(staging, target);
            File.WriteAllText(Path.Combine(old = staging, "mine"), "mine");
            return 0;
        }));
        Assert.Equal(("new", "mine"), (File.ReadAllText(temp["t/f"]), File.ReadAllText(Path.Combine(old!, "mine"))));
    }

    [Fact]
    public void Another_run_of_ours_may_be_faster()
    {
        using var temp = new TempFolder();
        Make(temp["t"], "old", FolderExchange.Exchange);
        using (var slow = new AtomicFolder(temp["t"]))
        {
            Make(temp["t"], "faster", FolderExchange.Exchange);
            slow.Write("f", "slower"u8);
            slow.Commit();
        }

        Assert.Equal("slower", File.ReadAllText(temp["t/f"]));
        Assert.Equal([temp["t"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_folder_below_a_file_cannot_be()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["file"], "");
        var e = Assert.Throws<TdxException>(() => new AtomicFolder(temp["file/x/y"], FolderState.Empty).Dispose());
        Assert.Equal(ExitCode.Io, e.Code);
        Assert.StartsWith($"cannot write \"{temp["file/x/y"]}\": ", e.Message, StringComparison.Ordinal);
    }

    private static void Make(string target, string text, Func<string, string, int> exchange)
    {
        using var folder = new AtomicFolder(target, null, exchange);
        folder.Write("f", System.Text.Encoding.ASCII.GetBytes(text));
        folder.Commit();
    }
}
