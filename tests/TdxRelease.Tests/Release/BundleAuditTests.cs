using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

public class BundleAuditTests
{
    private static readonly Manifest Bundle = SampleBundle.Manifest();
    private static readonly ManifestTrust Trust = new(TestRelease.Signer.PublicKey, SampleBundle.Now, Keyring: TestRelease.Keyring);
    private static readonly HashSet<AuditQuestion> Ran = [AuditQuestion.Published, AuditQuestion.Unchanged, AuditQuestion.Newest];

    private static List<AuditFile> Files()
    {
        var json = Bundle.ToJson();
        return
        [
            .. SampleBundle.Contents().Select(c => new AuditFile(c.Key, c.Value)),
            new AuditFile(Manifest.FileName, json),
            new AuditFile(Manifest.SignatureName, TestRelease.Signer.Sign(json, HashAlgorithmName.SHA512)),
            new AuditFile(Manifest.OpenPgpSignatureName,
                Encoding.ASCII.GetBytes(TestRelease.OpenPgp.SignDetachedArmored(json, SampleBundle.Created))),
        ];
    }

    [Fact]
    public void A_good_bundle_answers_yes_to_what_was_checked_and_unknown_to_the_rest()
    {
        var verdict = BundleAudit.Verify(Files(), Trust);
        Assert.True(verdict.IsGood);
        var answers = AuditAnswers.From(verdict.Findings, Ran);
        Assert.Equal([AuditVerdict.Unknown, AuditVerdict.Yes, AuditVerdict.Yes, AuditVerdict.Yes, AuditVerdict.Unknown],
            answers.Select(a => a.Verdict));
    }

    [Fact]
    public void A_changed_file_is_not_unchanged_but_still_published()
    {
        var files = Files();
        files[1] = files[1] with { Content = "x"u8.ToArray() };
        var answers = AuditAnswers.From(BundleAudit.Verify(files, Trust).Findings, Ran);
        Assert.Equal([AuditVerdict.Unknown, AuditVerdict.No, AuditVerdict.Yes, AuditVerdict.Yes, AuditVerdict.Unknown],
            answers.Select(a => a.Verdict));
    }

    [Fact]
    public void Two_manifests_or_none_are_refused()
    {
        Assert.False(BundleAudit.Verify([.. Files(), new AuditFile(Manifest.FileName, Bundle.ToJson())], Trust).IsGood);
        Assert.False(BundleAudit.Verify([.. Files().Where(f => f.Path != Manifest.FileName)], Trust).IsGood);
        Assert.False(BundleAudit.Verify([.. Files(), Files().First(f => f.Path == Manifest.SignatureName)], Trust).IsGood);
        Assert.False(BundleAudit.Verify([], Trust).IsGood);
    }

    [Fact]
    public void Every_finding_counts_against_some_question()
    {
        var stray = new Finding(new Rule("XYZ-001", Severity.Error, "t", "s"), "m", new Location("p"));
        Assert.Contains(AuditAnswers.From([stray], Ran), a => a.Verdict == AuditVerdict.No);
        Assert.Equal(AuditVerdict.No,
            AuditAnswers.From([stray with { Rule = stray.Rule with { Question = AuditQuestion.Origin } }], Ran)[0].Verdict);
    }

    [Fact]
    public void Every_rule_of_a_release_stands_in_the_documentation()
    {
        var text = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/audit.md"));
        foreach (var rule in (Rule[])[.. ManifestRules.All, .. ProvenanceRules.All, .. SbomRules.All])
        {
            Assert.Contains($"| {rule.Id} | {rule.Title} |\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_file_is_told_by_its_content()
    {
        using var folder = new TempFolder();
        ReleaseKey.Write(folder["k"], TestRelease.Signer,
            new ReleaseKeyRequest(TestRelease.UserId, TestRelease.Created, WithOpenPgpSecret: true), null);
        using var bare = ReleaseSigner.FromFile(TestRelease.PemPath);
        using var pem = ReleaseSigner.FromFile(folder["k.pem"], TestRelease.CertificatePath);
        using var openPgp = ReleaseSigner.FromFile(folder["k.secret.asc"]);
        Assert.Null(bare.OpenPgp);
        Assert.Equal(pem.OpenPgp!.SignDetached("x"u8, TestRelease.Later), openPgp.OpenPgp!.SignDetached("x"u8, TestRelease.Later));
        Assert.Equal(ExitCode.Usage,
            Assert.Throws<TdxException>(() => ReleaseSigner.FromFile(folder["k.secret.asc"], folder["k.pgp"])).Code);
        Assert.Equal(ExitCode.Io, Assert.Throws<TdxException>(() => ReleaseSigner.FromFile(folder["none"])).Code);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => ReleaseSigner.FromFile(TestRelease.PublicPemPath)).Code);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => ReleaseSigner.FromFile(TestRelease.CertificatePath)).Code);
    }
}
