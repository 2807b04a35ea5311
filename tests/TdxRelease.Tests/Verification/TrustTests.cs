using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Samples;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Verification;

public class TrustTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_disagreement_of_the_two_verifiers_is_critical_and_fails(bool platform, bool bouncyCastle)
    {
        var verdict = ModuleVerifier.Verify(SampleVerdicts.Of("1.5.56").Input, SampleUpstream.Policy,
            new SignatureVerifiers(_ => platform, _ => bouncyCastle));
        var finding = Assert.Single(verdict.Findings, f => f.Rule == TrustRules.Disagreement);
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.False(verdict.Verified);
        Assert.Single(verdict.Findings, f => f.Rule == TrustRules.Signature); // one of the two is enough
        var (first, second) = (platform ? "valid" : "invalid", bouncyCastle ? "valid" : "invalid");
        Assert.Equal($"the platform's RSA says {first}, BouncyCastle says {second}", finding.Message);
    }

    [Fact]
    public void The_two_verifiers_read_the_bytes_by_separate_paths()
    {
        // The second verifier must not see what the first one decodes: a layout that lies to one leaves the other right.
        var bytes = SampleVerdicts.Of("1.5.56").Input.Sigstruct.Bytes;
        Assert.True(SigstructSignature.VerifyPlatform(Sigstruct.Read(bytes)!));
        Assert.True(SigstructSignature.VerifyBouncyCastle(bytes.Span));
        Assert.False(SigstructSignature.VerifyBouncyCastle(bytes.Span[..2047]));
        Assert.False(SigstructSignature.VerifyBouncyCastle([]));
    }

    [Fact]
    public void An_even_modulus_another_exponent_and_a_large_signature_have_their_own_findings()
    {
        Assert.Contains("SIG-013", Ids(MutatedModule.Of("1.5.56").Sigstruct(128, 0x02)));
        Assert.Contains("SIG-013", Ids(MutatedModule.Of("1.5.56").Sigstruct(511, 0x01)));
        Assert.Contains("SIG-014", Ids(MutatedModule.Of("1.5.56").SigstructU32(512, 3)));
        Assert.Contains("SIG-014", Ids(MutatedModule.Of("1.5.56").SigstructU32(512, 1)));
        Assert.Contains("SIG-014", Ids(MutatedModule.Of("1.5.56").SigstructU32(512, 65536)));
        Assert.Contains("SIG-015",
            Ids(MutatedModule.Of("1.5.56").Sigstruct(516, SampleVerdicts.Of("1.5.56").Input.Sigstruct.Bytes.Span.Slice(128, 384))));
        Assert.All([3u, 1u, 65536u], e => Assert.Contains("RSA-001", Ids(MutatedModule.Of("1.5.56").SigstructU32(512, e))));
    }

    [Fact]
    public void A_valid_signature_by_another_key_is_an_unknown_signer()
    {
        using var key = OtherKey();
        var verdict = ModuleVerifier.Verify(MutatedModule.Of("1.5.56").Resign(key).Rejoin().Build(), SampleUpstream.Policy);
        var finding = Assert.Single(verdict.Findings);
        Assert.Equal("TRUST-001", finding.Rule.Id);
        Assert.StartsWith("valid signature, unknown signer: modulus SHA-384 ", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_signer_whose_signature_is_wrong_is_said_to_be_nothing_more()
    {
        using var key = OtherKey();
        var module = MutatedModule.Of("1.5.56").Resign(key).Sigstruct(600, 1).Rejoin().Build();
        var verdict = ModuleVerifier.Verify(module, SampleUpstream.Policy);
        Assert.False(verdict.Verified);
        Assert.Single(verdict.Findings, f => f.Rule == TrustRules.Signature);
        Assert.StartsWith("unknown signer: modulus SHA-384 ", Assert.Single(verdict.Findings, f => f.Rule.Id == "TRUST-001").Message,
            StringComparison.Ordinal);
        Assert.Equal("unknown signer", verdict.Facts!.Signer);
    }

    [Fact]
    public void A_signers_own_limit_counts_beside_the_policys()
    {
        var policy = SampleUpstream.Policy with
        {
            Signers = [.. SampleUpstream.Policy.Signers.Select(s => s with { MinKeyBits = 4096 })],
        };
        Assert.Equal("the key is RSA-3072, policy \"TEST - synthetic sample only\" demands at least 4096 bits",
            Assert.Single(ModuleVerifier.Verify(SampleVerdicts.Of("1.5.56").Input, policy).Findings).Message);
    }

    [Fact]
    public void What_is_told_of_a_module_is_what_its_sigstruct_says()
    {
        var (one, two) = (SampleVerdicts.Of("1.5.56"), SampleVerdicts.Of("2.0.56"));
        Assert.All(SampleVerdicts.All, v => Assert.Equal(v.Facts!.Cpus.Order(), v.Facts!.Cpus));
        Assert.Contains(SampleVerdicts.All, v => v.Facts!.Cpus.Count > 1);
        Assert.Equal((true, 0, "tdxrel TEST key RSA-3072"), (one.Verified, one.Facts!.BuildNumber, one.Facts.Signer));
        Assert.Equal((true, Sigstruct.Read(two.Input.Sigstruct.Bytes)!.BuildNumber), (two.Verified, two.Facts!.BuildNumber));
        Assert.NotEqual(0, two.Facts.BuildNumber);
    }

    [Fact]
    public void A_4096_bit_module_is_never_accepted_for_a_signer_of_Intels_layout()
    {
        // Even a policy that pins the 4096-bit modulus under Intel's layout does not let it pass.
        var hash = SampleVerdicts.Of("2.0.56").Facts!.SignerSha384;
        var policy = SampleUpstream.Policy with { Signers = [new TrustedSigner("pinned", hash, 3072, SigstructLayout.IntelRsa3072.Name)] };
        var finding = Assert.Single(ModuleVerifier.Verify(SampleVerdicts.Of("2.0.56").Input, policy).Findings);
        Assert.Equal("signer \"pinned\" uses layout synthetic-rsa4096, the policy names intel-rsa3072", finding.Message);
        Assert.All(TrustPolicy.Default.Signers, s => Assert.Equal("intel-rsa3072", s.Layout));
    }

    [Fact]
    public void A_policy_that_demands_4096_bits_says_why_it_refuses()
    {
        var policy = SampleUpstream.Policy with { MinSigstructBits = 4096 };
        var finding = Assert.Single(ModuleVerifier.Verify(SampleVerdicts.Of("1.5.56").Input, policy).Findings);
        Assert.Equal("the key is RSA-3072, policy \"TEST - synthetic sample only\" demands at least 4096 bits", finding.Message);
        Assert.True(ModuleVerifier.Verify(SampleVerdicts.Of("2.0.56").Input, policy).Verified);
    }

    [Fact]
    public void Two_signers_of_one_line_are_noticed()
    {
        using var key = OtherKey();
        var verdicts = SampleVerdicts.All.Where(v => v.Input.Spelling != "1.5.67")
            .Append(ModuleVerifier.Verify(MutatedModule.Of("1.5.67").Resign(key).Rejoin().Build(), SampleUpstream.Policy)).ToList();
        var findings = CrossChecks.Check(SampleVerdicts.Mapping, "mapping_file.json", verdicts, PublishedList.Default);
        Assert.Equal(["XCK-011"], findings.Select(f => f.Rule.Id));
    }

    [Fact]
    public void A_broken_policy_is_exit_3_with_its_place()
    {
        var text = Encoding.UTF8.GetString(SampleUpstream.PolicyBytes)
            .Replace("\"allowDebug\": true", "\"allowDebug\": 1", StringComparison.Ordinal);
        var e = Assert.Throws<TdxException>(() => TrustPolicy.Read(Encoding.UTF8.GetBytes(text), "p.json"));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.Equal("p.json:21:17: POL-004: the policy: \"allowDebug\" is a number, want a boolean", e.Message);
    }

    private static RSA OtherKey()
    {
        var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(TestData.Checkout, "tests", "fixtures", "keys", "other-3072.pem")));
        return key;
    }

    private static IEnumerable<string> Ids(MutatedModule module) =>
        ModuleVerifier.Verify(module.Build(), SampleUpstream.Policy).Findings.Select(f => f.Rule.Id);
}
