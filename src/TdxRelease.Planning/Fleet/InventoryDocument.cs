using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Fleet;

/// <summary>
/// Documents of programs that know the hosts already, turned into JSON lines, one a host: Ansible's <c>setup</c> facts (with the local
/// fact <c>tdx_module</c>, which is
/// what <c>tdx-module-update status --json</c> prints), <c>ansible-inventory --list</c> with such variables, and the answer of
/// Prometheus' <c>/api/v1/query</c>
/// for <c>tdx_module_info</c>.
/// </summary>
public static class InventoryDocument
{
    private const string Fact = "tdx_module";
    private static readonly string[] RemainingMetrics = ["tdx_module_remaining_updates"];

    /// <summary>The rows as JSON lines, in the document's order. What a row lacks is for <see cref="FleetPlanner"/> to name.</summary>
    /// <exception cref="TdxException">Exit 3: no JSON, or none of these documents.</exception>
    public static byte[] Lines(ReadOnlySpan<byte> document)
    {
        JsonNode root;
        try
        {
            root = JsonNode.Parse(document.StartsWith(Encoding.UTF8.Preamble) ? document[3..] : document,
                documentOptions: new() { MaxDepth = PositionedJson.MaxDepth, AllowDuplicateProperties = false })!;
        }
        catch (JsonException e)
        {
            throw new TdxException(ExitCode.BadInput, $"{PositionedJson.Where(e, "the inventory")}: not JSON", null, e);
        }

        var rows = root switch
        {
            JsonObject { } answer when answer.ContainsKey("resultType") || answer.ContainsKey("data") || answer.ContainsKey("status") =>
                Prometheus(answer),
            JsonObject { } list when list["_meta"] is JsonObject meta =>
                Variables(meta["hostvars"] as JsonObject ?? throw Bad("_meta.hostvars is not an object")),
            JsonObject { } facts when facts["ansible_facts"] is JsonObject one => [Row(HostOf(one), one)],
            JsonObject { } many => Variables(many),
            _ => throw Bad("the document is not an object"),
        };
        return Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => row.ToJsonString() + "\n")));
    }

    /// <summary>Hosts with their variables or facts, by name.</summary>
    private static IEnumerable<JsonObject> Variables(JsonObject hosts) => hosts.Select(host =>
        Row(host.Key, host.Value as JsonObject is { } known ? known["ansible_facts"] as JsonObject ?? known
            : throw Bad($"\"{host.Key}\" is not a host with facts or variables")));

    private static JsonObject Row(string host, JsonObject facts)
    {
        var local = (facts["ansible_local"] ?? facts["local"]) as JsonObject;
        var state = local?[Fact] as JsonObject ?? facts[Fact] as JsonObject ?? [];
        var row = new JsonObject { ["host"] = host };
        foreach (var name in InventoryColumns.Names.Skip(1))
        {
            if (state[name] is { } value)
            {
                row[name] = value.DeepClone();
            }
        }

        foreach (var (name, value) in facts.Where(f => f.Value is JsonValue && InventoryColumns.IndexOf(f.Key) < 0
            && !f.Key.StartsWith("ansible_", StringComparison.Ordinal)))
        {
            row[name] = value!.DeepClone();
        }

        return row;
    }

    private static string HostOf(JsonObject facts) =>
        Word(facts["ansible_nodename"]) ?? Word(facts["nodename"]) ?? Word(facts["ansible_hostname"])
            ?? throw Bad("the facts lack ansible_nodename: which host is it?");

    /// <summary>A vector; series of one instance are one host.</summary>
    private static IEnumerable<JsonObject> Prometheus(JsonObject answer)
    {
        if (Word(answer["status"]) is { } status and not "success")
        {
            throw Bad($"Prometheus answered {status}: {Word(answer["error"])}");
        }

        if (((answer["data"] as JsonObject ?? answer)["result"]) is not JsonArray series)
        {
            throw Bad("the answer of Prometheus has no data.result");
        }

        var metrics = series.Select((s, i) => (s as JsonObject)?["metric"] is JsonObject labels ? (Labels: labels, Value: s["value"])
            : throw Bad($"data.result[{i}] has no metric")).ToList();
        var left = metrics.Where(m => RemainingMetrics.Contains(Word(m.Labels["__name__"]))).GroupBy(m => Host(m.Labels))
            .ToDictionary(g => g.Key, g => g.First().Value);
        foreach (var (labels, _) in metrics.Where(m => !RemainingMetrics.Contains(Word(m.Labels["__name__"]))))
        {
            var row = new JsonObject(labels.Where(l => l.Key != "__name__")
                .Select(l => KeyValuePair.Create(l.Key, l.Value?.DeepClone())))
            { ["host"] = Host(labels) };
            row.Remove("remaining");
            var text = Word(labels["remaining"]) ?? (left.GetValueOrDefault(Host(labels)) is JsonArray { Count: 2 } sample
                ? Word(sample[1]) : null);
            if (text is not null)
            {
                row["remaining"] = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : text;
            }

            yield return row;
        }
    }

    /// <summary>The label <c>host</c>, or the instance without its port.</summary>
    private static string Host(JsonObject labels)
    {
        var instance = Word(labels["host"]) ?? Word(labels["instance"]) ?? "";
        var colon = instance.LastIndexOf(':');
        return labels["host"] is null && colon > 0 && instance.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? instance[..colon]
            : instance;
    }

    private static string? Word(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String
        ? value.GetValue<string>() : null;

    private static TdxException Bad(string why) =>
        new(ExitCode.BadInput, why,
            "known: Ansible's setup facts, ansible-inventory --list, and the answer of Prometheus' /api/v1/query for tdx_module_info");
}
