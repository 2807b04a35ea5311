using System.CommandLine;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Trust;
using TdxRelease.Stages;

namespace TdxRelease.Cli.Commands;

/// <summary>Options that mean the same in every command.</summary>
internal static class Options
{
    public static Option<bool> Json() => new("--json") { Description = "print the result as JSON" };

    public static Option<bool> Lenient() => new("--lenient") { Description = "unknown keys of the mapping file are warnings" };

    public static Option<string?> Policy() => new("--policy") { Description = "trust policy file instead of the embedded one (Intel's production key); 'sample' for the sample's", HelpName = "FILE" };

    public static Argument<string> Snapshot() => new("SNAPSHOT") { Description = "folder in upstream's layout" };

    public static Strictness Strictness(bool lenient) => lenient ? Modules.Json.Strictness.Lenient : Modules.Json.Strictness.Strict;

    /// <summary>The policy file, the sample's policy, or the embedded policy where none is named.</summary>
    public static TrustPolicy LoadPolicy(string? file) => Policies.Load(file);
}
