using System.Buffers;
using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>
/// A graph as OpenShift Cincinnati v1 JSON. Its clients parse strict SemVer, so that 1.5.05
/// becomes 1.5.5 and upstream's spelling goes to the metadata, which holds strings only.
/// Strict steps without a known risk are plain edges, all others conditional:
/// each pair stands in one group, as clients drop what is named twice.
/// Clients look one hop ahead, and know neither budgets nor loaders.
/// </summary>
public static class GraphCincinnati
{
    private const string Url = "https://github.com/intel/confidential-computing.tdx.tdx-module.binaries";

    /// <summary>Writes one graph.</summary>
    public static void Write(IBufferWriter<byte> output, StepGraph graph) => JsonText.Document(output, json =>
    {
        var numbers = graph.Nodes.Select((n, i) => (n.Release, i)).ToDictionary(p => p.Release, p => p.i);
        json.WriteStartObject();
        json.Array("conditionalEdges",
            graph.Edges.Where(e => Risks(e).Any()).GroupBy(e => (e.To.Version, string.Join(',', Risks(e).Select(r => r.Name)))), group =>
            Group(json, [.. group]));
        json.Array("edges", graph.Edges.Where(e => !Risks(e).Any()), edge =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(numbers[edge.From]);
            json.WriteNumberValue(numbers[edge.To]);
            json.WriteEndArray();
        });
        json.Array("nodes", graph.Nodes, node => Node(json, graph, node));
        json.WriteNumber("version", 1);
        json.WriteEndObject();
    });

    private static void Group(Utf8JsonWriter json, IReadOnlyList<StepEdge> edges)
    {
        json.WriteStartObject();
        json.Objects("edges", edges, edge =>
        {
            json.WriteString("from", edge.From.Version.ToSemVer());
            json.WriteString("to", edge.To.Version.ToSemVer());
        });
        json.WriteStartArray("risks");
        foreach (var (name, message) in Risks(edges[0]))
        {
            json.WriteStartObject();
            json.WriteStartArray("matchingRules");
            json.WriteStartObject();
            json.WriteString("type", "Always");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("message", message);
            json.WriteString("name", name);
            json.WriteString("url", Url);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Node(Utf8JsonWriter json, StepGraph graph, StepNode node)
    {
        var release = node.Release;
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteString("cpu", graph.Family.Signature.ToString());
        json.WriteString("features0", $"0x{release.Features0:X}");
        json.WriteString("loadable", node.Loadable ? "true" : "false");
        json.WriteString("loader", graph.Loader.ToString());
        json.WriteString("mrseam", release.MrSeam);
        json.WriteString("spelling", release.Spelling);
        json.WriteString("svn", release.Svn.ToString());
        json.WriteEndObject();
        json.WriteString("payload", release.ImagePath);
        json.WriteString("version", release.Version.ToSemVer());
        json.WriteEndObject();
    }

    /// <summary>Clients show the name as a reason, which must be letters and digits.</summary>
    private static IEnumerable<(string Name, string Message)> Risks(StepEdge edge)
    {
        if (edge.Tier != StepAnswer.Strict)
        {
            yield return ("TdPreservingOnly", edge.To.StrictCompat is null
                ? "the mapping predates strict_compat_versions: the step is TD-preserving, whether it is strict is unknown"
                : "the step is TD-preserving, not strict: interfaces may change compatibly");
        }

        foreach (var risk in edge.Risks)
        {
            yield return (string.Concat(risk.Id.Split('-', '.').Select(w => char.ToUpperInvariant(w[0]) + w[1..])),
                $"{risk.Title}; {risk.Advice}");
        }
    }
}
