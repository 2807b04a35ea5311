using TdxRelease.Core.Findings;
using TdxRelease.Packages.Metadata;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Site;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing.Checksums;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using static TdxRelease.Fuzz.Contract;

namespace TdxRelease.Fuzz.Targets;

/// <summary>Documents of our own forms, which others may have changed.</summary>
internal static class DocumentTargets
{
    public static bool Locks(byte[] bytes)
    {
        var wanted = LockFile.Parse(bytes, "fuzz").ToJson();
        Require(wanted.AsSpan().SequenceEqual(LockFile.Parse(wanted, "fuzz").ToJson()), "written again it differs");
        return true;
    }

    public static bool Records(byte[] bytes)
    {
        var record = SnapshotRecord.Parse(bytes, "fuzz").ToJson();
        Require(record.AsSpan().SequenceEqual(SnapshotRecord.Parse(record, "fuzz").ToJson()), "written again it differs");
        return true;
    }

    public static bool Manifests(byte[] bytes)
    {
        var manifest = Manifest.Parse(bytes);
        Require(manifest.Files.All(f => f.Length >= 0 && f.Sha256.Length == 64), "a file without length or hash");
        Require(manifest.ToJson().AsSpan().SequenceEqual(bytes), "written again it differs");
        return manifest.Files.Count > 0;
    }

    public static bool SitePolicies(byte[] bytes)
    {
        var findings = new List<Finding>();
        var policy = SitePolicyReader.Read(bytes, "fuzz", findings);
        Require(policy is null == findings.Exists(f => f.Fails), "refused without a finding that fails, or the reverse");
        return policy is not null;
    }

    /// <summary>The first byte chooses the format.</summary>
    public static bool Inventories(byte[] bytes)
    {
        var reader = new InventoryReader(bytes.Length > 0 && bytes[0] == '{' ? InventoryFormat.Jsonl : InventoryFormat.Csv);
        var accepted = 0;
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            var good = reader.Read(bytes.AsSpan(range), out var row, out var error);
            Require(!good || (error is null && row.Host.Length > 0), "a row with an error, or without a host, is taken");
            accepted += good ? 1 : 0;
        }

        return accepted > 0;
    }

    public static bool Statements(byte[] bytes)
    {
        var statement = Statement.Parse(bytes, "fuzz");
        return Predicate(statement, SlsaProvenance.Read) | Predicate(statement, SlsaVerificationSummary.Read);
    }

    /// <summary>A plain envelope, or a Sigstore bundle around one. The signature is not looked at, so that the payload is.</summary>
    public static bool Envelopes(byte[] bytes)
    {
        var bundled = bytes.AsSpan().StartsWith("{\"dsseEnvelope\":"u8);
        var envelope = bundled ? SigstoreBundle.Parse(bytes, "fuzz").Envelope : DsseEnvelope.Parse(bytes, "fuzz");
        Require(bundled || envelope.ToJson().AsSpan().SequenceEqual(bytes), "written again it differs");
        return Statements(envelope.Payload.ToArray());
    }

    public static bool BundleMetadataFiles(byte[] bytes)
    {
        var metadata = BundleMetadata.Parse(bytes);
        Require(metadata.ToJson().Count > 0, "accepted, but empty");
        return true;
    }

    public static bool ChecksumLists(byte[] bytes) => ChecksumList.Parse(bytes, "fuzz").Count > 0;

    private static bool Predicate<T>(Statement statement, Func<Statement, string, T> read)
    {
        try
        {
            return read(statement, "fuzz") is not null;
        }
        catch (TdxException)
        {
            return false;
        }
    }
}
