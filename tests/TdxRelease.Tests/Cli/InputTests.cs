using System.IO.Pipes;
using TdxRelease.Cli;
using TdxRelease.Cli.Documentation;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

/// <summary>Every file that any command reads is a regular file of a sensible length, or the command ends at once.</summary>
public sealed class InputTests(PathSample sample) : IClassFixture<PathSample>, IDisposable
{
    // These take a folder too.
    private static readonly string[] FolderToo =
        ["SNAPSHOT|MAPPING", "BUNDLE", "SUBJECT", "A", "B", "--modules", "--history", "--source", "--lock", "--values"];

    private readonly TempFolder temp = new();

    public static TheoryData<string> Files => [.. NamedThings.All.Where(t => t.Value is Named.Input or Named.State).Select(t => t.Key)];

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Every_option_and_argument_stands_in_the_table()
    {
        var root = CommandLine.Root(new Terminal(Stream.Null, TextWriter.Null, TextWriter.Null));
        var found = CommandTree.All(root).Where(c => c.Command.Subcommands.Count == 0).SelectMany(c =>
            c.Command.Options.Where(CommandTree.TakesValue).Select(o => o.Name).Concat(c.Command.Arguments.Select(a => a.Name))
            .Select(name => $"{c.Path} {name}"));
        Assert.Equal(NamedThings.All.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_no_regular_file_is_refused_at_once(string thing)
    {
        var path = temp[NameFor(thing)];
        Node.Fifo(path);
        Refused(thing, path, 3, "is not a regular file");
        File.Delete(path);
        if (Node.CanMakeDevices)
        {
            Node.Null(path);
            Refused(thing, path, 3, "is not a regular file");
            File.Delete(path);
        }

        if (!FolderToo.Contains(thing.Split(' ')[^1]))
        {
            Directory.CreateDirectory(path);
            var isState = NamedThings.All[thing] == Named.State;
            Refused(thing, path, isState ? 6 : 3, isState ? "is a directory" : "is not a regular file");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_ten_gigabytes_is_refused_by_its_length(string thing)
    {
        var path = temp[NameFor(thing)];
        Node.Long(path);
        Refused(thing, path, 3, $"{Node.Sparse} bytes, the limit is ");
    }

    // As root every file can be read; a name below a file cannot be there for anybody.
    [Theory]
    [MemberData(nameof(Files))]
    public void What_cannot_be_read_is_exit_6(string thing)
    {
        if (NamedThings.All[thing] == Named.State)
        {
            return; // absent is where a state begins; OutputTests has the case where it cannot be written
        }

        File.WriteAllText(temp["file"], "");
        Refused(thing, temp[$"file/{NameFor(thing)}"], 6, "");
        if (!Environment.IsPrivilegedProcess)
        {
            var path = temp[NameFor(thing)];
            File.WriteAllText(path, "x");
            File.SetUnixFileMode(path, UnixFileMode.None);
            Refused(thing, path, 6, "permission denied");
        }
    }

    [Theory]
    [InlineData("*.tar.gz")]
    [InlineData("*.manifest.json")]
    [InlineData("*.manifest.json.sig")]
    [InlineData("release.pub.pem")]
    [InlineData("provenance/*.intoto.json")]
    public void A_fifo_in_a_release_is_no_file_of_it(string pattern)
    {
        Copy(sample.Release, temp["release"]);
        var path = Directory.GetFiles(Path.GetDirectoryName(temp[$"release/{pattern}"])!, Path.GetFileName(pattern))
            .Order(StringComparer.Ordinal).First();
        File.Delete(path);
        Node.Fifo(path);
        Assert.Contains(Ended(["audit", temp["release"], "--key", sample.Key, "--policy", "sample"]).Code, (int[])[3, 4]);
    }

    [Fact]
    public void A_signature_that_is_no_file_is_not_the_same_as_none()
    {
        File.Copy(sample.Tar, temp["x.tar.gz"]);
        string[] audit = ["audit", temp["x.tar.gz"], "--key", sample.Key, "--policy", "sample"];
        Ended(audit).Ends(0);
        Directory.CreateDirectory(temp["x.tar.gz.sig"]);
        Assert.Contains("x.tar.gz.sig: is not a regular file", Ended(audit).Ends(3).Errors, StringComparison.Ordinal);
        Directory.Delete(temp["x.tar.gz.sig"]);
        Node.Fifo(temp["x.tar.gz.sig"]);
        Assert.Contains("x.tar.gz.sig: is not a regular file", Ended(audit).Ends(3).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inventory_may_come_from_a_process()
    {
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        await pipe.WriteAsync(await File.ReadAllBytesAsync(sample.Hosts));
        var descriptor = pipe.GetClientHandleAsString();
        var run = Task.Run(() => Run.Tdxrel(sample.Line("tdxrel plan --inventory", $"/dev/fd/{descriptor}")));
        pipe.Dispose();
        Assert.Contains("\"host\":\"node1\"", (await run.WaitAsync(TimeSpan.FromMinutes(2))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_never_followed_by_the_reader()
    {
        File.WriteAllText(temp["file"], "x");
        File.CreateSymbolicLink(temp["link"], temp["file"]);
        var e = Assert.Throws<TdxException>(() => InputFile.Read(temp["link"], 10));
        Assert.Equal((ExitCode.BadInput, $"{temp["link"]}: is a symbolic link"), (e.Code, e.Message));
    }

    private void Refused(string thing, string path, int code, string message)
    {
        var run = Ended(sample.Line(thing, path));
        Assert.True(run.Code == code, $"{thing} {path}: exit {run.Code}, want {code}\n{run.Errors}");
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
    }

    // A hang is a failure of its own, with the line that hangs.
    private static Run Ended(string[] line)
    {
        var run = Task.Run(() => Run.Tdxrel(line));
        Assert.True(Task.WaitAny([run], TimeSpan.FromMinutes(2)) == 0, $"hangs: {string.Join(' ', line)}");
        return run.Result;
    }

    // Some names decide what a thing is taken for.
    private static string NameFor(string thing) => thing.Split(' ')[^1] switch
    {
        "BUNDLE" or "--values" or "SUBJECT" or "A" or "B" or "--modules" or "--history" => "x.tar.gz",
        _ => "x",
    };

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
