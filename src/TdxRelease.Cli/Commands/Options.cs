using System.CommandLine;
using TdxRelease.Files;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Trust;

namespace TdxRelease.Cli.Commands;

/// <summary>Options that mean the same in every command.</summary>
internal static class Options
{
    private const int MaxPolicyLength = 1 << 20;

    public static Option<bool> Json() => new("--json") { Description = "print the result as JSON" };

    public static Option<bool> Lenient() => new("--lenient") { Description = "unknown keys of the mapping file are warnings" };

    public static Option<string?> Policy() => new("--policy") { Description = "trust policy file instead of the embedded one (Intel's production key)", HelpName = "FILE" };

    public static Argument<string> Snapshot() => new("SNAPSHOT") { Description = "folder in upstream's layout" };

    public static Strictness Strictness(bool lenient) => lenient ? Modules.Json.Strictness.Lenient : Modules.Json.Strictness.Strict;

    /// <summary>The policy file, or the embedded policy where none is named.</summary>
    public static TrustPolicy LoadPolicy(string? file) =>
        file is null ? TrustPolicy.Default : TrustPolicy.Read(InputFile.Read(file, MaxPolicyLength), file);
}
