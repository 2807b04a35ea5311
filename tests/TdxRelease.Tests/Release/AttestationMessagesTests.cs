using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing;
using TdxRelease.Testing;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Release;

/// <summary>What is said of envelopes, bundles, statements and what they claim, word for word, on both sides of each limit.</summary>
public class AttestationMessagesTests
{
    private static readonly RsaPublicKey Key = TestRelease.Signer.PublicKey;
    private static readonly string Zeros = new('0', 64);
    private static readonly Subject Deb = new("packages/a.deb", Zeros, new string('1', 96));
    private static readonly Statement Built = SampleBundle.Provenance().About([Deb]);
    private static readonly Statement Summed = SampleBundle.Summary().About([Deb]);
    private static readonly DsseEnvelope Envelope = DsseEnvelope.Sign(TestRelease.Signer, Built);

    [Theory]
    [InlineData("payloadType", "\"a\\nb\"", "x.payloadType: \"a\\nb\", want a media type")]
    [InlineData("payload", "1", "x.payload: 1, want standard base64")]
    [InlineData("payload", "\"\"", "x.payload: \"\", want standard base64")]
    [InlineData("payload", "\"ab\"", "x.payload: \"ab\", want standard base64")]
    [InlineData("payload", "\"ab-_\"", "x.payload: \"ab-_\", want standard base64")]
    [InlineData("payload", "\"YQ= =\"", "x.payload: \"YQ= =\", want standard base64")]
    [InlineData("payload", "\"YR==\"", "x.payload: \"YR==\", want standard base64")]
    [InlineData("payload", "\"YQ==\"", null)]
    [InlineData("signatures", "[]", "x.signatures: [], want exactly one signature")]
    [InlineData("signatures", "[{},{}]", "x.signatures: [{},{}], want exactly one signature")]
    [InlineData("signatures", "[{\"keyid\":\"a\",\"sig\":\"YQ==\"}]", "x.signatures[0].keyid: \"a\", want an empty key id")]
    [InlineData("signatures", "[{\"keyid\":\"\",\"sig\":\"\"}]", "x.signatures[0].sig: \"\", want standard base64")]
    [InlineData("signatures", "[{\"a\":1,\"keyid\":\"\",\"sig\":\"YQ==\"}]", "x.signatures[0]: unknown key \"a\"")]
    [InlineData("signatures", "[{\"keyid\":\"\",\"sig\":\"YQ==\"}]", null)]
    [InlineData("a", "1", "x: unknown key \"a\"")]
    public void What_an_envelope_gets_wrong(string key, string value, string? want) =>
        Says(want, () => DsseEnvelope.Parse(With(Envelope.ToJson(), key, value), "x"));

    [Theory]
    [InlineData("mediaType", "\"application/vnd.dev.sigstore.bundle.v0.3+json \"",
        "x.mediaType: \"application/vnd.dev.sigstore.bundle.v0.3\\u002Bjson \", want "
        + "\"application/vnd.dev.sigstore.bundle.v0.3+json\"")]
    [InlineData("verificationMaterial", "{\"publicKey\":{\"hint\":\"0\"}}",
        "x.verificationMaterial.publicKey.hint: \"0\", want 64 lower-case hex digits")]
    [InlineData("verificationMaterial", "{\"publicKey\":{\"a\":1,\"hint\":\"{0}\"}}",
        "x.verificationMaterial.publicKey: unknown key \"a\"")]
    [InlineData("verificationMaterial", "{\"a\":1,\"publicKey\":{\"hint\":\"{0}\"}}", "x.verificationMaterial: unknown key \"a\"")]
    [InlineData("verificationMaterial", "{\"publicKey\":{\"hint\":\"{0}\"}}", null)]
    [InlineData("dsseEnvelope", "{}", "x.dsseEnvelope: key \"signatures\" is missing")]
    [InlineData("a", "1", "x: unknown key \"a\"")]
    public void What_a_bundle_gets_wrong(string key, string value, string? want) => Says(want,
        () => SigstoreBundle.Parse(With(SigstoreBundle.Of(Envelope, Key).ToJson(), key, value.Replace("{0}", Zeros)), "x"));

    [Theory]
    [InlineData("_type", "\"https://in-toto.io/Statement/v0.1\"",
        "x._type: \"https://in-toto.io/Statement/v0.1\", want \"https://in-toto.io/Statement/v1\"")]
    [InlineData("subject", "[]", "x.subject: [], want at least one subject, each name once")]
    [InlineData("subject", "[{0},{0}]", "x.subject: [{0}…, want at least one subject, each name once")]
    [InlineData("subject", "[{1}]", "x.subject[0]: unknown key \"a\"")]
    [InlineData("subject", "[{2}]", "x.subject[0].digest: unknown key \"a\"")]
    [InlineData("subject", "[{3}]", "x.subject[0].digest.sha256: \"\", want 64 lower-case hex digits")]
    [InlineData("subject", "[{4}]", "x.subject[0].digest.sha384: \"\", want 96 lower-case hex digits")]
    [InlineData("subject", "[{5}]", "x.subject[0].name: \"\", want a name")]
    [InlineData("subject", "[{0}]", null)]
    [InlineData("predicate", "[]", "x.predicate: [], want an object")]
    [InlineData("predicateType", "\"\"", "x.predicateType: \"\", want a URI")]
    [InlineData("a", "1", "x: unknown key \"a\"")]
    public void What_a_statement_gets_wrong(string key, string value, string? want)
    {
        var name = "\"name\":\"n\"";
        var digests = ($"\"sha256\":\"{Zeros}\"", $"\"sha384\":\"{Deb.Sha384}\"");
        var good = $"{{\"digest\":{{{digests.Item1},{digests.Item2}}},{name}}}";
        value = value.Replace("{0}", good).Replace("{1}", "{\"a\":1," + good[1..])
            .Replace("{2}", $"{{\"digest\":{{\"a\":1,{digests.Item1},{digests.Item2}}},{name}}}")
            .Replace("{3}", $"{{\"digest\":{{\"sha256\":\"\",{digests.Item2}}},{name}}}")
            .Replace("{4}", $"{{\"digest\":{{{digests.Item1},\"sha384\":\"\"}},{name}}}")
            .Replace("{5}", good.Replace("\"n\"", "\"\""));
        Says(want?.Replace("{0}", good[..99]), () => Statement.Parse(With(Built.ToJson(), key, value), "x"));
    }

    [Fact]
    public void An_envelope_has_at_most_32_MiB()
    {
        const string Want = "x: 33554433 bytes, the limit is 33554432";
        Says(Want, () => DsseEnvelope.Parse(new byte[33554433], "x"));
        Says(Want, () => SigstoreBundle.Parse(new byte[33554433], "x"));
        Assert.StartsWith("x:1:1: not JSON", Assert.Throws<TdxException>(() => DsseEnvelope.Parse(new byte[33554432], "x")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_is_written_with_its_subjects_in_order()
    {
        var other = Deb with { Name = "B" };
        var statement = Statement.Parse((Built with { Subjects = [Deb, other] }).ToJson(), "x");
        Assert.Equal([other, Deb], statement.Subjects);
        Assert.Equal(SlsaProvenance.PredicateType, statement.PredicateType);
        Assert.Equal("application/vnd.in-toto+json", Envelope.PayloadType);
    }

    [Theory]
    [InlineData("a.deb", "packages/a.deb", true)]
    [InlineData("packages/a.deb", "packages/a.deb", true)]
    [InlineData("a.deb", "apt/a.deb packages/a.deb", false)]
    [InlineData("x/a.deb", "packages/x/a.deb", false)]
    [InlineData("a.deb", "packages/aa.deb", false)]
    public void A_file_is_a_subject_by_its_path_or_by_a_name_that_comes_once(string file, string subjects, bool found)
    {
        Subject[] all = [.. subjects.Split(' ').Select(s => Deb with { Name = s })];
        Assert.Equal(found ? [] : [$"PRV-006: \"{file}\" is not among its {all.Length} subjects"],
            Provenance(SampleBundle.Provenance().About(all), Deb with { Name = file }));
        Assert.Equal(found ? [] : [$"PRV-006: \"{file}\" is not among its {all.Length} subjects"],
            Summary(SampleBundle.Summary().About(all), Deb with { Name = file }));
    }

    [Fact]
    public void Both_hashes_of_a_subject_count()
    {
        var ones = new string('1', 64);
        Assert.Equal([$"PRV-005: \"{Deb.Name}\" has SHA-256 {ones}, the attestation is about {Zeros}"],
            Provenance(Built, Deb with { Sha256 = ones }));
        Assert.Equal([$"PRV-005: \"{Deb.Name}\" has SHA-256 {Zeros}, the attestation is about {Zeros}"],
            Provenance(Built, Deb with { Sha384 = new string('2', 96) }));
    }

    [Fact]
    public void A_clock_may_be_ten_minutes_behind()
    {
        var now = SampleBundle.Now;
        string[] Of(TimeSpan ahead) => Provenance((SampleBundle.Provenance() with { Time = now + ahead }).About([Deb]));
        Assert.Empty(Of(TimeSpan.FromMinutes(10)));
        Assert.Equal(["PRV-010: dated 2026-02-13T12:10:01Z, now 2026-02-13T12:00:00Z"], Of(TimeSpan.FromSeconds(601)));
        Assert.Equal(["PRV-010: dated 2026-02-13T12:10:01Z, now 2026-02-13T12:00:00Z"],
            Summary((SampleBundle.Summary() with { TimeVerified = now.AddSeconds(601) }).About([Deb])));
    }

    [Fact]
    public void A_summary_passed_and_is_about_the_resource_asked_for()
    {
        Assert.Empty(Summary(Summed, resource: "pkg:generic/tdx-module-test@7"));
        Assert.Equal(["PRV-009: is about \"pkg:generic/tdx-module-test@7\", want \"pkg:other\""], Summary(Summed, resource: "pkg:other"));
        Assert.Equal(["PRV-008: the result is FAILED"], Summary((SampleBundle.Summary() with { Passed = false }).About([Deb])));
    }

    [Fact]
    public void A_predicate_is_of_the_kind_asked_for_and_of_its_form()
    {
        Assert.Equal(["PRV-004: predicate \"https://slsa.dev/verification_summary/v1\", want \"https://slsa.dev/provenance/v1\""],
            Provenance(Summed));
        Assert.Equal(["PRV-004: predicate \"https://slsa.dev/provenance/v1\", want \"https://slsa.dev/verification_summary/v1\""],
            Summary(Built));
        Assert.Equal(["PRV-001: x: key \"buildDefinition\" is missing"], Provenance(Built with { Predicate = [] }));
        Assert.Equal(["PRV-001: x: key \"verifier\" is missing"], Summary(Summed with { Predicate = [] }));
        Assert.Equal(["PRV-004: payload of type \"text/plain\", want \"application/vnd.in-toto+json\""],
            Said(Verify(DsseEnvelope.Sign(TestRelease.Signer, "text/plain", Built.ToJson()).ToJson())));
        Assert.Equal(["PRV-001: x: not canonical JSON from byte 2 on"],
            Said(Verify(DsseEnvelope.Sign(TestRelease.Signer, Statement.PayloadType, "{}"u8.ToArray()).ToJson())));
    }

    [Fact]
    public void What_no_key_or_another_key_signed_has_no_statement()
    {
        var changed = Verify((Envelope with { Signature = new byte[512] }).ToJson());
        Assert.Equal([$"PRV-002: does not verify with key {Key.Sha256}"], Said(changed));
        Assert.True(changed is { Statement: null, IsGood: false });
        var small = new AttestationVerifier(Key, SampleBundle.Now, 4097).VerifyProvenance(Envelope.ToJson(), "x", [Deb]);
        Assert.Equal(["PRV-003: RSA key of 4096 bits, want 4097 or more"], Said(small));
        Assert.True(small is { Statement: null, IsGood: false });
        Assert.Empty(new AttestationVerifier(Key, SampleBundle.Now, 4096).VerifyProvenance(Envelope.ToJson(), "x", [Deb]).Findings);
        Assert.Equal(["PRV-001: x: key \"signatures\" is missing"], Said(Verify("{}\n"u8.ToArray())));
        Assert.Equal(["PRV-001: x: key \"mediaType\" is missing"], Said(Verify("{\"dsseEnvelope\":1}\n"u8.ToArray())));
    }

    [Fact]
    public void A_bundle_that_names_another_key_is_refused_though_its_signature_holds()
    {
        var verdict = Verify(new SigstoreBundle(Zeros, Envelope).ToJson());
        Assert.Equal([$"PRV-007: names key {Zeros}, want {Key.Sha256}"], Said(verdict));
        Assert.True(verdict is { Statement: not null, IsGood: false });
        var good = Verify(SigstoreBundle.Of(Envelope, Key).ToJson());
        Assert.Equal(Built.ToJson(), good.Statement?.ToJson());
        Assert.True(good is { IsGood: true, Findings: [] });
    }

    private static AttestationVerdict Verify(byte[] json, Subject? file = null) =>
        new AttestationVerifier(Key, SampleBundle.Now).VerifyProvenance(json, "x", [file ?? Deb]);

    private static string[] Provenance(Statement statement, Subject? file = null) =>
        Said(Verify(DsseEnvelope.Sign(TestRelease.Signer, statement).ToJson(), file));

    private static string[] Summary(Statement statement, Subject? file = null, string? resource = null) =>
        Said(new AttestationVerifier(Key, SampleBundle.Now).VerifySummary(DsseEnvelope.Sign(TestRelease.Signer, statement).ToJson(), "x",
            [file ?? Deb], resource));

    private static string[] Said(AttestationVerdict verdict) => [.. verdict.Findings.Select(Said)];

    private static string Said(Finding finding)
    {
        Assert.Equal("x", finding.Location.File);
        return $"{finding.Rule.Id}: {finding.Message}";
    }

    private static byte[] With(byte[] json, string key, string value)
    {
        var node = CanonicalJson.Read(json, "x").AsObject();
        node[key] = JsonNode.Parse(value);
        return CanonicalJson.Write(node);
    }
}
