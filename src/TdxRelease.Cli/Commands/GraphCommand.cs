using System.Buffers;
using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Graphs;
using TdxRelease.Release.Composition;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel graph SNAPSHOT</c>.</summary>
internal static class GraphCommand
{
    public static Command Create(Terminal terminal)
    {
        var snapshot = Options.Snapshot();
        var cpu = new Option<string?>("--cpu") { HelpName = "CPU", Description = "one family, by name or signature; default: all" };
        var seamldr = new Option<string?>("--seamldr") { HelpName = "VERSION", Description = "the running P-SEAMLDR; default: all loader lines" };
        var format = new Option<string?>("--format") { HelpName = string.Join('|', GraphFormats.Names), Description = "default: text" };
        format.AcceptOnlyFromAmong([.. GraphFormats.Names]);
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var json = Options.Json();
        var command = new Command("graph", "Show the supported steps per CPU family and loader line.\n\nExample: tdxrel graph ./tdx-module-binaries --cpu sapphire-rapids") { snapshot, cpu, seamldr, format, policy, lenient, json };
        command.SetAction(parse =>
        {
            var verified = Options.Verified(parse.GetRequiredValue(snapshot), parse.GetValue(policy), parse.GetValue(lenient));
            var releases = GraphStage.Releases(verified);
            var graphs = StepGraph.All(releases);
            if (parse.GetValue(cpu) is { } name)
            {
                var family = Options.Cpu(name).Family;
                graphs = [.. graphs.Where(g => g.Family.Signature == family)];
                if (graphs.Count == 0)
                {
                    throw new TdxException(ExitCode.Refused, $"no module of the snapshot is for \"{name}\"", $"it has modules for {string.Join(", ", releases.Families.Select(f => f.Id))}");
                }
            }

            if (parse.GetValue(seamldr) is { } loader)
            {
                var version = Options.Version(loader, "--seamldr");
                var loaders = graphs.Select(g => g.Loader).Distinct().Order().ToList();
                graphs = [.. graphs.Where(g => releases.LoaderClass(g.Family.Signature, version) == g.Loader)];
                if (graphs.Count == 0)
                {
                    throw new TdxException(ExitCode.Refused, $"no module of the snapshot can be loaded by P-SEAMLDR {version}", $"their loaders are {string.Join(", ", loaders)} and later on each line");
                }
            }

            var output = new ArrayBufferWriter<byte>();
            GraphFormats.Write(parse.GetValue(json) ? "json" : parse.GetValue(format) ?? "text", graphs, GraphStage.Stamp(verified), output);
            terminal.Bytes(output.WrittenSpan);
            return (int)ExitCode.Success;
        });
        return command;
    }
}
