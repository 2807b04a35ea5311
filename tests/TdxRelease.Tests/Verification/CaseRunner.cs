using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Samples;
using TdxRelease.Tests.Samples;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Verification;

/// <summary>Applies a case to the synthetic upstream and gives back what the verifier finds.</summary>
internal static class CaseRunner
{
    public static IReadOnlyList<Finding> Run(CaseFile file) => file.Kind switch
    {
        "module" => Module(file),
        "cross" => Cross(file),
        "mapping" => Mapping(file),
        "policy" => Policy(file),
        "published" => Published(file),
        "snapshot" => SnapshotChecks.Check(SampleVerdicts.Files.Keys.Except(file.Strings("remove")).Concat(file.Strings("add")),
            SampleVerdicts.Mapping, "mapping_file.json"),
        "license" => SnapshotChecks.CheckLicense(Encoding.UTF8.GetBytes(file.Text("text") ?? SampleUpstream.LicenseText),
            "BINARIES_LICENSE", SampleUpstream.Policy) is { } finding ? [finding] : [],
        _ => throw new InvalidOperationException($"{file.Name}: kind \"{file.Kind}\""),
    };

    private static IReadOnlyList<Finding> Module(CaseFile file) =>
        ModuleVerifier.Verify(Mutated(file.Text("base")!, file.Json.GetProperty("steps")), PolicyOf(file)).Findings;

    private static List<Finding> Cross(CaseFile file)
    {
        var verdicts = SampleVerdicts.All.ToDictionary(v => v.Input.Spelling);
        var findings = new List<Finding>();
        foreach (var change in file.Json.TryGetProperty("modules", out var modules) ? modules.EnumerateObject().ToArray() : [])
        {
            var verdict = ModuleVerifier.Verify(Mutated(change.Name, change.Value), SampleUpstream.Policy);
            verdicts[change.Name] = verdict;
            findings.AddRange(verdict.Findings);
        }

        foreach (var dropped in file.Strings("drop"))
        {
            verdicts.Remove(dropped);
        }

        var mapping = MappingReader.Read(file.Patched(SampleVerdicts.Files["mapping_file.json"], "mapping"), "mapping_file.json",
            Strictness.Strict, findings)!;
        var published = file.Text("published") is { } list
            ? PublishedList.Read(Encoding.UTF8.GetBytes(CaseFile.Filled(list)), "published.json") : PublishedList.Default;
        return [.. findings, .. CrossChecks.Check(mapping, "mapping_file.json", [.. verdicts.Values], published)];
    }

    private static List<Finding> Mapping(CaseFile file)
    {
        var findings = new List<Finding>();
        var strictness = file.Text("mode") == "lenient" ? Strictness.Lenient : Strictness.Strict;
        var mapping = MappingReader.Read(file.Patched(SampleVerdicts.Files["mapping_file.json"], "replace"), "mapping_file.json",
            strictness, findings);
        Assert.Equal(findings.Exists(f => f.Fails), mapping is null);
        return findings;
    }

    private static List<Finding> Policy(CaseFile file)
    {
        var findings = new List<Finding>();
        var policy = TrustPolicyReader.Read(file.Patched(SampleUpstream.PolicyBytes, "replace"), "policy.json", findings);
        Assert.Equal(findings.Exists(f => f.Fails), policy is null);
        return findings;
    }

    private static List<Finding> Published(CaseFile file)
    {
        var findings = new List<Finding>();
        var list = PublishedList.Read(file.Patched(PublishedList.Resource(), "replace"), "published.json", findings);
        Assert.Equal(findings.Exists(f => f.Fails), list is null);
        return findings;
    }

    private static TrustPolicy PolicyOf(CaseFile file) => file.Text("policy") == "default"
        ? TrustPolicy.Default
        : TrustPolicy.Read(file.Patched(SampleUpstream.PolicyBytes, "policyReplace"), "policy.json");

    private static ModuleInput Mutated(string version, JsonElement steps)
    {
        var module = MutatedModule.Of(version);
        string? claim = null;
        foreach (var step in steps.EnumerateArray())
        {
            var (what, argument) = (step[0].GetString()!, step.GetArrayLength() > 1 ? step[1] : default);
            switch (what)
            {
                case "sigstruct": module.Sigstruct(argument.GetInt32(), Bytes(step[2])); break;
                case "sigstruct-length": module.ReplaceSigstruct(Resized(module.Build().Sigstruct.Bytes, argument.GetInt32())); break;
                case "module": module.Module(argument.GetInt32(), Bytes(step[2])); break;
                case "module-length": module.ResizeModule(argument.GetInt32()); break;
                case "module-of": module.ReplaceModule(SampleVerdicts.Of(argument.GetString()!).Input.Module.Bytes.ToArray()); break;
                case "image": module.Image(argument.GetInt32(), Bytes(step[2])); break;
                case "image-length": module.ResizeImage(argument.GetInt32()); break;
                case "no-image": module.WithoutImage(); break;
                case "rehash": module.Rehash(); break;
                case "resign": module.Resign(); break;
                case "rejoin":
                    module.Rejoin(argument.ValueKind == JsonValueKind.String ? Enum.Parse<ImageFormat>(argument.GetString()!)
                    : null); break;
                case "recheck": module.Recheck(); break;
                case "claim": claim = argument.GetString(); break;
                default: throw new InvalidOperationException($"step \"{what}\"");
            }
        }

        return module.Build(claim);
    }

    private static byte[] Bytes(JsonElement hex) => Convert.FromHexString(hex.GetString()!.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] Resized(ReadOnlyMemory<byte> bytes, int length)
    {
        var resized = bytes.ToArray();
        Array.Resize(ref resized, length);
        return resized;
    }
}
