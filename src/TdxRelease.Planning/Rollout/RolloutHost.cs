using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Fleet;

namespace TdxRelease.Planning.Rollout;

/// <summary>A host as its line of <c>tdxrel plan --inventory</c> has it.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Cpu">Its CPU family's signature.</param>
/// <param name="Seamldr">Its P-SEAMLDR.</param>
/// <param name="Running">The module that runs.</param>
/// <param name="Path">The modules to load, in order; empty where there is nothing to do or no way.</param>
/// <param name="Domain">Its failure domain, such as a rack; empty where none is known: then it is alone in it.</param>
public sealed partial record RolloutHost(string Host, string Cpu, string Seamldr, string Running, IReadOnlyList<RolloutStep> Path,
    string Domain)
{
    /// <summary>The version that the plan ends at.</summary>
    public string Target => Path.Count > 0 ? Path[^1].To : Running;

    /// <summary>Everything the host may run until the plan's end.</summary>
    public IEnumerable<string> Versions => Path.Select(s => s.To).Prepend(Running);

    /// <summary>Reads the lines of a fleet's plan.</summary>
    /// <param name="plans">JSON lines (schemas/fleet-plan.schema.json).</param>
    /// <param name="name">How errors call the file.</param>
    /// <param name="domainColumn">The kept column that names the failure domain; null where there is none.</param>
    /// <exception cref="TdxException">Exit 3: no such line, or a host that stands in two.</exception>
    public static IReadOnlyList<RolloutHost> Read(Stream plans, string name, string? domainColumn)
    {
        var lines = new LineBuffer(plans);
        var hosts = new List<RolloutHost>();
        var rows = new HostRows();
        for (var row = 1L; lines.TryRead(out var line); row++)
        {
            var host = Of(StrictObject.Of(Parse(line, $"{name}:{row}"), $"{name}:{row}"), domainColumn);
            hosts.Add(rows.Add(host.Host, row) is var earlier and not 0
                ? throw new TdxException(ExitCode.BadInput, $"{name}:{row}: host \"{host.Host}\" is in line {earlier} already")
                : host);
        }

        return hosts;
    }

    internal static JsonNode? Parse(ReadOnlySpan<byte> line, string place)
    {
        try
        {
            return JsonNode.Parse(line, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new TdxException(ExitCode.BadInput, $"{place}: not JSON", null, e);
        }
    }

    internal static RolloutHost Of(StrictObject line) => new(
        line.Text("host", AnyText(), "a host's name"),
        line.Text("cpu", AnyText(), "a CPU signature"),
        line.Text("seamldr", AnyText(), "a version"),
        line.Text("running", AnyText(), "a version"),
        [.. line.Objects("path").Select(RolloutStep.Of)],
        line.OptionalText("domain", AnyText(), "a text") ?? "");

    private static RolloutHost Of(StrictObject line, string? domainColumn)
    {
        var columns = line.Has("columns") ? line.Node("columns") as JsonObject : null;
        var domain = domainColumn is null ? "" : columns?[domainColumn]?.ToString()
            ?? throw new TdxException(ExitCode.BadInput, $"{line.Location}: no column \"{domainColumn}\"",
                "tdxrel plan --keep-columns passes it on");
        _ = line.Has("outcome") && line.Has("reason") && line.Has("remaining");
        return Of(line) with { Domain = domain };
    }

    [GeneratedRegex(@"\A[^\x00-\x1f\x7f]+\z")]
    private static partial Regex AnyText();
}

/// <summary>One update of a plan.</summary>
/// <param name="To">The module loaded.</param>
/// <param name="Tier"><c>strict</c> or <c>td-preserving</c>.</param>
public sealed partial record RolloutStep(string To, string Tier)
{
    internal static RolloutStep Of(StrictObject step) =>
        new(step.Text("to", Version(), "a version"), step.Text("tier", Tiers(), "strict or td-preserving"));

    [GeneratedRegex(@"\A[0-9]+\.[0-9]+\.[0-9]+\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\A(strict|td-preserving)\z")]
    private static partial Regex Tiers();
}
