using System.Text;
using TdxRelease.Core.Json;
using TdxRelease.Fuzz.Targets;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Provenance;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Fuzzing;

/// <summary>The corpus of signatures, of what is signed, and of what git and GitHub answer. Every key of it is labelled TEST.</summary>
internal static class SignedCorpus
{
    private static readonly string Sha = new('0', 64);
    private static readonly string Id = new('1', 40);

    public static IEnumerable<(string Path, byte[] Bytes)> Files() => [.. OpenPgp(), .. Attestations(), .. Lists(), .. Answers(), .. Git()];

    private static IEnumerable<(string Path, byte[] Bytes)> OpenPgp()
    {
        var signer = OpenPgpTargets.Signer;
        yield return ("openpgp-certificate/binary", signer.Certificate);
        yield return ("openpgp-certificate/armored",
            Encoding.ASCII.GetBytes(OpenPgpCertificate.Parse(signer.Certificate).ToArmored()));
        yield return ("openpgp-keyring/binary", OpenPgpTargets.Keyring.ToArray());
        yield return ("openpgp-keyring/armored", Encoding.ASCII.GetBytes(OpenPgpTargets.Keyring.ToArmored()));
        yield return ("openpgp-signature/binary", signer.SignDetached(OpenPgpTargets.Content, OpenPgpTargets.Signed));
        yield return ("openpgp-signature/armored",
            Encoding.ASCII.GetBytes(signer.SignDetachedArmored(OpenPgpTargets.Content, OpenPgpTargets.Signed)));
        yield return ("openpgp-cleartext/short", Encoding.UTF8.GetBytes(signer.ClearSign("a\n", OpenPgpTargets.Signed)));
        yield return ("openpgp-cleartext/dashes", Encoding.UTF8.GetBytes(signer.ClearSign("- a\n-- b\n\nc\n", OpenPgpTargets.Signed)));
        yield return ("public-key/pem", Encoding.ASCII.GetBytes(SampleKeys.Rsa4096.ExportSubjectPublicKeyInfoPem()));
        yield return ("public-key/spki", SampleKeys.Rsa4096.ExportSubjectPublicKeyInfo());
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Attestations()
    {
        Subject[] subjects = [new("a", Sha, new string('0', 96))];
        var built = SampleBundle.Provenance().About(subjects);
        var summed = SampleBundle.Summary().About(subjects);
        yield return ("statement/provenance", built.ToJson());
        yield return ("statement/summary", summed.ToJson());
        var envelope = new DsseEnvelope(Statement.PayloadType, built.ToJson(), new byte[384]);
        yield return ("dsse/envelope", envelope.ToJson());
        yield return ("dsse/bundle", new SigstoreBundle(Sha, envelope with { Payload = summed.ToJson() }).ToJson());
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Lists()
    {
        yield return ("bundle-metadata/default.json", BundleMetadata.DefaultText.ToArray());
        yield return ("bundle-metadata/empty.json", "{}"u8.ToArray());
        yield return ("checksums/one", ChecksumList.Write([new("a", Sha)]));
        yield return ("checksums/two", ChecksumList.Write([new("a", Sha), new("b/c", Sha)]));
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Answers()
    {
        yield return ("github/commit.json", Encoding.UTF8.GetBytes($$"""{"sha":"{{Id}}","commit":{"message":"m"},"parents":[]}"""));
        yield return ("github/releases.json", Encoding.UTF8.GetBytes(
            """[{"tag_name":"TDX_1.5.16","name":"TDX 1.5.16","published_at":"2025-06-01T00:00:00Z","draft":false"""
                + $$""","body":"Build date: 2025-05-20\nBuild number: 744\nSEAM SVN: 1.11\nMRSEAM: {{new string('B', 96)}}"}]"""));
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Git()
    {
        yield return ("git-tree/two", Encoding.UTF8.GetBytes(
            $"100644 blob {Id}       5\tBINARIES_LICENSE\0100644 blob {Id}      12\tmapping_file.json\0"));
        yield return ("git-tree/others", Encoding.UTF8.GetBytes(
            $"100755 blob {Id}       5\tREADME.md\0100644 blob {Id}      12\tmapping_file.json\0"));
        var commit = Encoding.UTF8.GetBytes($"tree {Id}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1767225600 +0000\n\nm\n");
        byte[] tree = [.. "100644 mapping_file.json\0"u8, .. new byte[20], .. "40000 joined_files\0"u8, .. new byte[20]];
        yield return ("git-objects/walk", [(byte)'+', .. commit, 0xFF, .. tree, 0xFF, .. "100644 a\0"u8, .. new byte[20]]);
        var id = Hex.GitObject("commit", [], sha256: false);
        yield return ("git-objects/answer", Encoding.UTF8.GetBytes($"{id} commit 0\n\n"));
        yield return ("git-head/detached", Encoding.UTF8.GetBytes($"{Id}\n"));
        yield return ("git-head/branch",
            [.. "ref: refs/heads/main\n"u8, 0xFF, .. Encoding.UTF8.GetBytes($"{Id} refs/heads/main\n")]);
        yield return ("git-head/linked", [.. Encoding.UTF8.GetBytes($"{Id}\n"), 0xFF, 0xFF, .. ".\n"u8, 0xFF, .. "gitdir: git\n"u8]);
    }
}
