using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing;
using TdxRelease.Testing;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Tests.Release;

public class AttestationTests
{
    private static readonly Manifest Bundle = SampleBundle.Manifest();
    private static readonly IReadOnlyList<Subject> Subjects = SampleBundle.Subjects(Bundle);
    private static readonly Statement Built = SampleBundle.Provenance().About(Subjects);
    private static readonly Statement Summed = SampleBundle.Summary().About(Subjects);
    private static readonly DsseEnvelope Envelope = DsseEnvelope.Sign(TestRelease.Signer, Built);

    private static AttestationVerifier Verifier { get; } = new(TestRelease.Signer.PublicKey, SampleBundle.Now);

    [Fact]
    public void Good_attestations_pass_in_both_wrappings()
    {
        Assert.True(Verifier.VerifyProvenance(Envelope.ToJson(), "p", Subjects) is { IsGood: true, Findings: [] });
        var bundle = SigstoreBundle.Of(Envelope, TestRelease.Signer.PublicKey).ToJson();
        Assert.True(Verifier.VerifyProvenance(bundle, "p", Subjects) is { IsGood: true, Findings: [] });
        Assert.Equal(bundle, SigstoreBundle.Parse(bundle, "b").ToJson());
        var summary = DsseEnvelope.Sign(TestRelease.Signer, Summed).ToJson();
        Assert.True(Verifier.VerifySummary(summary, "v", Subjects, "pkg:generic/tdx-module-test@7") is { IsGood: true, Findings: [] });
    }

    [Fact]
    public void Predicates_come_back_as_they_were_written()
    {
        Assert.Equal(Built.ToJson(), SlsaProvenance.Read(Statement.Parse(Built.ToJson(), "p"), "p").About(Subjects).ToJson());
        Assert.Equal(Summed.ToJson(), SlsaVerificationSummary.Read(Statement.Parse(Summed.ToJson(), "v"), "v").About(Subjects).ToJson());
    }

    [Fact]
    public void The_pre_authentication_encoding_counts_bytes() =>
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world",
            Encoding.UTF8.GetString(DsseEnvelope.PreAuthEncoding("http://example.com/HelloWorld", "hello world"u8)));

    public static TheoryData<string, string> Broken { get; } = new()
    {
        { "signature_one_bit", "PRV-002" },
        { "payload_changed", "PRV-002" },
        { "payload_type_changed", "PRV-002" },
        { "signed_with_sha512", "PRV-002" },
        { "another_key", "PRV-002" },
        { "key_too_small", "PRV-003" },
        { "two_signatures", "PRV-001" },
        { "key_id_set", "PRV-001" },
        { "url_safe_base64", "PRV-001" },
        { "unknown_key", "PRV-001" },
        { "not_canonical", "PRV-001" },
        { "statement_with_unknown_key", "PRV-001" },
        { "subject_twice", "PRV-001" },
        { "other_payload_type", "PRV-004" },
        { "summary_in_place_of_provenance", "PRV-004" },
        { "subject_with_another_hash", "PRV-005" },
        { "file_is_no_subject", "PRV-006" },
        { "bundle_hint_of_another_key", "PRV-007" },
        { "summary_failed", "PRV-008" },
        { "summary_of_another_resource", "PRV-009" },
        { "from_the_future", "PRV-010" },
        { "made_from_another_commit", "PRV-011" },
        { "made_from_no_commit", "PRV-011" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_tampered_attestation_is_refused_for_its_own_reason(string name, string rule)
    {
        var findings = Findings(name);
        Assert.Equal([rule], findings.Where(f => f.Fails).Select(f => f.Rule.Id).Distinct());
    }

    [Fact]
    public void Every_rule_has_a_case() =>
        Assert.Equal(ProvenanceRules.All.Select(r => r.Id),
            Broken.Select(row => (string)((object[])row)[1]).Distinct().Order(StringComparer.Ordinal));

    private static IReadOnlyList<Finding> Findings(string name)
    {
        var text = Encoding.UTF8.GetString(Envelope.ToJson());
        var signature = Envelope.Signature.ToArray();
        return name switch
        {
            "signature_one_bit" => Check((Envelope with { Signature = Flip(signature) }).ToJson()),
            "payload_changed" => Check((Envelope with { Payload = (Built with { Subjects = [Subjects[0]] }).ToJson() }).ToJson()),
            "payload_type_changed" => Check((Envelope with { PayloadType = "text/plain" }).ToJson()),
            "signed_with_sha512" =>
                Check((Envelope with
                {
                    Signature = TestRelease.Signer.Sign(
                DsseEnvelope.PreAuthEncoding(Envelope.PayloadType, Envelope.Payload.Span), HashAlgorithmName.SHA512)
                }).ToJson()),
            "another_key" => new AttestationVerifier(Small().PublicKey, SampleBundle.Now, 2048)
                .VerifyProvenance(Envelope.ToJson(), "p", Subjects).Findings,
            "key_too_small" => new AttestationVerifier(Small().PublicKey, SampleBundle.Now)
                .VerifyProvenance(DsseEnvelope.Sign(Small(), Built).ToJson(), "p", Subjects).Findings,
            "two_signatures" => Check(
                Canonical(text.Replace("\"signatures\":[{",
                $"\"signatures\":[{{\"keyid\":\"\",\"sig\":\"{Convert.ToBase64String(signature)}\"}},{{", StringComparison.Ordinal))),
            "key_id_set" => Check(Canonical(text.Replace("\"keyid\":\"\"", "\"keyid\":\"x\"", StringComparison.Ordinal))),
            "url_safe_base64" =>
                Check(Canonical(text.Replace('+', '-').Replace('/', '_')
                .Replace("application_vnd.in-toto-json", "application/vnd.in-toto+json", StringComparison.Ordinal))),
            "unknown_key" => Check(Canonical(text.Replace("{\"payload\"", "{\"note\":1,\"payload\"", StringComparison.Ordinal))),
            "not_canonical" => Check(Encoding.UTF8.GetBytes(" " + text)),
            "statement_with_unknown_key" =>
                Check(SignText(Encoding.UTF8.GetString(Built.ToJson())
                .Replace("{\"_type\"", "{\"Z\":1,\"_type\"", StringComparison.Ordinal))),
            "subject_twice" => Check(DsseEnvelope.Sign(TestRelease.Signer, Built with { Subjects = [.. Subjects, Subjects[0]] }).ToJson()),
            "other_payload_type" => Check(DsseEnvelope.Sign(TestRelease.Signer, "text/plain", Built.ToJson()).ToJson()),
            "summary_in_place_of_provenance" => Check(DsseEnvelope.Sign(TestRelease.Signer, Summed).ToJson()),
            "subject_with_another_hash" =>
                Verifier.VerifyProvenance(Envelope.ToJson(), "p", [Subjects[0] with { Sha256 = new string('0', 64) }]).Findings,
            "file_is_no_subject" => Verifier.VerifyProvenance(Envelope.ToJson(), "p", [Subjects[0] with { Name = "other.deb" }]).Findings,
            "bundle_hint_of_another_key" => Check(new SigstoreBundle(new string('0', 64), Envelope).ToJson()),
            "summary_failed" => Summary(SampleBundle.Summary() with { Passed = false }),
            "summary_of_another_resource" => Summary(SampleBundle.Summary() with { ResourceUri = "pkg:generic/other@1" }),
            "from_the_future" => Summary(SampleBundle.Summary() with { TimeVerified = SampleBundle.Now.AddDays(1) }),
            "made_from_another_commit" =>
                BundleAudit.CompareSource(Bundle with { Source = Bundle.Source with { Commit = new string('9', 40) } }, Built, "p"),
            "made_from_no_commit" =>
                BundleAudit.CompareSource(Bundle, (SampleBundle.Provenance() with { Dependencies = [] }).About(Subjects), "p"),
            _ => throw new InvalidOperationException(name),
        };
    }

    private static readonly Lazy<RsaKeySigner> SmallKey = new(() => new RsaKeySigner(RSA.Create(2048), 2048));

    private static RsaKeySigner Small() => SmallKey.Value;

    private static IReadOnlyList<Finding> Check(byte[] json) => Verifier.VerifyProvenance(json, "p", Subjects).Findings;

    private static IReadOnlyList<Finding> Summary(SlsaVerificationSummary summary) =>
        Verifier.VerifySummary(DsseEnvelope.Sign(TestRelease.Signer, summary.About(Subjects)).ToJson(), "v", Subjects,
            "pkg:generic/tdx-module-test@7").Findings;

    private static byte[] Canonical(string json) => CanonicalJson.Write(CanonicalJson.Read(Encoding.UTF8.GetBytes(json), "test"));

    private static byte[] SignText(string statement) =>
        DsseEnvelope.Sign(TestRelease.Signer, Statement.PayloadType, Canonical(statement)).ToJson();

    private static byte[] Flip(byte[] signature)
    {
        signature[9] ^= 2;
        return signature;
    }

    [Fact]
    public void Sboms_are_the_same_bytes_each_time_and_name_every_file()
    {
        var cyclone = CycloneDx.Write(Bundle);
        Assert.Equal(cyclone, CycloneDx.Write(Manifest.Parse(Bundle.ToJson())));
        var spdx = Spdx.Write(Bundle, Encoding.UTF8.GetBytes(SampleBundle.License));
        Assert.Equal(spdx, Spdx.Write(Bundle, Encoding.UTF8.GetBytes(SampleBundle.License)));
        foreach (var file in Bundle.Files)
        {
            Assert.Contains(file.Sha384, Encoding.UTF8.GetString(cyclone), StringComparison.Ordinal);
            Assert.Contains(file.Sha384, Encoding.UTF8.GetString(spdx), StringComparison.Ordinal);
        }

        Assert.NotEqual(cyclone, CycloneDx.Write(Bundle with { Sequence = 8 }));
        Assert.Throws<TdxException>(() => Spdx.Write(Bundle, "another licence"u8));
    }
}

public class ReferenceValuesTests
{
    private static readonly ModuleReference Old = new("1.5.05", new string('b', 96), new(1, 5), [new(0x806F0), new(0xC06F0)]);
    private static readonly ModuleReference Mid = new("1.5.06", new string('a', 96), new(1, 6), [new(0x806F0)]);
    private static readonly ModuleReference New = new("1.5.16", new string('c', 96), new(1, 11), [new(0x806F0), new(0xA06F0)]);

    [Fact]
    public void Rvps_lists_each_measurement_once_and_sorted() =>
        Assert.Equal($"{{\"mr_seam\":[\"{Mid.MrSeam}\",\"{Old.MrSeam}\"]}}\n",
            Encoding.UTF8.GetString(ReferenceValues.ToRvps([Old, Mid, Old])));

    [Fact]
    public void The_minimum_svn_is_that_of_the_oldest_module() =>
        Assert.Equal($"{{\"accepted_mr_seams\":[\"{Old.MrSeam}\",\"{New.MrSeam}\"],"
            + "\"minimum_tee_tcb_svn\":\"05010000000000000000000000000000\"}\n",
            Encoding.UTF8.GetString(ReferenceValues.ToAllowList([New, Old])));

    [Fact]
    public void Families_list_what_runs_on_them()
    {
        Assert.Equal(["1.5.05"], ReferenceValues.On([Old, Mid, New], new CpuSignature(0xC06F2)).Select(m => m.Version));
        var json = Encoding.UTF8.GetString(ReferenceValues.ToFamilies([Old, Mid, New]));
        Assert.Contains($"\"emerald-rapids\":{{\"accepted_mr_seams\":[\"{Old.MrSeam}\"],\"cpu\":\"0xC06F0\",\"minimum_tee_tcb_svn\":\"0501",
            json, StringComparison.Ordinal);
        Assert.Contains($"\"sierra-forest\":{{\"accepted_mr_seams\":[\"{New.MrSeam}\"],\"cpu\":\"0xA06F0\",\"minimum_tee_tcb_svn\":\"0b01",
            json, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, Assert.Throws<TdxException>(() => ReferenceValues.ToFamilies([])).Code);
    }

    [Fact]
    public void A_text_proto_holds_sixteen_and_forty_eight_bytes()
    {
        var text = ReferenceValues.ToTextProto(New);
        Assert.Contains("minimum_tee_tcb_svn: \"\\013\\001" + string.Concat(Enumerable.Repeat("\\000", 14)) + "\"", text,
            StringComparison.Ordinal);
        Assert.Contains("mr_seam: \"" + string.Concat(Enumerable.Repeat("\\314", 48)) + "\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_is_widened_first_and_narrowed_last()
    {
        var plan = PlanReferences.Of([Old, Mid, New]);
        Assert.Equal([Old], plan.Before);
        Assert.Equal([Old, Mid, New], plan.During);
        Assert.Equal([New], plan.After);
        var json = Encoding.UTF8.GetString(plan.ToJson());
        Assert.Contains("\"path\":[\"1.5.05\",\"1.5.06\",\"1.5.16\"]", json, StringComparison.Ordinal);
        Assert.Contains($"\"after\":{{\"accepted_mr_seams\":[\"{New.MrSeam}\"],\"minimum_tee_tcb_svn\":\"0b01", json,
            StringComparison.Ordinal);
        Assert.Throws<TdxException>(() => PlanReferences.Of([]));
    }
}
