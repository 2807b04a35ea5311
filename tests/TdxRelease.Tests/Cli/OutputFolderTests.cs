using TdxRelease.Core.Files;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

/// <summary>
/// A folder is replaced only where nothing of anybody else's is in it: every command with an output folder, against everything that may
/// stand there.
/// </summary>
public sealed class OutputFolderTests(PathSample sample) : IClassFixture<PathSample>, IDisposable
{
    private readonly TempFolder temp = new();

    public static TheoryData<string> Folders => [.. NamedThings.All.Where(t => t.Value == Named.Folder).Select(t => t.Key)];

    public void Dispose() => temp.Dispose();

    [Theory]
    [MemberData(nameof(Folders))]
    public void What_nobody_touched_is_replaced_and_leaves_its_list(string thing)
    {
        Ends(thing, temp["out"], 0);
        var first = Content(temp["out"]);
        Assert.True(OutputMarker.TryParse(File.ReadAllBytes(temp[$"out/{OutputMarker.FileName}"]), out var entries));
        Assert.Equal(first.Keys.Where(k => k != OutputMarker.FileName), entries.Select(e => e.Path));
        Ends(thing, temp["out"], 0);
        Same(thing, first, Content(temp["out"]));

        Directory.CreateDirectory(temp["empty"]);
        Ends(thing, temp["empty"], 0);
        Same(thing, first, Content(temp["empty"]));

        // A link stays, and what it points at is replaced or made.
        File.CreateSymbolicLink(temp["link"], "out");
        Ends(thing, temp["link"], 0);
        File.CreateSymbolicLink(temp["dangling"], "made");
        Ends(thing, temp["dangling"], 0);
        Assert.Equal(("out", "made"), (new FileInfo(temp["link"]).LinkTarget, new FileInfo(temp["dangling"]).LinkTarget));
        Same(thing, first, Content(temp["made"]));
        Assert.Equal(["dangling", "empty", "link", "made", "out"],
            Directory.EnumerateFileSystemEntries(temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void What_is_not_ours_stays_as_it_is(string thing)
    {
        // The proofs of earlier versions prove nothing any more.
        Directory.CreateDirectory(temp["foreign/.tdxrel"]);
        foreach (var name in (string[])["app.manifest.json", "check.md", "a.textproto", "index.html", ".tdxrel/snapshot.json",
            "mapping_file.json"])
        {
            File.WriteAllText(temp[$"foreign/{name}"], "<meta name=\"generator\" content=\"tdxrel 1\">");
        }

        File.CreateSymbolicLink(temp["link"], "foreign");
        Stays(thing, temp["foreign"], "\"app.manifest.json\"");
        Stays(thing, temp["link"], "and 3 more");

        Ends(thing, temp["out"], 0);
        File.WriteAllText(temp["out/notes.txt"], "mine");
        Stays(thing, temp["out"], "holds \"notes.txt\"");
        File.Delete(temp["out/notes.txt"]);
        Directory.CreateDirectory(temp["out/folder"]);
        Stays(thing, temp["out"], "holds \"folder/\"");
        Directory.Delete(temp["out/folder"]);

        var file = Directory.EnumerateFiles(temp["out"], "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != OutputMarker.FileName).Order(StringComparer.Ordinal).First();
        var name0 = Path.GetRelativePath(temp["out"], file);
        var content = File.ReadAllBytes(file);
        File.WriteAllBytes(file, [(byte)(content[0] ^ 1), .. content[1..]]);
        Stays(thing, temp["out"], $"has changed \"{name0}\"");
        File.Delete(file);
        Stays(thing, temp["out"], $"lacks \"{name0}\"");
        File.CreateSymbolicLink(file, temp["foreign/check.md"]);
        Stays(thing, temp["out"], $"has changed \"{name0}\"");
        File.Delete(file);
        File.WriteAllBytes(file, content);
        Ends(thing, temp["out"], 0);

        File.AppendAllText(temp[$"out/{OutputMarker.FileName}"], "\n");
        Stays(thing, temp["out"], $"has no {OutputMarker.FileName} of tdxrel");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void What_is_no_folder_stays_as_it_is(string thing)
    {
        File.WriteAllText(temp["file"], "mine");
        Ends(thing, temp["file"], 6);
        Assert.Equal("mine", File.ReadAllText(temp["file"]));
        Node.Fifo(temp["fifo"]);
        Ends(thing, temp["fifo"], 6);
        Assert.True(Node.IsSpecial(temp["fifo"]));
        if (Node.CanMakeDevices)
        {
            Node.Null(temp["device"]);
            Ends(thing, temp["device"], 6);
            Assert.True(Node.IsSpecial(temp["device"]));
        }

        Ends(thing, temp["file/below"], 6);
        Ends(thing, "", 2);
        if (!Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(temp["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Ends(thing, temp["closed/out"], 6);
        }
    }

    [Theory]
    [InlineData("tdxrel bundle --out")]
    [InlineData("tdxrel report html --out")]
    [InlineData("tdxrel report reference-values --out")]
    [InlineData("tdxrel check --out")]
    public void An_input_is_never_the_output(string thing)
    {
        var before = Content(sample.Snapshot);
        Assert.Contains("is or contains the input", Ends(thing, sample.Snapshot, 2).Errors, StringComparison.Ordinal);
        File.CreateSymbolicLink(temp["link"], sample.Snapshot);
        Ends(thing, temp["link"], 2);
        Assert.Equal(before, Content(sample.Snapshot));
    }

    [Fact]
    public void A_list_that_does_not_fit_the_release_fails_its_audit()
    {
        Ends("tdxrel bundle --out", temp["out"], 0);
        string[] audit = ["audit", temp["out"], "--allow-unsigned", "--policy", "sample"];
        Run.Tdxrel(audit).Ends(0);
        var list = File.ReadAllText(temp[$"out/{OutputMarker.FileName}"]);
        foreach (var other in (string[])[list + "\n", list[..^1], "", list[..list.IndexOf('\n', StringComparison.Ordinal)]])
        {
            File.WriteAllText(temp[$"out/{OutputMarker.FileName}"], other);
            Assert.Contains($"{OutputMarker.FileName}: AUD-016: does not list exactly the files of the directory",
                Run.Tdxrel(audit).Ends(4).Errors, StringComparison.Ordinal);
        }
    }

    // The reports of a check name the time of the run.
    private static void Same(string thing, SortedDictionary<string, string> want, SortedDictionary<string, string> got)
    {
        Assert.Equal(want.Keys, got.Keys);
        if (!thing.StartsWith("tdxrel check ", StringComparison.Ordinal))
        {
            Assert.Equal(want, got);
        }
    }

    private Run Ends(string thing, string path, int code)
    {
        var run = Run.Tdxrel(sample.Line(thing, path));
        Assert.True(run.Code == code, $"{thing} {path}: exit {run.Code}, want {code}\n{run.Errors}");
        return run;
    }

    private void Stays(string thing, string path, string message)
    {
        var before = Content(path);
        Assert.Contains(message, Ends(thing, path, 6).Errors, StringComparison.Ordinal);
        Assert.Equal(before, Content(path));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temp.Path), e => e.EndsWith(".part", StringComparison.Ordinal));
    }

    private static SortedDictionary<string, string> Content(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(folder, f), f => Convert.ToHexString(File.ReadAllBytes(f)), StringComparer.Ordinal),
        StringComparer.Ordinal);
}
