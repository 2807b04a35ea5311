using System.Formats.Tar;
using System.IO.Compression;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

/// <summary>A commit is a fact where git or the lock proved it, and a claim elsewhere.</summary>
public sealed class OriginTests : IDisposable
{
    private const string Claimed = "7a162249f23884b74b13fddff6c85b80e2249589";
    private static readonly DateTimeOffset Time = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task What_an_archive_says_of_itself_is_recorded_as_a_claim_and_never_reaches_the_cache_as_a_commit(string format)
    {
        Pack(temp["up"], SmallUpstream.Files(), format);
        var cache = new ContentCache(temp["cache"]);
        var snapshot = await new ArchiveSource(temp["up"]).FetchAsync(new FetchContext(temp["out"], cache), default);
        Assert.Equal(new Origin(Origin.Archive, temp["up"]) { ClaimedCommit = Claimed }, snapshot.Origin);
        Assert.Contains($"\"claimedCommit\": \"{Claimed}\"", File.ReadAllText(Path.Combine(temp["out"], SnapshotRecord.Path)),
            StringComparison.Ordinal);
        Assert.Equal(snapshot.Origin, Snapshot.Open(temp["out"]).Origin);
        Assert.Null(cache.TryReadCommit(Claimed));

        var error = Assert.Throws<TdxException>(() =>
            LockFile.Of(snapshot, [new("git", "https://example.org/x")], "main", Time, "tdxrel 0"));
        Assert.Contains("--ref COMMIT", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_holds_the_bytes_proves_its_commit_for_an_archive()
    {
        Pack(temp["up.zip"], SmallUpstream.Files(), "zip");
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var pin = LockFile.Of(Snapshot.Open(temp["in"]), [new("archive", "https://example.org/{commit}.zip")], "main", Time, "tdxrel 0",
            new Origin("git", null, Claimed, null, new DateOnly(2026, 2, 10)));
        var context = new FetchContext(temp["out"], new ContentCache(temp["cache"]));
        var snapshot = await new LockedFetch(pin, _ => new ArchiveSource(temp["up.zip"])).RunAsync(context, offline: false, default);
        Assert.Equal(new Origin(Origin.Archive, temp["up.zip"], Claimed, null, new DateOnly(2026, 2, 10)), snapshot.Origin);
        Assert.Equal(snapshot.Origin, Snapshot.Open(temp["out"]).Origin);
    }

    [Fact]
    public async Task A_cache_hit_says_where_the_bytes_came_from_when_they_were_fetched()
    {
        SmallUpstream.Write(temp["repo"], SmallUpstream.Files());
        SmallUpstream.Commit(temp["repo"]);
        var cache = new ContentCache(temp["cache"]);
        var first = await new GitSource(temp["repo"]).FetchAsync(new FetchContext(temp["first"], cache), default);
        var pin = LockFile.Of(first, [new("git", "https://user:secret@169.254.169.254/evil")], "main", Time, "tdxrel 0");
        var hit = await new LockedFetch(pin, new SourceFactory(new DownloadOptions()))
            .RunAsync(new FetchContext(temp["out"], cache), offline: true, default);
        Assert.Equal(first.Origin, hit.Origin);
        Assert.DoesNotContain("169.254", File.ReadAllText(Path.Combine(temp["out"], SnapshotRecord.Path)), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(temp["cache"], "commits"), recursive: true);
        var unknown = await new LockedFetch(pin, new SourceFactory(new DownloadOptions()))
            .RunAsync(new FetchContext(temp["again"], new ContentCache(temp["cache"])), offline: true, default);
        Assert.Equal(new Origin(Origin.Folder, null, first.Origin.Commit, first.Origin.Tree, first.Origin.Date), unknown.Origin);
    }

    [Fact]
    public void Credentials_of_a_lock_reach_no_output_and_no_record()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var pin = LockFile.Of(Snapshot.Open(temp["in"]), [new("git", "https://user:s3cret@example.org/x")], "main", Time, "tdxrel 0",
            new Origin("git", null, Claimed));
        File.WriteAllBytes(temp["lock"], pin.ToJson());
        foreach (var json in (string[][])[[], ["--json"]])
        {
            var run = Run.Tdxrel(["fetch", "--source", temp["in"], "--lock", temp["lock"], "--out", temp["out"], .. json]).Ends(0);
            Assert.DoesNotContain("s3cret", run.Output + run.Errors, StringComparison.Ordinal);
            Assert.Contains("https://example.org/x", run.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("s3cret", File.ReadAllText(Path.Combine(temp["out"], SnapshotRecord.Path)), StringComparison.Ordinal);
        Assert.Contains($"\"commit\": \"{Claimed}\"", File.ReadAllText(Path.Combine(temp["out"], SnapshotRecord.Path)),
            StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret",
            Run.Tdxrel("fetch", "--source", "nowhere://user:s3cret@x y", "--lock", "none", "--out", temp["none"])
            .Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_of_an_archive_states_the_claim_as_a_claim()
    {
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        var files = Directory.GetFiles(temp["sample"], "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains(SnapshotRecord.Folder, StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(temp["sample"], path), File.ReadAllBytes);
        files["LICENSE"] = "altered\n"u8.ToArray();
        Pack(temp["up.zip"], files, "zip");
        Run.Tdxrel("fetch", "--source", temp["up.zip"], "--lock", "none", "--out", temp["snapshot"]).Ends(0);
        File.WriteAllText(temp["key.pem"], TdxRelease.Samples.SampleKeys.Rsa4096.ExportPkcs8PrivateKeyPem());
        var license = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(files["BINARIES_LICENSE"]));
        Run.Tdxrel("bundle", temp["snapshot"], "--policy", "sample", "--signing-key", temp["key.pem"], "--accept-license", license,
            "--formats", "tar", "--out", temp["out"]).Ends(0);

        var manifest = File.ReadAllText(Directory.GetFiles(temp["out"], "*.manifest.json").Single());
        Assert.Contains($"\"source\":{{\"claimedCommit\":\"{Claimed}\",\"url\":", manifest, StringComparison.Ordinal);
        var envelope = System.Text.Json.Nodes.JsonNode.Parse(
            File.ReadAllText(Directory.GetFiles(temp["out/provenance"], "*.intoto.json").Single()))!;
        var statement = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(envelope["payload"]!.GetValue<string>()));
        Assert.DoesNotContain("gitCommit", statement, StringComparison.Ordinal);
        Assert.Contains($"{{\"annotations\":{{\"claimedCommit\":\"{Claimed}\"}},\"name\":\"upstream\"", statement,
            StringComparison.Ordinal);
        var sboms = string.Concat(Directory.GetFiles(temp["out/sbom"]).Select(File.ReadAllText));
        Assert.DoesNotContain("pedigree", sboms, StringComparison.Ordinal);
        Assert.Contains($"claimed-commit {Claimed}", sboms, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp["out/sources/nix-fetch"]));

        File.WriteAllText(temp["key.pub.pem"], TdxRelease.Samples.SampleKeys.Rsa4096.ExportSubjectPublicKeyInfoPem());

        // The sample's modules are dated in the future, which is all that the audit has to say.
        var audit = Run.Tdxrel("audit", temp["out"], "--key", temp["key.pub.pem"], "--policy", "sample").Ends(4);
        Assert.All(audit.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("MAN-006|PRV-010", line));
    }

    private static void Pack(string target, IEnumerable<KeyValuePair<string, byte[]>> files, string format)
    {
        if (format == "zip")
        {
            using var zip = ZipFile.Open(target, ZipArchiveMode.Create);
            zip.Comment = Claimed;
            foreach (var (path, content) in files)
            {
                using var entry = zip.CreateEntry(path).Open();
                entry.Write(content);
            }

            return;
        }

        using var tar = new TarWriter(File.Create(target));
        tar.WriteEntry(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = Claimed }));
        foreach (var (path, content) in files)
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
        }
    }
}
