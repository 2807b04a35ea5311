using System.IO.Pipes;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

/// <summary>
/// What a written file does to that which has its name: files are replaced, links followed, everything else written through.
/// </summary>
public sealed class OutputFileTests(PathSample sample) : IClassFixture<PathSample>, IDisposable
{
    private static readonly string[] KeySuffixes = [".pem", ".secret.asc", ".pub.pem", ".pgp", ".asc"];

    private readonly TempFolder temp = new();

    public static TheoryData<string> Files => [.. NamedThings.All.Where(t => t.Value == Named.File).Select(t => t.Key)];

    public static TheoryData<string> States => [.. NamedThings.All.Where(t => t.Value == Named.State).Select(t => t.Key)];

    public void Dispose() => temp.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void Files_are_replaced_and_links_stay(string thing)
    {
        Ends(thing, temp["new"], 0);
        var want = File.ReadAllBytes(temp["new"]);
        Assert.NotEmpty(want);
        File.WriteAllText(temp["old"], "old");
        File.CreateSymbolicLink(temp["link"], "old");
        File.CreateSymbolicLink(temp["twice"], temp["link"]);
        Ends(thing, temp["twice"], 0);
        File.CreateSymbolicLink(temp["dangling"], "made");
        Ends(thing, temp["dangling"], 0);
        Assert.Equal(want, File.ReadAllBytes(temp["old"]));
        Assert.Equal(want, File.ReadAllBytes(temp["made"]));
        Assert.Equal(("old", temp["link"], "made"),
            (new FileInfo(temp["link"]).LinkTarget, new FileInfo(temp["twice"]).LinkTarget, new FileInfo(temp["dangling"]).LinkTarget));
        File.CreateSymbolicLink(temp["circle"], "circle");
        Ends(thing, temp["circle"], 6);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temp.Path), e => e.EndsWith(".part", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task What_is_no_file_is_written_through(string thing)
    {
        Ends(thing, temp["new"], 0);
        var want = await File.ReadAllBytesAsync(temp["new"]);
        Node.Fifo(temp["fifo"]);
        var read = Task.Run(() => File.ReadAllBytes(temp["fifo"]));
        Ends(thing, temp["fifo"], 0);
        Assert.Equal(want, await read);
        Assert.True(Node.IsSpecial(temp["fifo"]));
        if (Node.CanMakeDevices)
        {
            Node.Null(temp["device"]);
            File.CreateSymbolicLink(temp["link"], "device");
            Ends(thing, temp["device"], 0);
            Ends(thing, temp["link"], 0);
            Assert.True(Node.IsSpecial(temp["device"]));
            Assert.Equal("device", new FileInfo(temp["link"]).LinkTarget);
        }

        // Process substitution.
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var drained = Task.Run(() =>
        {
            var got = new byte[want.Length];
            pipe.ReadExactly(got);
            return got;
        });
        Ends(thing, $"/dev/fd/{pipe.GetClientHandleAsString()}", 0);
        Assert.Equal(want, await drained);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Folders_and_names_that_cannot_be_are_refused(string thing)
    {
        Directory.CreateDirectory(temp["folder"]);
        File.WriteAllText(temp["file"], "mine");
        Ends(thing, temp["folder"], 6);
        Ends(thing, temp["folder/"], 6);
        Ends(thing, temp["file/below"], 6);
        Ends(thing, temp["missing/below"], 6);
        Ends(thing, "", 2);
        Ends(thing, "/dev/fd/9999", 6);
        if (!Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(temp["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Ends(thing, temp["closed/out"], 6);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(temp["folder"]));
        Assert.Equal("mine", File.ReadAllText(temp["file"]));
    }

    [Fact]
    public void A_dash_is_stdout()
    {
        Ends("tdxrel plan --summary", temp["new"], 0);
        var run = Ends("tdxrel plan --summary", "-", 0);
        Assert.EndsWith(File.ReadAllText(temp["new"]), run.Output, StringComparison.Ordinal);
        Assert.Contains("\"host\":\"node1\"", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("TDX-BLOB", Ends("tdxrel image join --out", "-", 0).Output[3..], StringComparison.Ordinal);
        Assert.False(File.Exists("-"));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_state_is_a_file_or_nothing(string thing)
    {
        Directory.CreateDirectory(temp["folder"]);
        Node.Fifo(temp["fifo"]);
        File.WriteAllText(temp["file"], "mine");
        Ends(thing, temp["folder"], 6);
        Ends(thing, temp["fifo"], 3);
        Ends(thing, temp["file"], 3);
        Ends(thing, "", 2);
        Ends(thing, "-", 2);
        Assert.True(Node.IsSpecial(temp["fifo"]));
        Assert.Equal("mine", File.ReadAllText(temp["file"]));
    }

    [Fact]
    public void A_state_behind_a_link_is_read_and_written_there()
    {
        File.CreateSymbolicLink(temp["link"], "seen.json");
        Ends("tdxrel audit --state", temp["link"], 0);
        var seen = File.ReadAllText(temp["seen.json"]);
        Assert.Contains("\"sequence\":", seen, StringComparison.Ordinal);
        Ends("tdxrel audit --state", temp["link"], 0);
        Assert.Equal(("seen.json", seen), (new FileInfo(temp["link"]).LinkTarget, File.ReadAllText(temp["seen.json"])));
        Ends("tdxrel audit --state", temp["seen.json/below"], 6);
    }

    [Fact]
    public void Keys_replace_nothing_and_follow_no_link()
    {
        foreach (var suffix in KeySuffixes)
        {
            File.WriteAllText(temp[$"file{suffix}"], "mine");
            Directory.CreateDirectory(temp[$"folder{suffix}"]);
            Node.Fifo(temp[$"fifo{suffix}"]);
            File.CreateSymbolicLink(temp[$"dangling{suffix}"], "made");
            foreach (var name in (string[])["file", "folder", "fifo", "dangling"])
            {
                Ends("tdxrel keys create --out", temp[name], 6);
            }

            Assert.Equal("mine", File.ReadAllText(temp[$"file{suffix}"]));
            Assert.True(Node.IsSpecial(temp[$"fifo{suffix}"]));
            Directory.GetFileSystemEntries(temp.Path).ToList().ForEach(Remove);
        }

        Ends("tdxrel keys create --out", "", 2);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_private_file_is_nobody_elses()
    {
        AtomicFile.Write(temp["key"], "secret"u8, AtomicFile.PrivateMode, overwrite: false);
        Assert.Equal(AtomicFile.PrivateMode, File.GetUnixFileMode(temp["key"]));
        File.CreateSymbolicLink(temp["dangling"], "made");
        foreach (var name in (string[])["key", "dangling"])
        {
            Assert.Equal(ExitCode.Io,
                Assert.Throws<TdxException>(() => AtomicFile.Write(temp[name], "other"u8, AtomicFile.PrivateMode, overwrite: false)).Code);
        }

        Assert.Equal("secret", File.ReadAllText(temp["key"]));
        Assert.False(Path.Exists(temp["made"]));
    }

    private static void Remove(string path)
    {
        if (FileStat.Of(path) is { Kind: FileKind.Folder })
        {
            Directory.Delete(path);
        }
        else
        {
            File.Delete(path);
        }
    }

    private Run Ends(string thing, string path, int code)
    {
        var run = Run.Tdxrel(sample.Line(thing, path));
        Assert.True(run.Code == code, $"{thing} {path}: exit {run.Code}, want {code}\n{run.Errors}");
        return run;
    }
}
