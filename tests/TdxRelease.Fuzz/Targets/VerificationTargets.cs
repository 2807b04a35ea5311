using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;
using static TdxRelease.Fuzz.Contract;

namespace TdxRelease.Fuzz.Targets;

/// <summary>What Intel publishes, and the policies that judge it.</summary>
internal static class VerificationTargets
{
    public static bool Sigstructs(byte[] bytes)
    {
        var findings = new List<Finding>();
        if (Sigstruct.Read(bytes) is not { } sigstruct)
        {
            return false;
        }

        new SigstructChecker(sigstruct, "fuzz", "1.5.00", findings).Check(1 << 16, new(1, 5, 0));
        new SigstructChecker(sigstruct, "fuzz", "2.0.00", []).Check(1 << 16, new(2, 0, 0));
        _ = (sigstruct.Date, sigstruct.Cpus.Count, TrustPolicy.Default.SignerOf(sigstruct.Modulus));
        Require(SigstructSignature.VerifyPlatform(sigstruct) == SigstructSignature.VerifyBouncyCastle(bytes),
            "the two RSA implementations disagree");
        Require(SigstructEncoder.Encode(sigstruct).AsSpan().SequenceEqual(bytes), "encoding the decoded fields gives other bytes");
        return !findings.Exists(f => f.Fails);
    }

    public static bool Images(byte[] bytes, ImageFormat format)
    {
        var findings = new List<Finding>();
        if (!ImageChecker.Check(bytes, "fuzz", null, findings))
        {
            Require(findings.Count > 0, "refused without a finding");
            return false;
        }

        Require(Image.TryRead(bytes, out var image), "checked, but cannot be read");
        var sigstruct = image.SigstructPart[..ImageChecker.SigstructLength(image.SigstructPart)];
        ImageChecker.CheckJoined(bytes, image.ModulePart, sigstruct, "fuzz", null, findings);
        Require(findings.Count == 0, "the parts of an image do not fit it");
        Require(ImageWriter.Join(image.ModulePart, sigstruct, image.Format).AsSpan().SequenceEqual(bytes),
            "joining the parts gives other bytes");
        return image.Format == format;
    }

    public static bool Mappings(byte[] bytes)
    {
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(bytes, "fuzz", Strictness.Lenient, findings);
        Require(mapping is null == findings.Exists(f => f.Fails), "refused without a finding that fails, or the reverse");
        var lines = 1 + bytes.Count(b => b == '\n');
        Require(findings.TrueForAll(f => f.Location.Line >= 1 && f.Location.Line <= lines), "a finding is outside the file");
        if (mapping is null)
        {
            return false;
        }

        var versions = mapping.Releases.Select(r => r.Version).ToList();
        Require(versions.Distinct().Order().SequenceEqual(versions), "releases are not sorted, or one comes twice");
        Require(mapping.Releases.All(r => mapping.Find(r.Version) == r), "a release is not found by its version");
        SnapshotChecks.Check([], mapping, "fuzz");
        return true;
    }

    public static bool Policies(byte[] bytes)
    {
        var policy = TrustPolicy.Read(bytes, "fuzz");
        policy.Refusal(new(1, 5, 5), new string('0', 96));
        return policy.Signers.Count > 0;
    }

    public static bool PublishedLists(byte[] bytes) => PublishedList.Read(bytes, "fuzz").Source.Length > 0;
}
