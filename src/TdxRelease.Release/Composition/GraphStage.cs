using System.Buffers;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Content;
using TdxRelease.Release.Manifests;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.Composition;

/// <summary>Computes the step graph and the host's step table from verified facts.</summary>
public static class GraphStage
{
    /// <summary>Name of the graph in a bundle.</summary>
    public const string GraphPath = "graph.json";

    /// <summary>Name of the step table in a bundle.</summary>
    public const string StepsPath = "steps.tsv";

    /// <summary>The releases of a verified snapshot, joined with what their sigstructs say.</summary>
    public static ReleaseSet Releases(VerifiedSnapshot verified) =>
        ReleaseSet.Join(verified.Mapping, verified.Modules.Select(m => m.Facts).OfType<ModuleFacts>());

    /// <summary>Sequence, time and expiry of documents made from a snapshot without a bundle.</summary>
    public static DocumentStamp Stamp(VerifiedSnapshot verified)
    {
        var time = ReleaseTime.Of(verified);
        return new DocumentStamp(time.ToUnixTimeSeconds(), time, time + BundleStage.DefaultLifetime);
    }

    /// <summary>Writes the graph as JSON, as text and as pictures into a folder that is still aside.</summary>
    /// <returns>The number of graphs: one a CPU family and loader line.</returns>
    public static int Write(VerifiedSnapshot verified, AtomicFolder folder)
    {
        var graphs = StepGraph.All(Releases(verified));
        var json = new ArrayBufferWriter<byte>();
        GraphJson.Write(json, graphs, Stamp(verified));
        folder.Write(GraphPath, json.WrittenSpan);
        using var text = new StringWriter { NewLine = "\n" };
        GraphText.Write(graphs, text);
        folder.Write("graph.txt", Encoding.UTF8.GetBytes(text.ToString()));
        foreach (var graph in graphs)
        {
            using var svg = new StringWriter { NewLine = "\n" };
            GraphSvg.Write(graph, svg);
            folder.Write(GraphSvg.NameOf(graph, "svg"), Encoding.UTF8.GetBytes(svg.ToString()));
        }

        return graphs.Count;
    }

    /// <summary>The planning files of a bundle. Pure: an audit computes them again and compares.</summary>
    /// <param name="mapping">The mapping file.</param>
    /// <param name="facts">Facts of all its releases.</param>
    /// <param name="files">Hashes of the bundle's files by path; the images among them.</param>
    /// <param name="sequence">Sequence number of the release.</param>
    /// <param name="created">Time of the release.</param>
    /// <param name="expires">Expiry of the release.</param>
    public static IReadOnlyList<BundleFile> Planning(
        MappingFile mapping,
        IReadOnlyList<ModuleFacts> facts,
        IReadOnlyDictionary<string, ManifestFile> files,
        long sequence,
        DateTimeOffset created,
        DateTimeOffset expires)
    {
        var releases = ReleaseSet.Join(mapping, facts);
        var stamp = new DocumentStamp(sequence, created, expires);
        var images = new Dictionary<ModuleVersion, ImageFile>();
        foreach (var release in mapping.Releases)
        {
            if (files.TryGetValue(release.BlobPath, out var file))
            {
                images[release.Version] = new ImageFile(file.Path, file.Length, file.Sha256);
            }
        }

        var graph = Task.Run(() =>
        {
            var json = new ArrayBufferWriter<byte>();
            GraphJson.Write(json, StepGraph.All(releases), stamp);
            return json.WrittenMemory;
        });
        using var steps = new StringWriter { NewLine = "\n" };
        new StepsTable(releases).Write(steps, images, stamp);
        return [new BundleFile(GraphPath, graph.GetAwaiter().GetResult()),
            new BundleFile(StepsPath, Encoding.UTF8.GetBytes(steps.ToString()))];
    }
}
