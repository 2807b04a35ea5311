using System.Buffers;
using System.Text;
using TdxRelease.Modules.Steps;

namespace TdxRelease.Cli;

/// <summary>The forms in which a graph is printed.</summary>
internal static class GraphFormats
{
    public static IReadOnlyList<string> Names { get; } = ["text", "json"];

    public static void Write(string format, IReadOnlyList<StepGraph> graphs, DocumentStamp stamp, IBufferWriter<byte> output)
    {
        if (format == "json")
        {
            GraphJson.Write(output, graphs, stamp);
            return;
        }

        using var text = new StringWriter { NewLine = "\n" };
        GraphText.Write(graphs, text);
        output.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
