using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Testing;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Acquisition;

/// <summary>What is said of a snapshot and its record, word for word; what is computed where there is no record.</summary>
public sealed class SnapshotMessagesTests : IDisposable
{
    private const string Again = "fetch the snapshot again";
    private static readonly string Ones = new('1', 40);
    private static readonly string Twos = new('2', 40);
    private static readonly Origin Known = new(Origin.Git, "https://example.org/up.git", Ones, Twos, new DateOnly(2026, 2, 10))
    {
        ClaimedCommit = Twos,
        ModifiedFrom = Ones,
    };

    private static readonly SnapshotRecord Record = new(Known, 3, [new("LICENSE", 8, new string('a', 64), Ones, "s")]);

    private readonly TempFolder temp = new();

    private string Folder => temp["in"];

    public void Dispose() => temp.Dispose();

    [Fact]
    public void What_is_no_folder_cannot_be_opened()
    {
        const string Hint =
            "name a directory in upstream's layout: a clone of Intel's repository, or what tdxrel fetch or tdxrel sample create wrote";
        Refused(ExitCode.Io, $"\"{Folder}\": no such directory", Hint, () => Snapshot.Open(Folder));
        File.WriteAllText(Folder, "");
        Refused(ExitCode.Io, $"\"{Folder}\" is not a directory", Hint, () => Snapshot.Open(Folder));
    }

    [Fact]
    public void What_tdxrel_and_git_keep_in_the_root_is_passed_over_and_what_is_not_data_is_counted()
    {
        SmallUpstream.Write(Folder, SmallUpstream.Files());
        foreach (var path in (string[])[".git/config", ".tdxrel-output", ".tdxrel/other", "x/.git", "x/b/.git2"])
        {
            Write(path, "x");
        }

        var snapshot = Snapshot.Open(Folder);
        Assert.Equal((4, SmallUpstream.DataPaths.Length), (snapshot.Ignored, snapshot.Files.Count));
        Assert.True(snapshot.Contains("LICENSE"));
        Assert.False(snapshot.Contains("README.md"));
    }

    [Fact]
    public void A_plain_folder_gets_the_record_that_its_bytes_give()
    {
        SmallUpstream.Write(Folder, SmallUpstream.Files());
        var record = Snapshot.Open(Folder).ToRecord();
        Assert.Equal((new Origin(Origin.Folder), 2), (record.Origin, record.Ignored));
        Assert.Equal(new SnapshotFile("LICENSE", 8, Hex.Sha256("scripts\n"u8), Hex.GitBlob("scripts\n"u8)),
            record.Files.Single(f => f.Path == "LICENSE"));
        Assert.All(Snapshot.Open(Folder).Files, file => Assert.Null(file.Sha256));
    }

    [Fact]
    public void A_record_is_written_key_by_key_and_read_back()
    {
        Assert.Equal($$"""
            {
              "format": "tdxrel-snapshot/1",
              "origin": {
                "kind": "git",
                "url": "https://example.org/up.git",
                "commit": "{{Ones}}",
                "tree": "{{Twos}}",
                "date": "2026-02-10",
                "claimedCommit": "{{Twos}}",
                "modifiedFrom": "{{Ones}}"
              },
              "ignored": 3,
              "files": [
                {
                  "path": "LICENSE",
                  "length": 8,
                  "sha256": "{{new string('a', 64)}}",
                  "gitBlob": "{{Ones}}",
                  "source": "s"
                }
              ]
            }

            """, Encoding.UTF8.GetString(Record.ToJson()));
        var again = SnapshotRecord.Parse(Record.ToJson(), "r");
        Assert.Equal((Record.Origin, Record.Ignored), (again.Origin, again.Ignored));
        Assert.Equal(Record.Files, again.Files);
    }

    [Theory]
    [InlineData("\"path\": \"LICENSE\"", "\"path\": \"README.md\"", "r:15:15: got \"README.md\", want a data file's path")]
    [InlineData("\"path\": \"LICENSE\"", "\"path\": \"../LICENSE\"", "r:15:15: got \"../LICENSE\", want a data file's path")]
    [InlineData("\"length\": 8", "\"length\": 16777216", null)]
    [InlineData("\"length\": 8", "\"length\": 16777217", "r:16:17: got 16777217, want a whole number from 0 to 16777216")]
    [InlineData("\"ignored\": 3", "\"ignored\": 100000", null)]
    [InlineData("\"ignored\": 3", "\"ignored\": 100001", "r:12:14: got 100001, want a whole number from 0 to 100000")]
    [InlineData("\"sha256\": \"a", "\"sha256\": \"", "r:17:17: got \"{a}\", want 64 lower-case hex digits")]
    [InlineData("\"source\": \"s\"", "\"source\": 1", "r:19:17: got a number, want a string")]
    [InlineData("\"source\": \"s\"", "\"sources\": \"s\"", "r:19:18: unknown key \"sources\"")]
    [InlineData("\"kind\": \"git\"", "\"kinds\": \"git\"", "r:4:14: unknown key \"kinds\"")]
    [InlineData("\"date\": \"2026", "\"date\": \"26", "r:8:13: got \"26-02-10\", want a date of the form 2026-02-10")]
    public void What_a_record_gets_wrong(string from, string to, string? want)
    {
        var text = Encoding.UTF8.GetString(Record.ToJson());
        Assert.Contains(from, text, StringComparison.Ordinal);
        Says(want?.Replace("{a}", new string('a', 63)), () => SnapshotRecord.Parse(Encoding.UTF8.GetBytes(text.Replace(from, to)), "r"));
    }

    [Fact]
    public void Files_of_a_record_are_in_order_and_come_once()
    {
        SnapshotRecord Of(params string[] paths) => new(Known, 0, [.. paths.Select(p => new SnapshotFile(p, 1, new string('a', 64)))]);
        Says("r:19:5: path \"LICENSE\" is not after \"LICENSE\"", () => SnapshotRecord.Parse(Of("LICENSE", "LICENSE").ToJson(), "r"));
        Says("r:19:5: path \"BINARIES_LICENSE\" is not after \"LICENSE\"",
            () => SnapshotRecord.Parse(Of("LICENSE", "BINARIES_LICENSE").ToJson(), "r"));
        Assert.Equal(2, SnapshotRecord.Parse(Of("BINARIES_LICENSE", "LICENSE").ToJson(), "r").Files.Count);
    }

    [Fact]
    public void A_folder_with_a_record_is_held_to_it()
    {
        Fetch();
        Assert.Equal(3, Snapshot.Open(Folder).Ignored);
        var buffer = Array.Empty<byte>();
        Write("LICENSE", "Scripts\n");
        var changed = Snapshot.Open(Folder);
        foreach (var read in (Action[])[() => changed.Read("LICENSE"), () => changed.ReadInto("LICENSE", ref buffer)])
        {
            Refused(ExitCode.VerificationFailed, $"LICENSE: sha256 {Hex.Sha256("Scripts\n"u8)}, the snapshot's record says "
                + Hex.Sha256("scripts\n"u8), Again, read);
        }

        Write("LICENSE", "scripts");
        Refused(ExitCode.VerificationFailed, $"{Folder}: \"LICENSE\" has 7 bytes, the snapshot's record says 8", Again,
            () => Snapshot.Open(Folder));
        File.Delete(temp["in/LICENSE"]);
        Refused(ExitCode.VerificationFailed, $"{Folder}: \"LICENSE\" is missing", Again, () => Snapshot.Open(Folder));
        Write("LICENSE", "scripts\n");
        Write("joined_files/1.5/tdx_module_1.5.02.blob", "x");
        Refused(ExitCode.VerificationFailed,
            $"{Folder}: \"joined_files/1.5/tdx_module_1.5.02.blob\" is not in the snapshot's record", Again,
            () => Snapshot.Open(Folder));
    }

    [Fact]
    public void A_file_is_read_by_its_path_alone_and_never_as_a_pointer()
    {
        SmallUpstream.Write(Folder, SmallUpstream.Files());
        var snapshot = Snapshot.Open(Folder);
        var buffer = Array.Empty<byte>();
        Assert.Equal("scripts\n"u8, snapshot.Read("LICENSE"));
        Assert.Equal("scripts\n"u8, snapshot.ReadInto("LICENSE", ref buffer).Span);
        Says($"{Folder}: \"README.md\" is missing", () => snapshot.Read("README.md"));
        Says($"{Folder}: \"README.md\" is missing", () => snapshot.ReadInto("README.md", ref buffer));
        var blob = SmallUpstream.DataPaths.First(p => p.EndsWith(".blob", StringComparison.Ordinal));
        Write(blob, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
        Assert.Contains("is a git LFS pointer", Assert.Throws<TdxException>(() => snapshot.Read(blob)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_origin_that_becomes_known_is_recorded()
    {
        Fetch();
        var snapshot = Snapshot.Open(Folder).RecordOrigin(Known);
        Assert.Equal(Known, snapshot.Origin);
        Assert.Equal((Known, 3), (Snapshot.Open(Folder).Origin, Snapshot.Open(Folder).Ignored));
        Assert.Equal(Folder, snapshot.WithOrigin(new Origin(Origin.Archive)).Folder);
        Fetch(ignored: 4); // still a folder that tdxrel knows as its own
        Assert.Equal(4, Snapshot.Open(Folder).Ignored);
    }

    [Fact]
    public void The_record_of_a_fetched_folder_is_what_was_fetched()
    {
        Fetch();
        var snapshot = Snapshot.Open(Folder);
        File.Delete(temp["in/LICENSE"]);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.ToRecord().Files.Select(f => f.Path));
    }

    [Fact]
    public void What_a_lock_proves_of_an_origin_replaces_what_was_claimed()
    {
        var pin = new LockFile([new("git", "x")], "main", Twos, Ones, new DateOnly(2026, 1, 1), "1.0", new string('0', 64),
            DateTimeOffset.UnixEpoch, "t", []);
        Assert.Equal(new Origin(Origin.Git, Known.Url, Twos, Twos, new DateOnly(2026, 2, 10)), Known.ProvenBy(pin));
        Assert.Equal(new Origin(Origin.Archive, null, Twos, Ones, new DateOnly(2026, 1, 1)), new Origin(Origin.Archive).ProvenBy(pin));
        Assert.Equal("https://example.org/", new Origin(Origin.Git, "https://a:b@example.org/").Url);
        Assert.Equal("https://example.org/", (Known with { Url = "https://a:b@example.org/" }).Url);
    }

    [Fact]
    public void A_snapshot_that_is_the_same_to_the_last_byte_stays_where_it_is()
    {
        ulong Inode() => FileStat.Of(Folder)!.Value.Inode;
        Fetch();
        var first = Inode();
        Fetch();
        Assert.Equal(first, Inode());
        Fetch(ignored: 4);
        Assert.NotEqual(first, Inode());

        using var writer = Writer();
        Assert.Equal(SmallUpstream.DataPaths.Length, writer.Count);
        var last = temp[$"in/{SmallUpstream.DataPaths[^1]}"];
        File.WriteAllBytes(last, new byte[new FileInfo(last).Length]);
        var error = Assert.Throws<TdxException>(() => writer.Commit(Known, 4));
        Assert.Contains($"has changed \"{SmallUpstream.DataPaths[^1]}\"", error.Message, StringComparison.Ordinal);
    }

    private void Fetch(int ignored = 3)
    {
        using var writer = Writer();
        writer.Commit(Known, ignored);
    }

    private SnapshotWriter Writer()
    {
        var writer = new SnapshotWriter(Folder, null);
        foreach (var path in SmallUpstream.DataPaths)
        {
            writer.Add(path, SmallUpstream.Files()[path], "s");
        }

        return writer;
    }

    private void Write(string path, string text) => SmallUpstream.Write(Folder, [new(path, Encoding.UTF8.GetBytes(text))]);
}
