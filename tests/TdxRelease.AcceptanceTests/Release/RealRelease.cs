using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>
/// Two releases of Intel's real modules, made by the real program: the three modules of 2025-04, then the eleven of 2026-02-10,
/// which joins the repositories of the first. Built when the first test asks for it.
/// </summary>
public sealed class RealRelease : IDisposable
{
    public const string Collection = "real release";
    public const string Url = "https://github.com/intel/confidential-computing.tdx.tdx-module.binaries";
    public const string Commit = "7a162249f23884b74b13fddff6c85b80e2249589";
    public const string Name = "intel-tdx-module";

    private readonly TempFolder temp = new();
    private readonly Lazy<bool> keys;
    private readonly Lazy<bool> old;
    private readonly Lazy<bool> current;

    public RealRelease()
    {
        // apt drops privileges to read repositories: everyone may enter.
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        keys = new(MakeKeys);
        old = new(() => Make("old", Path.Combine(TestData.MappingHistory, "2025-04-29-547cbc75.json"), OldTime, temp["repository"]));
        current = new(() => old.Value && Keep("repository", "repository-old")
            && Make("new", Path.Combine(TestData.Snapshot, "mapping_file.json"), Time, temp["repository"]));
    }

    /// <summary>Recent, so that neither index nor manifest is expired whenever the tests run.</summary>
    public static DateTimeOffset Time { get; } = new(DateTimeOffset.UtcNow.Year, DateTimeOffset.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset OldTime { get; } = Time.AddMonths(-2);

    public static string Version { get; } = Time.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static string OldVersion { get; } = OldTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>A file of the newer release's output folder.</summary>
    public string this[string relative] => current.Value ? Path.Combine(temp["new"], relative) : "";

    /// <summary>A file of the repositories that hold both releases.</summary>
    public string Repository(string relative) => current.Value ? Path.Combine(temp["repository"], relative) : "";

    /// <summary>A file of the repositories as they were after the first release.</summary>
    public string OldRepository(string relative) => current.Value ? Path.Combine(temp["repository-old"], relative) : "";

    public string Pem => keys.Value ? temp["release.pem"] : "";

    public string PublicPem => this["release.pub.pem"];

    public string Certificate => keys.Value ? temp["release.pgp"] : "";

    public string Snapshot => current.Value ? temp["snapshot-new"] : "";

    public string Folder(string name) => Directory.CreateDirectory(temp[name]).FullName;

    /// <summary>The bundle as the tar holds it.</summary>
    public string Unpacked()
    {
        var folder = temp["unpacked"];
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Tool.Run(folder, "tar", "xzf", this[$"tdx-module-{Version}.tar.gz"], "--strip-components=1").Ok();
        }

        return folder;
    }

    /// <summary>Arguments of the real program for this release.</summary>
    public string[] Arguments(string snapshot, string key, string output) =>
    [
        "bundle", snapshot, "--signing-key", key, "--out", output, "--base-url", $"file://{temp["repository"]}",
        "--accept-license", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(snapshot, "BINARIES_LICENSE")))),
    ];

    internal static ToolResult Tdxrel(DateTimeOffset time, params string[] arguments) =>
        Tool.RunWith("/", new Dictionary<string, string>
        {
            ["SOURCE_DATE_EPOCH"] = time.ToUnixTimeSeconds()
            .ToString(CultureInfo.InvariantCulture)
        }, TdxrelProgram.Path,
            arguments);

    public void Dispose() => temp.Dispose();

    private bool MakeKeys()
    {
        Tool.Run(temp.Path, "openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096", "-out", "release.pem")
            .Ok();
        using var key = PemPrivateKey.Read(File.ReadAllBytes(temp["release.pem"]));
        File.WriteAllBytes(temp["release.pgp"],
            OpenPgpCertificate.Create(key, "tdxrel acceptance <acceptance@tdxrel.invalid>",
            new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToArray());
        return true;
    }

    private bool Make(string name, string mapping, DateTimeOffset time, string repository)
    {
        var snapshot = temp[$"snapshot-{name}"];
        var source = TdxRelease.Upstream.Snapshots.Snapshot.Open(TestData.Snapshot);
        var releases = RealReleases.Read(mapping).Releases;
        using (var writer = new SnapshotWriter(snapshot, cache: null))
        {
            writer.Add("mapping_file.json", File.ReadAllBytes(mapping), "test");
            foreach (var path in releases.SelectMany(r => (string[])[r.BinPath, r.SigstructPath, r.BlobPath])
                .Concat(["BINARIES_LICENSE", "LICENSE"]).Where(source.Contains))
            {
                writer.Add(path, source.Read(path), "test");
            }

            writer.Commit(new Origin(Origin.Git, Url, Commit, Date: DateOnly.FromDateTime(time.UtcDateTime)), ignored: 0);
        }

        Tdxrel(time, [.. Arguments(snapshot, Pem, temp[name]), "--repository", repository]).Ok();
        return true;
    }

    private bool Keep(string from, string to)
    {
        Tool.Run(temp.Path, "cp", "-a", from, to).Ok();
        return true;
    }
}

[CollectionDefinition(RealRelease.Collection)]
public sealed class RealReleaseDefinition : ICollectionFixture<RealRelease>;
