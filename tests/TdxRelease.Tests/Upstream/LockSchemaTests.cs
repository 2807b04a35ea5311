using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Tests.Pipeline;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Tests.Acquisition;

/// <summary>Schema and strict reader of lock and snapshot record are two descriptions of one format.</summary>
public class LockSchemaTests
{
    private const string Lock = "lock.schema.json";
    private const string Record = "snapshot.schema.json";
    private const string Blob = "joined_files/1.5/tdx_module_1.5.01.blob";
    private static readonly string Hash = new('a', 64);
    private static readonly string Id = new('b', 40);

    private static readonly string LockText = Encoding.UTF8.GetString(new LockFile(
        [new("git", "https://example.org/up.git"), new("archive", "https://example.org/{commit}.tar.gz")],
        "main", Id, Id, new DateOnly(2026, 2, 10), "1.0", Hash, DateTimeOffset.UnixEpoch, "test",
            [new("BINARIES_LICENSE", 8, Hash), new(Blob, 5000, Hash)]).ToJson());

    private static readonly string RecordText = Encoding.UTF8.GetString(new SnapshotRecord(
        new Origin(Origin.Git, "https://example.org/up.git", Id, Id, new DateOnly(2026, 2, 10)), 3,
        [new("BINARIES_LICENSE", 8, Hash, Id, "somewhere"), new(Blob, 5000, Hash, Id, "somewhere")]).ToJson());

    [Theory]
    [InlineData(Lock)]
    [InlineData(Record)]
    public void They_agree_on_every_variant(string schema)
    {
        var document = schema == Lock ? LockText : RecordText;
        Assert.True(Reads(schema, document) && SchemaVerdict.Accepts(schema, document));
        var (accepted, refused) = (0, 0);
        foreach (var (what, json) in JsonVariants.Of(document))
        {
            var verdict = SchemaVerdict.Accepts(schema, json);
            Assert.True(verdict == Reads(schema, json), $"{what}: schema {(verdict ? "accepts" : "refuses")}, reader does not\n{json}");
            _ = verdict ? accepted++ : refused++;
        }

        Assert.True(accepted > 5 && refused > 250, $"{accepted} {refused}");
    }

    [Theory]
    [InlineData(Lock, "sources/0/url", "https://example.org/up.git\n", false)]
    [InlineData(Lock, "sources/0/url", "-u", false)]
    [InlineData(Lock, "sources/0/url", "https://example.org/\u0085", false)]
    [InlineData(Lock, "sources/0/url", "https://example.org/\u00e9", true)]
    [InlineData(Lock, "branch", "main\n", false)]
    [InlineData(Lock, "branch", "\n", false)]
    [InlineData(Lock, "branch", "a..b", false)]
    [InlineData(Lock, "branch", "-main", false)]
    [InlineData(Lock, "branch", "release/1.5", true)]
    [InlineData(Lock, "commit", "B", false)]
    [InlineData(Lock, "tree", null, false)]
    [InlineData(Lock, "date", null, false)]
    [InlineData(Lock, "date", "2026-13-01", false)]
    [InlineData(Lock, "date", "2026-02-10\n", false)]
    [InlineData(Lock, "updated", "2026-02-10T24:00:00Z", false)]
    [InlineData(Lock, "updated", "2026-02-10T23:59:59Z", true)]
    [InlineData(Lock, "mappingVersion", "2\n", true)]
    [InlineData(Lock, "files/1/path", "joined_files/1.5/tdx_module_2.0.01.blob", false)]
    [InlineData(Lock, "files/1/path", "separate_files/2.0/2.0.08/tdx_module_2.0.08.bin", true)]
    [InlineData(Lock, "files/1/path", "separate_files/2.0/2.0.08/tdx_module_2.0.05.bin", false)]
    [InlineData(Lock, "files/1/path", "separate_files/2.0/1.5.08/tdx_module_1.5.08.bin", false)]
    [InlineData(Lock, "files/1/path", "mapping_file.json\n", false)]
    [InlineData(Lock, "files/1/path", "../mapping_file.json", false)]
    [InlineData(Record, "origin/url", null, false)]
    [InlineData(Record, "origin/commit", null, false)]
    [InlineData(Record, "origin/date", null, false)]
    [InlineData(Record, "files/0/gitBlob", null, false)]
    [InlineData(Record, "files/0/source", null, false)]
    [InlineData(Record, "origin/url", "any\ntext", true)]
    [InlineData(Record, "files/1/path", "joined_files/1.5/tdx_module_1.5.02.blob", true)]
    [InlineData(Record, "files/1/path", "joined_files/1.5/tdx_module_1.6.02.blob", false)]
    public void They_agree_on_every_case(string schema, string path, string? value, bool fits)
    {
        var root = JsonNode.Parse(schema == Lock ? LockText : RecordText)!;
        var parts = path.Split('/');
        var parent = parts[..^1].Aggregate(root, (node, key) => node is JsonArray array ? array[int.Parse(key)]! : node[key]!);
        parent[parts[^1]] = value;
        var json = root.ToJsonString();
        Assert.Equal((fits, fits), (SchemaVerdict.Accepts(schema, json), Reads(schema, json)));
    }

    [Theory]
    [InlineData("length", "-1")]
    [InlineData("length", "16777217")]
    [InlineData("length", "1.5")]
    public void They_agree_on_numbers(string key, string value)
    {
        foreach (var (schema, document) in ((string, string)[])[(Lock, LockText), (Record, RecordText)])
        {
            var json = document.Replace($"\"{key}\": 5000", $"\"{key}\": {value}", StringComparison.Ordinal);
            Assert.NotEqual(document, json);
            Assert.Equal((false, false), (SchemaVerdict.Accepts(schema, json), Reads(schema, json)));
        }
    }

    private static bool Reads(string schema, string json)
    {
        try
        {
            _ = schema == Lock ? (object)LockFile.Parse(Encoding.UTF8.GetBytes(json), "x")
                : SnapshotRecord.Parse(Encoding.UTF8.GetBytes(json), "x");
            return true;
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.BadInput, e.Code);
            return false;
        }
    }
}
