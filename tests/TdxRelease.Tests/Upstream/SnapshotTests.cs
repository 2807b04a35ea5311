using System.Diagnostics;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

public sealed partial class SnapshotTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("mapping_file.json", DataFileKind.Mapping)]
    [InlineData("BINARIES_LICENSE", DataFileKind.BinariesLicense)]
    [InlineData("LICENSE", DataFileKind.License)]
    [InlineData("joined_files/1.5/tdx_module_1.5.05.blob", DataFileKind.Blob)]
    [InlineData("separate_files/2.0/2.0.08/tdx_module_2.0.08.bin", DataFileKind.Bin)]
    [InlineData("separate_files/2.0/2.0.08/tdx_module_2.0.08.sigstruct", DataFileKind.Sigstruct)]
    [InlineData("joined_files/1.5/tdx_module_2.0.05.blob", null)]
    [InlineData("separate_files/2.0/2.0.08/tdx_module_2.0.05.bin", null)]
    [InlineData("separate_files/2.0/2.0.08/tdx_module_2.0.08.bin.sig", null)]
    [InlineData("joined_files/1.5/tdx_module_1.5.05.blob\n", null)]
    [InlineData("joined_files/1./tdx_module_1..5.blob", null)]
    [InlineData("x/mapping_file.json", null)]
    [InlineData("blob_join.sh", null)]
    public void Data_is_upstreams_layout_and_nothing_else(string path, DataFileKind? kind) => Assert.Equal(kind, DataFiles.KindOf(path));

    [Fact]
    public void Paths_near_a_modules_are_read_as_the_pattern_of_the_layout_reads_them()
    {
        string[] parts = ["joined_files", "separate_files", "/", "1.5", "1.5.05", "11111.22222.33333", "1.5.123456", "1..5", ".",
            "tdx_module_", ".blob", ".bin", ".sigstruct", "\u0661.5.05", "\n", "x"];
        string[] good = ["joined_files/1.5/tdx_module_1.5.05.blob", "separate_files/1.5/1.5.05/tdx_module_1.5.05.bin",
            "separate_files/11111.22222/11111.22222.33333/tdx_module_11111.22222.33333.sigstruct"];
        var random = new Random(5);
        var taken = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var path = good[random.Next(good.Length)];
            if (i % 4 == 0)
            {
                path = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]));
            }
            else if (i % 4 < 3)
            {
                var at = random.Next(path.Length);
                path = path[..at] + parts[random.Next(parts.Length)] + path[Math.Min(path.Length, at + random.Next(6))..];
            }

            var match = Layout().Match(path);
            Assert.Equal(match.Success ? match.Groups["version"].Value : null, DataFiles.VersionOf(path));
            Assert.Equal(match.Success, DataFiles.KindOf(path) is not null);
            taken += match.Success ? 1 : 0;
        }

        Assert.InRange(taken, 5_000, 10_000);
    }

    [GeneratedRegex(@"^(?:joined_files/(?<line>[0-9]{1,5}\.[0-9]{1,5})/tdx_module_(?<version>\k<line>\.[0-9]{1,5})\.blob"
        + @"|separate_files/(?<line>[0-9]{1,5}\.[0-9]{1,5})/(?<version>\k<line>\.[0-9]{1,5})"
        + @"/tdx_module_\k<version>\.(?:bin|sigstruct))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Layout();

    [Fact]
    public void A_plain_folder_opens_with_its_data_files_sorted()
    {
        SmallUpstream.Write(temp.Path, SmallUpstream.Files());
        var snapshot = Snapshot.Open(temp.Path);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        Assert.Equal(2, snapshot.Ignored);
        Assert.Equal(new Origin("folder"), snapshot.Origin);
        Assert.Equal(SmallUpstream.Bytes(2, 4096), snapshot.Read("separate_files/1.5/1.5.01/tdx_module_1.5.01.bin"));
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => snapshot.Read("joined_files/1.5/tdx_module_1.5.99.blob")).Code);
    }

    [Fact]
    public async Task A_fetched_folder_is_held_to_its_record()
    {
        var snapshot = await FetchAsync();
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        Assert.All(snapshot.Files, file => Assert.Equal(64, file.Sha256!.Length));
        Assert.False(File.Exists(temp["out/README.md"]));
        var again = SnapshotRecord.Parse(File.ReadAllBytes(temp["out/.tdxrel/snapshot.json"]), "snapshot.json");
        Assert.Equal(snapshot.ToRecord().ToJson(), again.ToJson());

        File.WriteAllBytes(temp["out/LICENSE"], "Scripts\n"u8);
        var error = Assert.Throws<TdxException>(() => Snapshot.Open(temp["out"]).Read("LICENSE"));
        Assert.Equal(ExitCode.VerificationFailed, error.Code);
        Assert.StartsWith("LICENSE: sha256 ", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(temp["out/LICENSE"], "longer scripts\n"u8);
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => Snapshot.Open(temp["out"])).Code);
        File.Delete(temp["out/LICENSE"]);
        Assert.Contains("\"LICENSE\" is missing", Assert.Throws<TdxException>(() => Snapshot.Open(temp["out"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_fetch_leaves_an_equal_snapshot_alone_and_a_changed_one_too()
    {
        var good = (await FetchAsync()).Read("LICENSE");
        var first = File.GetLastWriteTimeUtc(temp["out/LICENSE"]);
        await FetchAsync();
        Assert.Equal(first, File.GetLastWriteTimeUtc(temp["out/LICENSE"]));

        var bad = (byte[])good.Clone();
        bad[0] ^= 1;
        File.WriteAllBytes(temp["out/LICENSE"], bad);
        Assert.Contains("has changed \"LICENSE\"", (await Assert.ThrowsAsync<TdxException>(() => FetchAsync())).Message,
            StringComparison.Ordinal);
        Assert.Equal(bad, File.ReadAllBytes(temp["out/LICENSE"]));
        Directory.Delete(temp["out"], recursive: true);
        Assert.Equal(good, (await FetchAsync()).Read("LICENSE"));
    }

    [Fact]
    public async Task An_extra_file_in_a_fetched_folder_is_noticed()
    {
        await FetchAsync();
        Directory.CreateDirectory(temp["out/joined_files/2.0"]);
        File.WriteAllBytes(temp["out/joined_files/2.0/tdx_module_2.0.99.blob"], [1]);
        Assert.Contains("is not in the snapshot's record", Assert.Throws<TdxException>(() => Snapshot.Open(temp["out"])).Message,
            StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BadFolders => new()
    {
        { "ln -s LICENSE link", "\"link\" is a symbolic link" },
        { "rm LICENSE; ln -s /etc/passwd LICENSE", "\"LICENSE\" is a symbolic link" },
        { "mv joined_files j; ln -s j joined_files", "\"joined_files\" is a symbolic link" },
        { "touch $'a\\nb'", "\"a\\x0ab\" is not a safe relative path" },
        { "touch 'a\\b'", "\"a\\b\" is not a safe relative path" },
        { "touch license", "differ only in case" },
        { "mkdir Joined_files; touch Joined_files/x", "differ only in case" },
        { "rm LICENSE; mkdir LICENSE", "\"LICENSE\" is a directory, want a file" },
        { "rm LICENSE; mkfifo LICENSE", "\"LICENSE\" is not a regular file" },
        { "truncate -s 16777217 LICENSE", "\"LICENSE\" has 16777217 bytes, the limit is 16777216" },
        { "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:00\\nsize 1\\n' > joined_files/1.5/tdx_module_1.5.01.blob",
            "is a git LFS pointer" },
    };

    [Theory]
    [MemberData(nameof(BadFolders))]
    public async Task What_no_upstream_has_is_one_clear_error_and_no_output(string change, string message)
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        await ShellAsync(change);
        var error = await Assert.ThrowsAsync<TdxException>(() => new FolderSource(temp["in"])
            .FetchAsync(new FetchContext(temp["out"]), default));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal([temp["in"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_refused()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        await ShellAsync("touch $'\\xff'");
        var error = await Assert.ThrowsAsync<TdxException>(() => new FolderSource(temp["in"])
            .FetchAsync(new FetchContext(temp["out"]), default));
        await ShellAsync("rm $'\\xff'"); // .NET itself cannot name it
        Assert.EndsWith("name is not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_changes_while_it_is_read_is_refused()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var progress = new Actor(() => File.AppendAllText(temp["in/BINARIES_LICENSE"], "more"));
        var context = new FetchContext(temp["out"], null, progress, new FetchLimits());
        var error = await Assert.ThrowsAsync<TdxException>(() => new FolderSource(temp["in"]).FetchAsync(context, default));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.EndsWith("\"BINARIES_LICENSE\" changed while the directory was read", error.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(temp["out"]));
    }

    [Fact]
    public async Task A_file_that_appears_while_the_folder_is_read_is_refused()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var progress = new Actor(() => File.WriteAllText(temp["in/joined_files/1.5/tdx_module_1.5.02.blob"], "new"));
        var context = new FetchContext(temp["out"], null, progress, new FetchLimits());
        var error = await Assert.ThrowsAsync<TdxException>(() => new FolderSource(temp["in"]).FetchAsync(context, default));
        Assert.EndsWith("changed while the directory was read", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"format":"tdxrel-snapshot/1","origin":{"kind":"git"},"ignored":0,"files":[],"x":1}""", ":1:82: unknown key \"x\"")]
    [InlineData("""{"format":"tdxrel-snapshot/2","origin":{"kind":"git"},"ignored":0,"files":[]}""",
        ":1:11: got \"tdxrel-snapshot/2\", want \"tdxrel-snapshot/1\"")]
    [InlineData("""{"format":"tdxrel-snapshot/1","format":"tdxrel-snapshot/1","origin":{"kind":"git"},"ignored":0,"files":[]}""",
        ":1:31: key \"format\" appears twice")]
    [InlineData("""{"format":"tdxrel-snapshot/1","origin":{"kind":"git","commit":"main"},"ignored":0,"files":[]}""",
        "want 40 or 64 lower-case hex digits")]
    [InlineData("""{"format":"tdxrel-snapshot/1","origin":{"kind":"git"},"ignored":0,"files":[{"path":"../x","length":1,"sha256":"00"}]}""",
        "got \"../x\", want a data file's path")]
    [InlineData("""{"format":"tdxrel-snapshot/1","origin":{"kind":"git"},"ignored":0,"files":[]} x""", "is not valid JSON")]
    [InlineData("""{"format":"tdxrel-snapshot/1","origin":{"kind":"git"},"ignored":0.5,"files":[]}""",
        "got 0.5, want a whole number from 0 to 100000")]
    public void A_bad_record_names_the_place(string json, string message)
    {
        var error = Assert.Throws<TdxException>(() => SnapshotRecord.Parse(System.Text.Encoding.UTF8.GetBytes(json), "s.json"));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.StartsWith("s.json:1:", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(message, error.Message, StringComparison.Ordinal);
    }

    private async Task ShellAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = temp["in"] })!;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    private async Task<Snapshot> FetchAsync()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        return await new FolderSource(temp["in"]).FetchAsync(new FetchContext(temp["out"]), default);
    }

    private sealed class Actor(Action act) : IProgressSink
    {
        private bool done;

        public void Report(string activity, long done, long? total)
        {
            if (!this.done)
            {
                this.done = true;
                act();
            }
        }

        public void Note(string line)
        {
        }
    }
}
