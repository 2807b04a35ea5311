using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;

namespace TdxRelease.Tests.Core;

/// <summary>What is replaced, what is not, and every word that is said of it.</summary>
public sealed class OutputGuardTests : IDisposable
{
    private const string Remove = "move what is yours out and remove the directory yourself, or name one that does not exist yet";
    private const string NoList =
        "name a directory that does not exist yet; what an earlier version of tdxrel wrote has no such list: remove it yourself";

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_name_that_is_free_an_empty_folder_and_our_own_are_passed()
    {
        Assert.Empty(OutputGuard.Require(temp["out"]).Entries);
        Directory.CreateDirectory(temp["out"]);
        Assert.Empty(OutputGuard.Require(temp["out/"]).Entries);
        Make("out", "a", "b/c");
        Assert.Equal([".tdxrel-output", "a", "b/c"], OutputGuard.Require(temp["out//"]).Entries.Keys);
        Assert.Equal(FolderState.Of(temp["out"]), OutputGuard.Require(temp["out"]));
    }

    [Fact]
    public void What_has_no_list_is_left_and_three_of_its_files_are_named()
    {
        Directory.CreateDirectory(temp["out"]);
        foreach (var name in (string[])["c", "b", "a\nb"])
        {
            File.WriteAllText(temp[$"out/{name}"], "");
        }

        var what = $"\"{temp["out"]}\" exists and has no .tdxrel-output of tdxrel, it is left as it is; it contains";
        Refused($"{what} \"a\\x0ab\", \"b\", \"c\"", NoList, () => OutputGuard.Require(temp["out"]));
        File.WriteAllText(temp["out/d"], "");
        Refused($"{what} \"a\\x0ab\", \"b\", \"c\" and 1 more", NoList, () => OutputGuard.Require(temp["out"]));
        Directory.CreateDirectory(temp["out/.tdxrel-output"]);
        Refused($"{what} \".tdxrel-output/\", \"a\\x0ab\", \"b\" and 2 more", NoList, () => OutputGuard.Require(temp["out"]));
    }

    /// <summary>It is not walked: "/" would take long, and end with a directory that nobody may read.</summary>
    [Fact]
    public void A_directory_that_is_not_ours_is_known_by_its_uppermost_names()
    {
        Directory.CreateDirectory(temp["out/b/c"]);
        File.CreateSymbolicLink(temp["out/d"], temp["out"]);
        Refused($"\"{temp["out"]}\" exists and has no .tdxrel-output of tdxrel, it is left as it is; it contains \"b/\", \"d\"", NoList,
            () => OutputGuard.Require(temp["out"]));
        Assert.StartsWith("\"/\" exists and has no .tdxrel-output of tdxrel",
            Assert.Throws<TdxException>(() => OutputGuard.Require("/")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_is_a_link_or_longer_than_any_of_ours_is_none()
    {
        Make("out", "a");
        File.Move(temp["out/.tdxrel-output"], temp["list"]);
        File.CreateSymbolicLink(temp["out/.tdxrel-output"], temp["list"]);
        Assert.Equal(NoList, Assert.Throws<TdxException>(() => OutputGuard.Require(temp["out"])).Hint);
        File.Delete(temp["out/.tdxrel-output"]);
        using (var file = File.Create(temp["out/.tdxrel-output"]))
        {
            file.SetLength(OutputMarker.MaxLength + 1L);
        }

        Assert.Equal(NoList, Assert.Throws<TdxException>(() => OutputGuard.Require(temp["out"])).Hint);
    }

    [Fact]
    public void What_was_changed_since_is_named()
    {
        Make("out", "a", "b", "c", "d", "e");
        var what = $"\"{temp["out"]}\" is not as tdxrel left it and stays as it is: it";
        File.WriteAllText(temp["out/a"], "A");
        Refused($"{what} has changed \"a\"", Remove, () => OutputGuard.Require(temp["out"]));
        File.WriteAllText(temp["out/b"], "longer");
        File.Delete(temp["out/c"]);
        File.CreateSymbolicLink(temp["out/c"], "d");
        File.Delete(temp["out/d"]);
        File.Delete(temp["out/e"]);
        File.WriteAllText(temp["out/f"], "");
        Directory.CreateDirectory(temp["out/g"]);
        Refused($"{what} holds \"f\", \"g/\", has changed \"a\", \"b\", \"c\", lacks \"d\", \"e\"", Remove,
            () => OutputGuard.Require(temp["out"]));
    }

    [Fact]
    public void What_came_after_the_look_is_not_removed()
    {
        Make("out", "a", "b/c");
        var state = OutputGuard.Require(temp["out"]);
        File.WriteAllText(temp["out/b/late"], "");
        var e = Assert.Throws<TdxException>(() => OutputGuard.Remove(temp["out"], state));
        Assert.Equal((ExitCode.Io, "what is left in it was not written by tdxrel"), (e.Code, e.Hint));
        Assert.StartsWith($"cannot remove \"{temp["out"]}\", which was replaced: Directory not empty", e.Message, StringComparison.Ordinal);
        Assert.False(e.Message.EndsWith('.'));
        Assert.Equal([temp["out/b/late"]], Directory.GetFiles(temp["out"], "*", SearchOption.AllDirectories));
        File.Delete(temp["out/b/late"]);
        Directory.CreateDirectory(temp["out/b/d/e"]);
        OutputGuard.Remove(temp["out"], FolderState.Of(temp["out"]));
        Assert.False(Path.Exists(temp["out"]));
    }

    [Fact]
    public void A_list_is_renewed_where_there_is_one()
    {
        Make("out", "a", "b");
        File.WriteAllText(temp["out/a"], "new");
        OutputMarker.Renew(temp["out"], "a");
        Assert.Equal(3, OutputGuard.Require(temp["out"]).Entries.Count);
        Assert.True(OutputMarker.TryParse(File.ReadAllBytes(temp["out/.tdxrel-output"]), out var entries));
        Assert.Equal([("a", 3L), ("b", 1L)], entries.Select(e => (e.Path, e.Length)));
        File.WriteAllText(temp["out/.tdxrel-output"], "mine");
        OutputMarker.Renew(temp["out"], "a");
        Assert.Equal("mine", File.ReadAllText(temp["out/.tdxrel-output"]));
        File.Delete(temp["out/.tdxrel-output"]);
        OutputMarker.Renew(temp["out"], "a");
        Assert.False(File.Exists(temp["out/.tdxrel-output"]));
    }

    [Theory]
    [InlineData("1e", 64, true)]
    [InlineData("1E", 64, false)]
    [InlineData("1g", 64, false)]
    [InlineData("1e", 62, false)]
    [InlineData("1e", 66, false)]
    public void A_hash_in_the_list_is_64_lower_case_digits(string digits, int length, bool good) =>
        Assert.Equal(good, OutputMarker.TryParse(
            Encoding.UTF8.GetBytes($"tdxrel-output 1\n{string.Concat(Enumerable.Repeat(digits, length / 2))}  1  a\n"), out _));

    [Fact]
    public void A_state_is_equal_until_something_changes()
    {
        Assert.Equal(FolderState.Empty, FolderState.Of(temp["out"]));
        Directory.CreateDirectory(temp["out/inner/empty"]);
        File.WriteAllText(temp["out/inner/a"], "a");
        File.CreateSymbolicLink(temp["out/link"], "/nowhere");
        var state = FolderState.Of(temp["out"]);
        Assert.Equal(["inner/a", "inner/empty/", "link"], state.Entries.Keys);
        Assert.Equal([FileKind.Regular, FileKind.Folder, FileKind.Link], state.Entries.Values.Select(e => e.Kind));
        var empty = state.Entries["inner/empty/"];
        Assert.Equal((0, default, default, FileStat.Of(temp["out/inner/empty"])!.Value.Inode),
            (empty.Length, empty.Changed, empty.Modified, empty.Inode));
        Assert.True(state.Equals((object)FolderState.Of(temp["out"])));
        Assert.Equal((3, state.GetHashCode()), (state.GetHashCode(), FolderState.Of(temp["out"]).GetHashCode()));
        Assert.False(state.Equals((object?)null) || state.Equals(null));
        File.WriteAllText(temp["out/inner/a"], "b");
        Assert.NotEqual(state, FolderState.Of(temp["out"]));
        Assert.Equal(ExitCode.Io, Assert.Throws<TdxException>(() => OutputGuard.Require(temp["out/inner/a/"])).Code);
        Refused($"cannot write \"{temp["out/link"]}\": it exists and is not a directory", null, () => FolderState.Of(temp["out/link"]));
        Refused($"cannot write \"{temp["out/inner/a"]}\": it exists and is not a directory", null,
            () => FolderState.Of(temp["out/inner/a"]));
    }

    [Fact]
    public void A_file_is_seen_as_what_it_is()
    {
        Assert.Null(FileStat.Of(temp["a"]));
        File.WriteAllText(temp["a"], "four");
        File.SetLastWriteTimeUtc(temp["a"], DateTime.UnixEpoch.AddSeconds(1000).AddTicks(1));
        File.CreateSymbolicLink(temp["link"], "a");
        Node.Fifo(temp["fifo"]);
        var stat = FileStat.Of(temp["a"])!.Value;
        Assert.Equal((FileKind.Regular, 4, new FileTime(1000, 100)), (stat.Kind, stat.Length, stat.Modified));
        Assert.InRange(stat.Changed.Seconds, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Equal((FileKind.Link, FileKind.Special, FileKind.Folder),
            (FileStat.Of(temp["link"])!.Value.Kind, FileStat.Of(temp["fifo"])!.Value.Kind, FileStat.Of(temp.Path)!.Value.Kind));
        File.Copy(temp["a"], temp["b"]);
        Assert.NotEqual(stat.Inode, FileStat.Of(temp["b"])!.Value.Inode);
        using var handle = File.OpenHandle(temp["a"]);
        Assert.Equal(stat, FileStat.Of(handle));
    }

    private void Make(string name, params string[] files)
    {
        using var folder = new AtomicFolder(temp[name]);
        files.ToList().ForEach(file => folder.Write(file, Encoding.ASCII.GetBytes(file[^1..])));
        folder.Commit();
    }

    private static void Refused(string message, string? hint, Action act) => Refusals.Refused(ExitCode.Io, message, hint, act);
}
