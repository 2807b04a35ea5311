using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Packages.Metadata;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Site;
using TdxRelease.Release.Manifests;
using TdxRelease.Samples;
using TdxRelease.Tests.Verification;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Pipeline;

/// <summary>A format that a typed reader reads and a schema describes.</summary>
/// <param name="Schema">File name of the schema.</param>
/// <param name="Document">A valid document with every optional key.</param>
/// <param name="Refusals">Why the typed reader refuses a document: rule ids with messages; empty where it takes it.</param>
/// <param name="Beyond">Rules between values and on their meaning, which the reader alone can hold: parts of the refusals.</param>
internal sealed record ReaderContract(string Schema, string Document, Func<byte[], IReadOnlyList<string>> Refusals, params string[] Beyond)
{
    private static readonly JsonSerializerOptions CamelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly string Sha256 = new('a', 64);
    private static readonly string Sha384 = new('b', 96);
    private static readonly string Zeros = new('0', 96);
    private static readonly string Id = new('c', 40);
    private const string Blob = "joined_files/1.5/tdx_module_1.5.01.blob";

    /// <summary>Further valid documents, with the keys that exclude one another.</summary>
    public IReadOnlyList<string> Variants { get; init; } = [];

    public static IReadOnlyList<ReaderContract> All { get; } =
    [
        new("mapping-file.schema.json", Mapping(), Found((utf8, findings) => MappingReader.Read(utf8, "x", Strictness.Strict, findings)),
            "MAP-009", "MAP-010", "MAP-012", "MAP-014", "MAP-016", "MAP-017", "MAP-019", "MAP-024"),
        new("trust-policy.schema.json", Policy(), Found((utf8, findings) => TrustPolicyReader.Read(utf8, "x", findings)),
            "POL-007"),
        new("site-policy.schema.json", Site(), Found((utf8, findings) => SitePolicy.Read(utf8, "x", findings)),
            "is not a CPU family", "nor a NuGet range", "SITE-007", "SITE-008"),
        new("lock.schema.json", Lock(), Thrown(utf8 => LockFile.Parse(utf8, "x"))),
        new("snapshot.schema.json", Record(), Thrown(utf8 => SnapshotRecord.Parse(utf8, "x"))),
        new("manifest.schema.json", Manifest(), Thrown(utf8 => TdxRelease.Release.Manifests.Manifest.Parse(Canonical(utf8), "x.json")),
            "is not among the files", "no such key beside \"commit\"", "is out of order or there twice", "not after it was created",
            "want a safe relative path", "has two hashes")
        {
            Variants =
            [
                Manifest().Replace("\"commit\":", "\"claimedCommit\":", StringComparison.Ordinal),
                Manifest().Replace("\"commit\":", "\"modifiedFrom\":", StringComparison.Ordinal),
            ],
        },
        new("seen-releases.schema.json", Seen(), Thrown(utf8 => AcceptedReleases.Parse(Canonical(utf8), "x.json")), "want names in order"),
        new("bundle.schema.json", Bundle(), Thrown(utf8 => BundleMetadata.Parse(utf8, "x"))),
    ];

    /// <summary>
    /// How reader and schema disagree on a document; null where they do not. Where the reader refuses for a reason of <see cref="Beyond"/>
    /// alone, the schema may do either.
    /// </summary>
    public string? Disagreement(string json)
    {
        var refusals = Refusals(Encoding.UTF8.GetBytes(json));
        var accepts = SchemaVerdict.Accepts(Schema, json);
        var agree = accepts ? refusals.All(refusal => Beyond.Any(b => refusal.Contains(b, StringComparison.Ordinal))) : refusals.Count > 0;
        var reader = refusals.Count == 0 ? "accepts" : $"refuses: {string.Join(" | ", refusals)}";
        return agree ? null : $"{Schema} {(accepts ? "accepts" : "refuses")}, the reader {reader}";
    }

    private static Func<byte[], IReadOnlyList<string>> Found(Action<byte[], ICollection<Finding>> read) => utf8 =>
    {
        var findings = new List<Finding>();
        read(utf8, findings);
        return [.. findings.Where(f => f.Fails).Select(f => $"{f.Rule.Id} {f.Message}")];
    };

    private static Func<byte[], IReadOnlyList<string>> Thrown(Action<byte[]> read) => utf8 =>
    {
        try
        {
            read(utf8);
            return [];
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.BadInput, e.Code);
            return [e.Message];
        }
    };

    // Signed documents have one spelling, which is no matter of a schema; what has none stays as it is, for the reader to refuse.
    private static byte[] Canonical(byte[] utf8)
    {
        try
        {
            return TdxRelease.Core.Json.CanonicalJson.Write(JsonNode.Parse(utf8)!);
        }
        catch (TdxException)
        {
            return utf8;
        }
    }

    private static string Mapping()
    {
        var root = JsonNode.Parse(SampleVerdicts.Files["mapping_file.json"])!;
        root["tdx_module_releases"]![0]!["min_module_version_for_td_preserving"] = "1.5.50";
        root["tdx_module_releases"]![0]!["strict_compat_versions"] = new JsonArray("1.5.50");
        return root.ToJsonString();
    }

    private static string Policy() => Encoding.UTF8.GetString(SampleUpstream.PolicyBytes).Replace(
        "\"allowDebug\": true,",
        $$"""
        "allowDebug": true, "allowedVersions": ["[1.5.0,1.6.0)", "[2.0.51]", "(,3.0.0]", "1.0.0"],
        "deniedVersions": [{"range": "[1.5.1,1.5.2]", "reason": "TEST"}], "deniedMeasurements": [{"mrseam": "{{Zeros}}", "reason": "TEST"}],
        """,
        StringComparison.Ordinal);

    private static string Site() =>
        """
        {"format":"tdxrel-site-policy/1","name":"s","tier":"strict","prefer":"smallest",
         "blocked":[{"from":"*","to":"[1.5.10,1.5.12]","reason":"r","fixedIn":"1.5.24","cpus":["sapphire-rapids"]}],
         "barriers":[{"version":"1.5.20","reason":"r","cpus":["0x806F0"]}],
         "deadEnds":[{"version":"1.5.24","reason":"r","cpus":["sapphire-rapids"]}],
         "denied":[{"range":"[1.5.28,1.5.30)","reason":"r","cpus":["sapphire-rapids"]}]}
        """;

    private static string Lock() => Encoding.UTF8.GetString(new LockFile(
        [new("git", "https://example.org/up.git"), new("archive", "https://example.org/{commit}.tar.gz")],
        "main", Id, Id, new DateOnly(2026, 2, 10), "1.0", Sha256, DateTimeOffset.UnixEpoch, "test",
            [new("BINARIES_LICENSE", 8, Sha256), new(Blob, 5000, Sha256)]).ToJson());

    private static string Record() => Encoding.UTF8.GetString(new SnapshotRecord(
        new Origin(Origin.Git, "https://example.org/up.git", Id, Id, new DateOnly(2026, 2, 10))
        {
            ClaimedCommit = Id,
            ModifiedFrom = Id
        }, 3,
        [new("BINARIES_LICENSE", 8, Sha256, Id, "somewhere"), new(Blob, 5000, Sha256, Id, "somewhere")]).ToJson());

    private static string Manifest()
    {
        var (made, expires) = ("2026-02-10T12:00:00Z", "2027-02-10T12:00:00Z");
        var source = $$"""{"url":"https://example.org/up.git","commit":"{{Id}}","tree":"{{Id}}"}""";
        var files = $$"""[{"path":"BINARIES_LICENSE","length":1,"sha256":"{{Sha256}}","sha384":"{{Sha384}}"},"""
            + $$"""{"path":"a.blob","length":8192,"sha256":"{{Sha256}}","sha384":"{{Sha384}}"}]""";
        var moduleHead = $$"""{"version":"1.5.05","mrseam":"{{Sha384}}","svn":"5.2","cpus":["0x806F0"]""";
        return $$"""
            {"format":"tdxrel-manifest/1","name":"tdx-module-1","sequence":1,"created":"{{made}}","expires":"{{expires}}","unsigned":true,
             "source":{{source}},"license":{"path":"BINARIES_LICENSE","sha256":"{{Sha256}}"},
             "policy":{"sha256":"{{Sha256}}"},"tool":"test",
             "files":{{files}},
             "modules":[{{moduleHead}},"features0":"0x1F","signer":"{{Sha384}}","keyBits":3072,"debug":false,
               "date":"2025-03-25","image":"a.blob","rules":30}]}
            """;
    }

    private static string Seen() =>
        $$"""{"format":"tdxrel-seen/1","releases":[{"name":"a","sequence":3,"sha256":"{{Sha256}}"},"""
        + $$"""{"name":"b","sequence":1,"sha256":"{{Sha256}}"}]}""";

    private static string Bundle()
    {
        var root = JsonSerializer.SerializeToNode(BundleMetadata.Default, CamelCase)!;
        foreach (var distribution in (string[])["deb", "rpm", "arch", "sysext"])
        {
            root[distribution]!["recommends"] = new JsonArray("kmod", "linux");
        }

        return root.ToJsonString();
    }
}
