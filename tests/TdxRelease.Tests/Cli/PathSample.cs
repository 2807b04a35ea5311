using System.Security.Cryptography;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Tests.Cli;

/// <summary>One good input of every kind, made once, and for each command a line that works with them.</summary>
public sealed class PathSample : IDisposable
{
    private const string Commit = "1111111111111111111111111111111111111111";
    private readonly TempFolder temp = new();

    public PathSample()
    {
        var snapshot = SampleStage.Create(temp["snapshot"]);
        License = LicenseGate.HashOf(snapshot);
        var origin = new Origin(Origin.Git, "https://example.invalid/up.git", Commit, Date: new DateOnly(2026, 1, 1));
        File.WriteAllBytes(temp["lock.json"],
            LockFile.Of(snapshot.WithOrigin(origin), [new LockSource(Origin.Git, origin.Url!)], "HEAD", TestRelease.Later, "test")
            .ToJson());
        File.WriteAllText(temp["release.pem"], SampleKeys.Rsa4096.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(temp["release.pub.pem"], SampleKeys.Rsa4096.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(temp["hosts.csv"], "host,cpu,seamldr,running\nnode1,0x806F8,1.5.02,1.5.05\n");
        Run.Tdxrel("bundle", Snapshot, "--policy", "sample", "--accept-license", License, "--signing-key", temp["release.pem"], "--formats",
            "tar", "--out", temp["release"]).Ends(0);
        Tar = Directory.GetFiles(temp["release"], "*.tar.gz").Single();
        Provenance = Directory.GetFiles(temp["release/provenance"], "*.intoto.json").Single();
        File.WriteAllText(Plans, Run.Tdxrel("plan", Snapshot, "--policy", "sample", "--inventory", Hosts).Output);
        Run.Tdxrel("rollout", Plans, "--wave", "100%", "--out", temp["rollout"]).Ends(0);
        Bin = Directory.GetFiles(temp["snapshot"], "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
    }

    internal string Snapshot => temp["snapshot"];

    internal string Release => temp["release"];

    internal string Key => temp["release.pub.pem"];

    internal string PrivateKey => temp["release.pem"];

    internal string Lock => temp["lock.json"];

    internal string Hosts => temp["hosts.csv"];

    internal string Plans => temp["plans.jsonl"];

    internal string License { get; }

    internal string Tar { get; }

    internal string Provenance { get; }

    internal string Bin { get; }

    internal string Sigstruct => Path.ChangeExtension(Bin, ".sigstruct");

    public void Dispose() => temp.Dispose();

    /// <summary>A line that works but for what one option or argument names.</summary>
    /// <param name="thing">A key of <see cref="NamedThings.All"/>.</param>
    /// <param name="path">What it names.</param>
    internal string[] Line(string thing, string path)
    {
        var words = thing.Split(' ');
        var name = words[^1];
        var command = string.Join(' ', words[1..^1]);
        var line = new List<string>(words[1..^1]);
        foreach (var (option, value) in Words(command, name))
        {
            if (option != name && option.StartsWith("--", StringComparison.Ordinal))
            {
                line.AddRange(value is null ? [option] : [option, value]);
            }
            else if (option != name)
            {
                line.Add(value!);
            }
        }

        var given = name.EndsWith("passphrase", StringComparison.Ordinal) ? $"file:{path}" : path;
        line.AddRange(name.StartsWith("--", StringComparison.Ordinal) ? [name, given] : [path]);
        return [.. line];
    }

    private IEnumerable<(string Option, string? Value)> Words(string command, string name) => command switch
    {
        "validate" => [],
        "verify" => [("SNAPSHOT", Snapshot), ("--policy", "sample")],
        "graph" => [("SNAPSHOT", Snapshot), ("--policy", "sample")],
        "plan" => [("SNAPSHOT", Snapshot), ("--policy", "sample"), ("--inventory", Hosts)],
        "rollout" when name is "--values" =>
            [("PLANS", Plans), ("--wave", "100%"), ("--allow-unsigned", null), ("--policy", "sample"), ("--out", temp["rolled"])],
        "rollout" when name is "--key" =>
            [("PLANS", Plans), ("--wave", "100%"), ("--values", Tar), ("--policy", "sample"), ("--out", temp["rolled"])],
        "rollout" => [("PLANS", Plans), ("--wave", "100%"), ("--values", Snapshot), ("--policy", "sample"), ("--out", temp["rolled"])],
        "wave" => [("ROLLOUT", Path.Combine(temp["rollout"], "rollout.json")), ("--state", temp["none.jsonl"])],
        "image join" => [("--bin", Bin), ("--sigstruct", Sigstruct), ("--out", temp["joined.blob"])],
        "image inspect" => [],
        "fetch" when name == "--lock" =>
            [("--source", Snapshot), ("--out", temp["fetched"]), ("--update-lock", null), ("--policy", "sample")],
        "fetch" when name == "--policy" =>
            [("--source", Snapshot), ("--out", temp["fetched"]), ("--update-lock", null), ("--lock", temp["new.lock.json"])],
        "fetch" => [("--source", "sample"), ("--lock", "none"), ("--out", temp["fetched"])],
        "sample create" => [],
        "bundle" when name == "--signing-public-key" =>
            [("SNAPSHOT", Snapshot), ("--policy", "sample"), ("--signing-command", "false"), ("--out", temp["bundled"])],
        "bundle" or "rebuild" or "refresh" when name == "--second-passphrase" =>
        [
            .. Words(command, "").Where(w => w.Option != "--signing-key"), ("--signing-key", PrivateKey), ("--second-key", PrivateKey),
        ],
        "bundle" when name == "--out" =>
            [("SNAPSHOT", Snapshot), ("--policy", "sample"), ("--accept-license", License), ("--formats", "tar"), ("--unsigned", null)],
        "bundle" => [("SNAPSHOT", Snapshot), ("--policy", "sample"), ("--accept-license", License), ("--formats", "tar"),
            ("--signing-key", PrivateKey), ("--out", temp["bundled"])],
        "audit" => [("BUNDLE", Tar), ("--key", Key), ("--policy", "sample")],
        "diff" => [("A", Snapshot), ("B", Snapshot)],
        "check" => [("--source", Snapshot), ("--lock", Lock), ("--policy", "sample"), ("--out", temp["checked"])],
        "rebuild" when name == "--signing-public-key" =>
            [("PROVENANCE", Provenance), ("--source", Snapshot), ("--policy", "sample"), ("--signing-command", "false")],
        "rebuild" when name is "--certificate" or "--passphrase" or "--second-key" or "--keyring" =>
            [("PROVENANCE", Provenance), ("--source", Snapshot), ("--policy", "sample"), ("--signing-key", PrivateKey)],
        "rebuild" => [("PROVENANCE", Provenance), ("--source", Snapshot), ("--policy", "sample")],
        "refresh" when name == "--signing-public-key" => [("REPOSITORY|RELEASE", Release), ("--signing-command", "false")],
        "refresh" => [("REPOSITORY|RELEASE", Release), ("--signing-key", PrivateKey)],
        "report html" when name is "--key" => [("SUBJECT", Tar), ("--policy", "sample"), ("--out", temp["page"])],
        "report html" => [("SUBJECT", Snapshot), ("--policy", "sample"), ("--allow-unsigned", null), ("--out", temp["page"])],
        "report reference-values" when name == "--out" => [("SUBJECT", Snapshot), ("--policy", "sample"), ("--format", "textproto")],
        "report reference-values" when name == "--key" => [("SUBJECT", Tar), ("--policy", "sample")],
        "report reference-values" => [("SUBJECT", Snapshot), ("--policy", "sample"), ("--allow-unsigned", null)],
        "keys create" => [("--out", temp["made"]), ("--user-id", "Test <test@tdxrel.invalid>")],
        "keys certificate" when name == "--signing-public-key" =>
            [("--out", temp["made"]), ("--user-id", "Test <test@tdxrel.invalid>"), ("--signing-command", "false")],
        "keys certificate" => [("--out", temp["made"]), ("--user-id", "Test <test@tdxrel.invalid>"), ("--signing-key", PrivateKey)],
        "keys public" => [],
        _ => throw new InvalidOperationException(command),
    };
}
