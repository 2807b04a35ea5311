using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Rollout;

/// <summary>Rollouts as canonical JSON (schemas/rollout.schema.json). A rollout's id is the hash of its document without the id.</summary>
public static partial class RolloutJson
{
    private const string Format = "tdxrel-rollout/1";
    private const int MostBatches = 10_000_000;

    /// <summary>The document.</summary>
    public static byte[] Write(RolloutPlan plan)
    {
        var document = Object(plan);
        document["id"] = Id(document);
        return CanonicalJson.Write(document);
    }

    /// <summary>Reads a document.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="name">How errors call the file.</param>
    /// <exception cref="TdxException">Exit 3: it is none. Exit 4: it was changed after it was made.</exception>
    public static (RolloutPlan Plan, string Id) Read(ReadOnlySpan<byte> json, string name)
    {
        var node = CanonicalJson.Read(json, name);
        var document = StrictObject.Of(node, name);
        _ = document.Text("format", FormatName(), Format);
        var id = document.Text("id", Hash(), "a SHA-256");
        var rest = document.Object("rest");
        var plan = new RolloutPlan(
            new()
            {
                GroupBy = Texts(document, "groupBy"),
                Waves = [],
                MaxParallel = (int)document.Number("maxParallel", 1, int.MaxValue),
                MaxFailedPercent = (int)document.Number("maxFailedPercent", 0, 100),
                Plans = document.Text("plans", Hash(), "a SHA-256"),
                Sequence = document.Has("sequence") ? document.Number("sequence", 0, CanonicalJson.MaxInteger) : null,
            },
            [.. document.Objects("waves").Select(Wave)],
            ((JsonObject)document.Node("rest")).ToDictionary(r => r.Key, r => (int)rest.Number(r.Key, 1, int.MaxValue)));
        document.Done();
        var content = (JsonObject)node;
        content.Remove("id");
        return Id(content) == id ? (plan, id)
            : throw new TdxException(ExitCode.VerificationFailed,
                $"{name}: the rollout was changed after it was made: its id is not its hash", "tdxrel rollout makes a new one");
    }

    /// <summary>A line of the state file.</summary>
    public static byte[] Result(string id, string host, string result) =>
        CanonicalJson.Write(new JsonObject { ["host"] = host, ["result"] = result, ["rollout"] = id });

    /// <summary>What is next: the wave's pending hosts, batch by batch, and what verifiers must accept before it begins.</summary>
    public static byte[] Next(RolloutState state, string id, (int Wave, IReadOnlyList<IReadOnlyList<RolloutHost>> Batches)? next) =>
        CanonicalJson.Write(new JsonObject
        {
            ["accept"] = Array(state.Accept()),
            ["batches"] = new JsonArray([.. (next?.Batches ?? []).Select(b => (JsonNode?)Array(b.Select(h => h.Host)))]),
            ["changed"] = Array(state.With(HostResult.Changed).Select(h => h.Host)),
            ["done"] = state.With(HostResult.Done).Count(),
            ["failed"] = Array(state.With(HostResult.Failed).Select(h => h.Host)),
            ["finished"] = next is null,
            ["rollout"] = id,
            ["wave"] = next?.Wave + 1,
        });

    internal static JsonObject Host(RolloutHost host)
    {
        var json = new JsonObject
        {
            ["cpu"] = host.Cpu,
            ["host"] = host.Host,
            ["path"] = new JsonArray([.. host.Path.Select(s => (JsonNode?)new JsonObject { ["tier"] = s.Tier, ["to"] = s.To })]),
            ["running"] = host.Running,
            ["seamldr"] = host.Seamldr,
        };
        if (host.Domain.Length > 0)
        {
            json["domain"] = host.Domain;
        }

        return json;
    }

    private static JsonObject Object(RolloutPlan plan)
    {
        var document = new JsonObject
        {
            ["format"] = Format,
            ["groupBy"] = Array(plan.Options.GroupBy),
            ["maxFailedPercent"] = plan.Options.MaxFailedPercent,
            ["maxParallel"] = plan.Options.MaxParallel,
            ["plans"] = plan.Options.Plans,
            ["rest"] = new JsonObject(plan.Rest.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value))),
            ["waves"] = new JsonArray([.. plan.Waves.Select(w => (JsonNode?)new JsonObject
            {
                ["accept"] = new JsonObject { ["after"] = Array(w.Accept.After), ["before"] = Array(w.Accept.Before),
                    ["during"] = Array(w.Accept.During) },
                ["batches"] = new JsonArray([.. w.Batches.Select(b => (JsonNode?)new JsonArray([.. b.Select(h => (JsonNode?)Host(h))]))]),
            })]),
        };
        if (plan.Options.Sequence is { } sequence)
        {
            document["sequence"] = sequence;
        }

        return document;
    }

    private static string Id(JsonObject document) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(document)));

    private static Wave Wave(StrictObject wave)
    {
        var batches = wave.Array("batches", MostBatches).Select((batch, i) => (IReadOnlyList<RolloutHost>)
            [.. (batch as JsonArray ?? throw wave.Bad("batches", "an array of arrays"))
                .Select((h, j) => Host(StrictObject.Of(h, $"{wave.Location}.batches[{i}][{j}]")))]);
        var accept = wave.Object("accept");
        return new([.. batches], new(Texts(accept, "before"), Texts(accept, "during"), Texts(accept, "after")));
    }

    private static RolloutHost Host(StrictObject json)
    {
        var host = RolloutHost.Of(json);
        json.Done();
        return host.Path.Count > 0 ? host : throw json.Bad("path", "at least one update");
    }

    private static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)t)]);

    private static IReadOnlyList<string> Texts(StrictObject json, string key) =>
        [.. json.Array(key).Select(t => t is JsonValue value && value.TryGetValue<string>(out var text) ? text
            : throw json.Bad(key, "texts"))];

    [GeneratedRegex(@"\Atdxrel-rollout/1\z")]
    private static partial Regex FormatName();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
