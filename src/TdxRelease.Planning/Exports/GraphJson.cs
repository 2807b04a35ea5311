using System.Buffers;
using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Planning.Exports;

/// <summary>graph.json (schemas/graph.schema.json): every graph with nodes, edges, islands and cold transitions; canonical.</summary>
public static class GraphJson
{
    /// <summary>The document's format.</summary>
    public const string Format = "tdxrel-graph/1";

    /// <summary>Writes the graphs of a snapshot.</summary>
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<StepGraph> graphs, DocumentStamp stamp) =>
        JsonText.Document(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("created", DocumentStamp.Format(stamp.Created));
        json.WriteString("expires", DocumentStamp.Format(stamp.Expires));
        json.WriteString("format", Format);
        json.Array("graphs", graphs, graph => Graph(json, graph));
        json.Objects("risks", StepRisks.All, risk =>
        {
            json.WriteString("advice", risk.Advice);
            json.WriteString("id", risk.Id);
            json.WriteString("title", risk.Title);
        });
        json.WriteNumber("sequence", stamp.Sequence);
        json.WriteEndObject();
    });

    private static void Graph(Utf8JsonWriter json, StepGraph graph)
    {
        json.WriteStartObject();
        json.WriteStartArray("cold");
        foreach (var (from, to) in graph.ColdTransitions())
        {
            json.WriteStartObject();
            json.WriteString("from", from.Spelling);
            json.WriteString("to", to.Spelling);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("cpu", graph.Family.Signature.ToString());
        json.Array("edges", graph.Edges, edge => Edge(json, edge));
        json.WriteString("family", graph.Family.Name);
        json.Array("islands", graph.Islands(), island =>
        {
            json.WriteStartArray();
            foreach (var release in island)
            {
                json.WriteStringValue(release.Spelling);
            }

            json.WriteEndArray();
        });
        json.WriteString("loader", graph.Loader.ToString());
        json.Array("nodes", graph.Nodes, node => Node(json, node));
        json.WriteEndObject();
    }

    private static void Edge(Utf8JsonWriter json, StepEdge edge)
    {
        json.WriteStartObject();
        json.Strings("added", TdxFeatures0.NamesOf(edge.Added));
        json.WriteString("from", edge.From.Spelling);
        json.Strings("lost", TdxFeatures0.NamesOf(edge.Lost));
        json.Strings("risks", edge.Risks.Select(r => r.Id));
        json.WriteStartObject("svn");
        json.WriteString("from", edge.From.Svn.ToString());
        json.WriteString("to", edge.To.Svn.ToString());
        json.WriteEndObject();
        json.WriteString("tier", edge.Tier.Word());
        json.WriteString("to", edge.To.Spelling);
        json.WriteEndObject();
    }

    private static void Node(Utf8JsonWriter json, StepNode node)
    {
        var release = node.Release;
        json.WriteStartObject();
        json.WriteBoolean("debug", release.IsDebug);
        json.Strings("features", TdxFeatures0.NamesOf(release.Features0));
        json.WriteString("features0", $"0x{release.Features0:X}");
        json.WriteString("image", release.ImagePath);
        json.WriteBoolean("loadable", node.Loadable);
        json.WriteString("mrseam", release.MrSeam);
        json.WriteString("svn", release.Svn.ToString());
        json.WriteString("version", release.Spelling);
        json.WriteEndObject();
    }
}
