using System.CommandLine;
using TdxRelease.Core;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Cli.Commands;

/// <summary>Options that mean the same in every command.</summary>
internal static class Options
{
    public static Option<bool> Json() => new("--json") { Description = "print the result as JSON" };

    public static Option<string?> Report() =>
        new("--report") { Description = "print the findings as a report instead", HelpName = "text|json|sarif|junit|markdown" };

    /// <summary>The time in reports: SOURCE_DATE_EPOCH, else now.</summary>
    public static DateTimeOffset Time() => SourceDateEpoch.FromEnvironment() ?? TimeProvider.System.GetUtcNow();

    public static Option<bool> Lenient() => new("--lenient") { Description = "unknown keys of the mapping file are warnings" };

    public static Option<string?> Policy() =>
        new("--policy")
        {
            Description = "trust policy file instead of the embedded one (Intel's production key); 'sample' for the sample's",
            HelpName = "FILE"
        };

    public static Argument<string> Snapshot() => new("SNAPSHOT") { Description = "directory in upstream's layout" };

    public static Strictness Strictness(bool lenient) =>
        lenient ? TdxRelease.Core.Json.Strictness.Lenient : TdxRelease.Core.Json.Strictness.Strict;

    /// <summary>The policy file, the sample's policy, or the embedded policy where none is named.</summary>
    public static TrustPolicy LoadPolicy(string? file) => Policies.Load(file);

    /// <summary>A snapshot that verifies; anything else ends the command.</summary>
    public static VerifiedSnapshot Verified(string folder, string? policy, bool lenient)
    {
        var verified = VerifyStage.Run(TdxRelease.Upstream.Snapshots.Snapshot.Open(folder), LoadPolicy(policy), Strictness(lenient));
        verified.Require();
        return verified;
    }

    /// <summary>A CPU by family name or signature.</summary>
    public static CpuSignature Cpu(string text) =>
        CpuFamily.Parse(text)
        ?? throw new TdxException(ExitCode.BadInput, $"--cpu: \"{text}\" is neither a CPUID signature such as 0x806F8 nor a known family",
        $"known: {string.Join(", ", CpuFamily.Known.Select(f => f.Id))}");

    /// <summary>A version.</summary>
    public static ModuleVersion Version(string text, string option) =>
        ModuleVersion.TryParse(text, out var version) ? version
        : throw new TdxException(ExitCode.BadInput,
        $"{option}: \"{text}\" is not a version of the form major.minor.update, such as 1.5.05");
}
