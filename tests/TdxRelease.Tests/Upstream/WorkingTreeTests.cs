using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

/// <summary>A git working tree that is clean at a commit is that commit; whatever stands in its .git runs nothing.</summary>
public sealed class WorkingTreeTests : IDisposable
{
    private const string Remote = "https://github.com/intel/example";
    private readonly TempFolder temp = new();

    private string Clone => temp["clone"];

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task A_clean_tree_is_its_commit_with_tree_date_and_the_remotes_URL()
    {
        var commit = Create();
        var want = new Origin(Origin.Git, Remote, commit, SmallUpstream.Git(Clone, "rev-parse", "HEAD^{tree}").Trim(),
            new DateOnly(2026, 2, 10));
        Assert.Equal(want, (await OpenAsync()).Origin);
        SmallUpstream.Git(Clone, "remote", "set-url", "origin", "https://user:secret@github.com/intel/example");
        SmallUpstream.Git(Clone, "gc", "--quiet");
        SmallUpstream.Git(Clone, "pack-refs", "--all");
        Assert.Equal(want, (await OpenAsync()).Origin);
        SmallUpstream.Git(Clone, "checkout", "--quiet", "--detach");
        var snapshot = await OpenAsync();
        Assert.Equal(want, snapshot.Origin);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        File.AppendAllText($"{Clone}/README.md", "scripts and documents are not data");
        Assert.Equal(want, (await OpenAsync()).Origin);

        // A file that changes after it was held against the commit is not read.
        File.WriteAllText($"{Clone}/LICENSE", "scriptz\n");
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => snapshot.Read("LICENSE")).Code);
    }

    [Theory]
    [InlineData(".git", "gitdir: a\0b")]
    [InlineData(".git/commondir", "a\0b")]
    public async Task A_path_with_a_NUL_leads_nowhere(string file, string content)
    {
        Directory.CreateDirectory(file == ".git" ? Clone : $"{Clone}/.git");
        File.WriteAllText($"{Clone}/{file}", content);
        var error = await Assert.ThrowsAsync<TdxException>(() => OpenAsync());
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains("is not a path", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("git@github.com:intel/example.git", "ssh://git@github.com/intel/example.git")]
    [InlineData("/srv/mirror/example", null)]
    [InlineData("file:///srv/mirror", null)]
    public async Task Only_addresses_that_mean_something_elsewhere_are_taken_from_the_remote(string remote, string? want)
    {
        Create();
        SmallUpstream.Git(Clone, "remote", "set-url", "origin", remote);
        Assert.Equal(want, (await OpenAsync()).Origin.Url);
    }

    [Fact]
    public async Task The_locks_URL_goes_before_the_remotes_and_the_users_before_both()
    {
        var commit = Create();
        var pin = LockFile.Of(await OpenAsync(), [new("archive", "https://a"), new("git", "https://token@example.org/locked")], "main",
            DateTimeOffset.UnixEpoch, "tdxrel 0");
        Assert.Equal("https://example.org/locked", (await OpenAsync(new WorkingTreeOptions(Lock: pin))).Origin.Url);
        Assert.Equal(Remote, (await OpenAsync(new WorkingTreeOptions(Lock: pin with { Commit = new string('1', 40) }))).Origin.Url);
        Assert.Equal("https://example.org/mine",
            (await OpenAsync(new WorkingTreeOptions(Url: "https://example.org/mine", Lock: pin))).Origin.Url);
        Assert.Equal(commit, pin.Commit);
    }

    [Fact]
    public async Task A_dirty_tree_names_its_files_and_is_marked_where_it_is_allowed()
    {
        var commit = Create();
        SmallUpstream.Git(Clone, "update-index", "--assume-unchanged", "LICENSE");
        File.WriteAllText($"{Clone}/LICENSE", "scriptz\n");
        File.Delete($"{Clone}/BINARIES_LICENSE");
        Directory.CreateDirectory($"{Clone}/joined_files/1.6");
        File.WriteAllText($"{Clone}/joined_files/1.6/tdx_module_1.6.01.blob", "new");
        var error = await Assert.ThrowsAsync<TdxException>(() => OpenAsync());
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Equal(
            $"{Clone}: 3 files differ from commit {commit}\n  BINARIES_LICENSE is missing\n  LICENSE was changed\n"
                + "  joined_files/1.6/tdx_module_1.6.01.blob is not in the commit",
            error.Message);
        Assert.Equal(new Origin(Origin.Git, Remote) { ModifiedFrom = commit },
            (await OpenAsync(new WorkingTreeOptions(AllowDirty: true))).Origin);

        Run.Tdxrel("fetch", "--source", Clone, "--lock", "none", "--out", temp["out"]).Ends(3);
        Run.Tdxrel("fetch", "--source", Clone, "--lock", "none", "--out", temp["out"], "--allow-dirty").Ends(0);
        Assert.Equal(commit, Snapshot.Open(temp["out"]).Origin.ModifiedFrom);
        Assert.Contains("3 files differ", Run.Tdxrel("verify", Clone).Ends(3).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Linked_working_trees_and_sha256_repositories_are_read_too()
    {
        var commit = Create();
        SmallUpstream.Git(Clone, "worktree", "add", "--quiet", "--detach", temp["linked"]);
        Assert.Equal(commit, (await new WorkingTree(temp["linked"], new WorkingTreeOptions()).OpenAsync(default)).Origin.Commit);
        Directory.CreateDirectory(temp["new"]);
        SmallUpstream.Git(temp["new"], "init", "--quiet", "--object-format=sha256", "--initial-branch=main");
        SmallUpstream.Write(temp["new"], SmallUpstream.Files());
        var id = SmallUpstream.Commit(temp["new"]);
        Assert.Equal(64, id.Length);
        Assert.Equal(id, (await new WorkingTree(temp["new"], new WorkingTreeOptions()).OpenAsync(default)).Origin.Commit);
    }

    [Fact]
    public async Task Nothing_that_the_repository_names_is_run_and_nothing_of_it_blocks()
    {
        var commit = Create();
        var script = temp["script"];
        File.WriteAllText(script, $"#!/bin/sh\ntouch {temp["ran"]}\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1ED);
        File.WriteAllText($"{Clone}/.gitattributes", "* filter=evil diff=evil\n");
        foreach (var key in (string[])["core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external",
            "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "gpg.program", "uploadpack.packObjectsHook",
            "remote.origin.uploadpack", "remote.origin.vcs"])
        {
            SmallUpstream.Git(Clone, "config", key, script);
        }

        File.AppendAllText($"{Clone}/.git/config",
            "[log]\n\tshowSignature = true\n[core]\n\thooksPath = /tmp\n[extensions]\n\tpartialClone = origin\n");
        var tree = SmallUpstream.Git(Clone, "-c", "core.fsmonitor=false", "rev-parse", "HEAD^{tree}").Trim();
        var blob = SmallUpstream.Git(Clone, "-c", "core.fsmonitor=false", "hash-object", "-w", "--no-filters", script).Trim();
        File.AppendAllText($"{Clone}/.git/config", "[include]\n\tpath = /dev/zero\n");
        Assert.Equal(commit, (await OpenAsync()).Origin.Commit);
        Assert.False(File.Exists(temp["ran"]));

        // A partial clone asks its remote for what it lacks; here that is an error.
        File.Move($"{Clone}/.git/objects/{tree[..2]}/{tree[2..]}", temp["moved"]);
        Assert.Equal(ExitCode.Io, (await Assert.ThrowsAsync<TdxException>(() => OpenAsync())).Code);
        Assert.False(File.Exists(temp["ran"]));

        // An object of another id in its place.
        File.Copy($"{Clone}/.git/objects/{blob[..2]}/{blob[2..]}", $"{Clone}/.git/objects/{tree[..2]}/{tree[2..]}");
        Assert.Equal(ExitCode.Io, (await Assert.ThrowsAsync<TdxException>(() => OpenAsync())).Code);

        File.Delete($"{Clone}/.git/HEAD");
        Node.Fifo($"{Clone}/.git/HEAD");
        Assert.Equal(ExitCode.BadInput, (await Assert.ThrowsAsync<TdxException>(() => OpenAsync())).Code);
    }

    [Theory]
    [InlineData("gitdir: ../elsewhere\n")]
    [InlineData("gitdir: /dev\n")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task A_pointer_that_leads_nowhere_is_one_error(string pointer)
    {
        SmallUpstream.Write(Clone, SmallUpstream.Files());
        File.WriteAllText($"{Clone}/.git", pointer);
        Assert.Equal(ExitCode.BadInput, (await Assert.ThrowsAsync<TdxException>(() => OpenAsync())).Code);
    }

    [Fact]
    public async Task A_pointer_to_another_repository_makes_the_files_differ()
    {
        Create();
        SmallUpstream.Write(temp["copy"], SmallUpstream.Files());
        File.WriteAllText(temp["copy/LICENSE"], "other");
        File.WriteAllText(temp["copy/.git"], $"gitdir: {Clone}/.git\n");
        var error = await Assert.ThrowsAsync<TdxException>(() => new WorkingTree(temp["copy"], new WorkingTreeOptions())
            .OpenAsync(default));
        Assert.Contains("LICENSE was changed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ref: refs/heads/none\n")]
    [InlineData("ref: refs/../../x\n")]
    [InlineData("ref: refs/heads/loop\n")]
    [InlineData("\u001b[31m\n")]
    public async Task A_HEAD_without_a_commit_is_bad_input(string head)
    {
        Create();
        File.WriteAllText($"{Clone}/.git/refs/heads/loop", "ref: refs/heads/loop\n");
        File.WriteAllText($"{Clone}/.git/HEAD", head);
        Assert.Equal(ExitCode.BadInput, (await Assert.ThrowsAsync<TdxException>(() => OpenAsync())).Code);
    }

    [Fact]
    public void A_folder_without_git_stays_a_folder()
    {
        SmallUpstream.Write(Clone, SmallUpstream.Files());
        Assert.False(WorkingTree.Is(Clone));
        Assert.Equal(2, Run.Tdxrel("verify", Clone, "--upstream-url", Remote).Code);
    }

    [Fact]
    public void A_bundle_of_a_clone_has_its_commit_date_and_the_forms_that_fetch()
    {
        Run.Tdxrel("sample", "create", Clone).Ends(0);
        Directory.Delete(Path.Combine(Clone, SnapshotRecord.Folder), recursive: true);
        var commit = SmallUpstream.Commit(Clone, date: "2026-03-04T12:00:00Z");
        SmallUpstream.Git(Clone, "remote", "add", "origin", "https://user:s3cret@github.com/intel/example.git");
        File.WriteAllText(temp["key.pem"], TdxRelease.Samples.SampleKeys.Rsa4096.ExportPkcs8PrivateKeyPem());
        var license = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes($"{Clone}/BINARIES_LICENSE")));
        string[] options = ["--policy", "sample", "--signing-key", temp["key.pem"], "--accept-license", license, "--formats",
            "tar,sources"];
        Run.Tdxrel(["bundle", Clone, .. options, "--out", temp["out"]]).Ends(0);
        Assert.Contains($"\"source\":{{\"commit\":\"{commit}\",\"tree\":\"",
            File.ReadAllText(temp["out/tdx-module-20260304.manifest.json"]), StringComparison.Ordinal);
        Assert.True(Directory.Exists(temp["out/sources/nix-fetch"]));
        Assert.Contains($"https://github.com/intel/example/raw/{commit}",
            File.ReadAllText(Directory.GetFiles(temp["out/sources/nix-fetch"], "package.nix").Single()), StringComparison.Ordinal);

        File.AppendAllText($"{Clone}/LICENSE", "changed");
        Assert.Contains("LICENSE was changed", Run.Tdxrel(["bundle", Clone, .. options, "--out", temp["none"]]).Ends(3).Errors,
            StringComparison.Ordinal);
        Run.Tdxrel(["bundle", Clone, .. options, "--out", temp["dirty"], "--allow-dirty"]).Ends(0);
        var manifest = File.ReadAllText(Directory.GetFiles(temp["dirty"], "*.manifest.json").Single());
        Assert.Contains($"\"source\":{{\"modifiedFrom\":\"{commit}\",\"url\":\"https://github.com/intel/example.git\"}}", manifest,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp["dirty/sources/nix-fetch"]));
    }

    private string Create()
    {
        SmallUpstream.Write(Clone, SmallUpstream.Files());
        var commit = SmallUpstream.Commit(Clone);
        SmallUpstream.Git(Clone, "remote", "add", "origin", Remote);
        return commit;
    }

    private Task<Snapshot> OpenAsync(WorkingTreeOptions? options = null) =>
        new WorkingTree(Clone, options ?? new WorkingTreeOptions()).OpenAsync(default);
}
