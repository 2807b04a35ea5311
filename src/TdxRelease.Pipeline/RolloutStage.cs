using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rollout;
using TdxRelease.Release.Attestation;

namespace TdxRelease.Pipeline;

/// <summary>Writes rollouts with their allow-lists, and says what is next in one.</summary>
public static class RolloutStage
{
    /// <summary>The rollout in its folder.</summary>
    public const string FileName = "rollout.json";

    private const long MaxPlans = 1L << 30; // four million hosts
    private const int MaxState = 1 << 30;

    /// <summary>SHA-256 of a file of plans, lower-case hex.</summary>
    public static string Hash(string plans)
    {
        using var input = InputFile.OpenStream(plans, MaxPlans);
        return Convert.ToHexStringLower(SHA256.HashData(input));
    }

    /// <summary>Cuts a file of plans into waves.</summary>
    /// <exception cref="TdxException">Exit 3: a bad line, or a host in no wave.</exception>
    public static RolloutPlan Plan(string plans, string? domainColumn, RolloutOptions options)
    {
        using var input = InputFile.OpenStream(plans, MaxPlans);
        return RolloutPlan.Of(RolloutHost.Read(input, plans, domainColumn), options);
    }

    /// <summary>Writes the rollout, and for each wave the allow-lists of verifiers (schemas/reference-values.schema.json).</summary>
    /// <param name="plan">The rollout.</param>
    /// <param name="references">Where the measurements come from; null: no allow-lists.</param>
    /// <param name="folder">Where to.</param>
    /// <exception cref="TdxException">Exit 3: a host runs or will run a version whose measurement is not there.</exception>
    public static void Write(RolloutPlan plan, IReadOnlyList<ModuleReference>? references, AtomicFolder folder)
    {
        folder.Write(FileName, RolloutJson.Write(plan));
        for (var i = 0; references is not null && i < plan.Waves.Count; i++)
        {
            var accept = plan.Waves[i].Accept;
            foreach (var (when, versions) in new[] { ("before", accept.Before), ("during", accept.During), ("after", accept.After) })
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"accept/wave-{i + 1}-{when}.json");
                folder.Write(name, AllowList(references, versions));
            }
        }
    }

    /// <summary>Reads a rollout.</summary>
    public static (RolloutPlan Plan, string Id) Read(string path) => RolloutJson.Read(InputFile.Read(path, MaxPlans), path);

    /// <summary>Reads how far it is; a state file that is not there yet is the beginning.</summary>
    public static (RolloutState State, byte[] Lines) State(RolloutPlan plan, string id, string path)
    {
        var lines = Path.Exists(path) ? InputFile.Read(path, MaxState) : [];
        return (RolloutState.Read(plan, id, lines, path), lines);
    }

    /// <summary>Notes what the operator decided on the hosts that failed: <c>retry</c> or <c>skipped</c>.</summary>
    public static void Decide(RolloutState state, string id, string path, byte[] lines, string decision)
    {
        var whole = lines.AsSpan(0, lines.AsSpan().LastIndexOf((byte)'\n') + 1).ToArray();
        foreach (var host in state.With(HostResult.Failed).ToList())
        {
            state.Add(host.Host, decision == "retry" ? HostResult.Pending : HostResult.Skipped);
            whole = [.. whole, .. RolloutJson.Result(id, host.Host, decision)];
        }

        AtomicFile.Write(path, whole);
    }

    private static byte[] AllowList(IReadOnlyList<ModuleReference> references, IEnumerable<string> versions) =>
        ReferenceValues.ToAllowList([.. versions.Select(version => references.FirstOrDefault(r => r.Version == version)
            ?? throw new TdxException(ExitCode.BadInput, $"a host runs module {version}, whose measurement is not there",
                $"take it from a quote of such a host: --measurement {version}:SVN:MRSEAM"))]);
}
