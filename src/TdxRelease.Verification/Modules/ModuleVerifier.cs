using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Modules;

/// <summary>A file of a module: its bytes and what findings call it.</summary>
/// <param name="Path">Path relative to the snapshot.</param>
/// <param name="Bytes">The whole content.</param>
public readonly record struct NamedBytes(string Path, ReadOnlyMemory<byte> Bytes);

/// <summary>The files of one module.</summary>
/// <param name="Version">The version that file names and mapping claim.</param>
/// <param name="Spelling">The version as spelled upstream.</param>
/// <param name="Module">The .bin.</param>
/// <param name="Sigstruct">The .sigstruct.</param>
/// <param name="Image">The joined .blob, or null where there is none.</param>
public sealed record ModuleInput(ModuleVersion Version, string Spelling, NamedBytes Module, NamedBytes Sigstruct, NamedBytes? Image);

/// <summary>The outcome for one module.</summary>
/// <param name="Input">What was verified.</param>
/// <param name="Facts">What the sigstruct says; null where it could not be read.</param>
/// <param name="Findings">In order of the checks.</param>
public sealed record ModuleVerdict(ModuleInput Input, ModuleFacts? Facts, IReadOnlyList<Finding> Findings)
{
    /// <summary>No finding fails.</summary>
    public bool Verified => Facts is not null && !Findings.Any(f => f.Fails);
}

/// <summary>
/// Verifies one module completely: structure, signature by two implementations,
/// trust, hash, image. Touches nothing but the bytes it is given.
/// </summary>
public static class ModuleVerifier
{
    /// <summary>How many rules every module is held to.</summary>
    public static int RuleCount { get; } = SigstructRules.All.Count + ImageRules.All.Count + TrustRules.All.Count;

    /// <summary>Runs every check, also after one has failed, so that the whole extent shows.</summary>
    public static ModuleVerdict Verify(ModuleInput input, TrustPolicy policy) => Verify(input, policy, SignatureVerifiers.Real);

    /// <summary>As above, with the two signature verifiers given: tests make them disagree.</summary>
    internal static ModuleVerdict Verify(ModuleInput input, TrustPolicy policy, SignatureVerifiers verifiers)
    {
        var findings = new List<Finding>();
        var module = input.Module.Bytes.Span;
        ImageChecker.CheckModule(module.Length, input.Module.Path, input.Spelling, findings);
        var sigstruct = Sigstruct.Read(input.Sigstruct.Bytes);
        if (sigstruct is null)
        {
            var message = $"the file has {input.Sigstruct.Bytes.Length} bytes, want {SigstructLayout.IntelRsa3072.Length} (RSA-3072)";
            findings.Add(new(SigstructRules.Length, message, new Location(input.Sigstruct.Path), input.Spelling));
        }

        ModuleFacts? facts = null;
        if (sigstruct is not null)
        {
            new SigstructChecker(sigstruct, input.Sigstruct.Path, input.Spelling, findings).Check(module.Length, input.Version);
            CheckSignature(sigstruct, input, verifiers, findings);
            var hash = SHA384.HashData(module);
            if (!sigstruct.SeamHash.SequenceEqual(hash))
            {
                var message = $"SHA-384 of the module is {Convert.ToHexStringLower(hash)}, "
                    + $"SEAMHASH says {Convert.ToHexStringLower(sigstruct.SeamHash)}";
                findings.Add(new(TrustRules.SeamHash, message, new Location(input.Module.Path), input.Spelling));
            }

            facts = Facts(sigstruct, input, policy);
            CheckTrust(sigstruct, facts, input, policy, findings);
        }

        if (input.Image is { } image && ImageChecker.Check(image.Bytes.Span, image.Path, input.Spelling, findings))
        {
            ImageChecker.CheckJoined(image.Bytes.Span, module, input.Sigstruct.Bytes.Span, image.Path, input.Spelling, findings);
        }

        return new ModuleVerdict(input, facts, findings);
    }

    private static void CheckSignature(Sigstruct sigstruct, ModuleInput input, SignatureVerifiers verifiers, List<Finding> findings)
    {
        var platform = verifiers.Platform(sigstruct);
        var bouncyCastle = verifiers.BouncyCastle(input.Sigstruct.Bytes);
        var place = new Location(input.Sigstruct.Path);
        if (platform != bouncyCastle)
        {
            findings.Add(new(TrustRules.Disagreement, $"the platform's RSA says {Word(platform)}, BouncyCastle says {Word(bouncyCastle)}",
                place, input.Spelling));
        }

        if (!platform || !bouncyCastle)
        {
            findings.Add(new(TrustRules.Signature, "the signature does not verify with the key in the sigstruct", place, input.Spelling));
        }
    }

    private static ModuleFacts Facts(Sigstruct sigstruct, ModuleInput input, TrustPolicy policy) => new(
        input.Version,
        input.Spelling,
        Convert.ToHexStringLower(sigstruct.SeamHash),
        sigstruct.SeamSvn,
        [.. sigstruct.Cpus.Select(c => c.Family).Where(c => c.Value != 0).Distinct().Order()],
        policy.SignerOf(sigstruct.Modulus)?.Name ?? "unknown signer",
        sigstruct.Layout.KeyBits,
        sigstruct.IsDebug,
        sigstruct.Date,
        input.Version.Major >= 2 ? sigstruct.BuildNumber : 0,
        input.Module.Bytes.Length)
    {
        SignerSha384 = Convert.ToHexStringLower(SHA384.HashData(sigstruct.Modulus)),
    };

    private static void CheckTrust(Sigstruct sigstruct, ModuleFacts facts, ModuleInput input, TrustPolicy policy, List<Finding> findings)
    {
        void Refuse(Rule rule, string message) => findings.Add(new(rule, message, new Location(input.Sigstruct.Path), input.Spelling));

        var signer = policy.SignerOf(sigstruct.Modulus);
        if (signer is null)
        {
            var hash = Convert.ToHexStringLower(SHA384.HashData(sigstruct.Modulus));
            var validity = findings.Exists(f => f.Rule == TrustRules.Signature) ? "unknown signer" : "valid signature, unknown signer";
            Refuse(TrustRules.UnknownSigner, $"{validity}: modulus SHA-384 {hash} is not pinned by policy \"{policy.Name}\"");
        }
        else if (signer.Layout != sigstruct.Layout.Name)
        {
            Refuse(TrustRules.Layout, $"signer \"{signer.Name}\" uses layout {sigstruct.Layout.Name}, the policy names {signer.Layout}");
        }

        var least = Math.Max(policy.MinSigstructBits, signer?.MinKeyBits ?? 0);
        if (sigstruct.Layout.KeyBits < least)
        {
            Refuse(TrustRules.KeyTooSmall,
                $"the key is RSA-{sigstruct.Layout.KeyBits}, policy \"{policy.Name}\" demands at least {least} bits");
        }

        if (sigstruct.IsDebug && !policy.AllowDebug)
        {
            Refuse(TrustRules.Debug, "the module is debug-signed (module_type bit 31)");
        }

        if (policy.Refusal(facts.Version, facts.MrSeam) is { } refusal)
        {
            Refuse(refusal.Rule, refusal.Reason);
        }
    }

    private static string Word(bool valid) => valid ? "valid" : "invalid";
}
