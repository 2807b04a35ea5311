using System.Buffers;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;

namespace TdxRelease.Cli;

/// <summary>The forms in which a graph is printed. Pictures and Cincinnati documents show one graph each.</summary>
internal static class GraphFormats
{
    public static IReadOnlyList<string> Names { get; } = ["text", "json", "svg", "dot", "mermaid", "cincinnati"];

    public static void Write(string format, IReadOnlyList<StepGraph> graphs, DocumentStamp stamp, IBufferWriter<byte> output)
    {
        if (format == "json")
        {
            GraphJson.Write(output, graphs, stamp);
            return;
        }

        using var text = new StringWriter { NewLine = "\n" };
        switch (format)
        {
            case "text":
                GraphText.Write(graphs, text);
                break;
            case "svg":
                GraphSvg.Write(One(graphs), text);
                break;
            case "dot":
                GraphDot.Write(One(graphs), text, complete: false);
                break;
            case "mermaid":
                GraphMermaid.Write(One(graphs), text);
                break;
            default:
                GraphCincinnati.Write(output, One(graphs));
                return;
        }

        output.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static StepGraph One(IReadOnlyList<StepGraph> graphs) => graphs.Count == 1
        ? graphs[0]
        : throw new TdxException(
            ExitCode.Usage,
            $"this form shows one graph, and {graphs.Count} are asked for",
            $"name one: {string.Join(", or ", graphs.Select(g => $"--cpu {g.Family.Id} --seamldr {g.Loader}"))}");
}
