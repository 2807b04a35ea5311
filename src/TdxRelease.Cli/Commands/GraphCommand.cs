using System.Buffers;
using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Graphs;
using TdxRelease.Release.Composition;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel graph SNAPSHOT</c>.</summary>
internal sealed class GraphCommand
{
    private readonly Argument<string> snapshot = Options.Snapshot();
    private readonly Option<string?> cpu =
        new("--cpu") { HelpName = "CPU", Description = "one family, by name or signature; default: all" };
    private readonly Option<string?> seamldr =
        new("--seamldr") { HelpName = "VERSION", Description = "the running P-SEAMLDR; default: all loader lines" };
    private readonly Option<string?> format =
        new("--format") { HelpName = string.Join('|', GraphFormats.Names), Description = "default: text" };
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<bool> json = Options.Json();

    public static Command Create(Terminal terminal) => new GraphCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        format.AcceptOnlyFromAmong([.. GraphFormats.Names]);
        var command = new Command("graph",
            "Show the supported steps per CPU family and loader line.\n\n"
            + "Example: tdxrel graph ./tdx-module-binaries --cpu sapphire-rapids")
        { snapshot, cpu, seamldr, format, policy, lenient, json };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
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
                throw new TdxException(ExitCode.Refused, $"no module of the snapshot is for \"{name}\"",
                    $"it has modules for {string.Join(", ", releases.Families.Select(f => f.Id))}");
            }
        }

        if (parse.GetValue(seamldr) is { } loader)
        {
            var version = Options.Version(loader, "--seamldr");
            var loaders = graphs.Select(g => g.Loader).Distinct().Order().ToList();
            graphs = [.. graphs.Where(g => releases.LoaderClass(g.Family.Signature, version) == g.Loader)];
            if (graphs.Count == 0)
            {
                throw new TdxException(ExitCode.Refused, $"no module of the snapshot can be loaded by P-SEAMLDR {version}",
                    $"their loaders are {string.Join(", ", loaders)} and later on each line");
            }
        }

        var output = new ArrayBufferWriter<byte>();
        GraphFormats.Write(parse.GetValue(json) ? "json" : parse.GetValue(format) ?? "text", graphs, GraphStage.Stamp(verified), output);
        terminal.Bytes(output.WrittenSpan);
        return (int)ExitCode.Success;
    }
}
