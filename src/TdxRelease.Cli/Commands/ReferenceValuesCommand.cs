using System.CommandLine;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Rebuild;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel report reference-values SNAPSHOT|BUNDLE</c>.</summary>
internal sealed class ReferenceValuesCommand
{
    private readonly Argument<string> subject =
        new("SUBJECT") { Description = "a snapshot's directory, or a bundle in any form that audit takes" };
    private readonly Option<string?> cpu =
        new("--cpu") { HelpName = "CPU", Description = "one family, by name or signature; default: all" };
    private readonly Option<string?> plan = new("--plan")
    {
        HelpName = "RUNNING:SEAMLDR[:TARGET]",
        Description = "what to accept before, during and after this update; needs --cpu"
    };
    private readonly Option<string?> format = new("--format")
    {
        HelpName = "rvps|allow-list|textproto|families",
        Description = "default: allow-list; with --plan, the modules on the path in this form"
    };
    private readonly Option<string?> output = new("--out") { HelpName = "DIR", Description = "textproto: where one file a module goes" };
    private readonly Option<string?> key = ReportCommand.Key();
    private readonly Option<bool> unsigned = ReportCommand.Unsigned();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();

    public static Command Create(Terminal terminal) => new ReferenceValuesCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        format.AcceptOnlyFromAmong("rvps", "allow-list", "textproto", "families");
        var command = new Command("reference-values",
            "Write the measurements that verifiers of TDX quotes should accept.\n\n"
            + "Example: tdxrel report reference-values ./snapshot --cpu sapphire-rapids --format rvps")
        {
            subject, cpu, plan, format, output, key, unsigned, policy, lenient,
        };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var path = parse.GetRequiredValue(subject);
        var (releases, _) = ReportCommand.Releases(path, parse.GetValue(key), parse.GetValue(policy), parse.GetValue(unsigned),
            parse.GetValue(lenient));
        var family = parse.GetValue(cpu) is { } name ? Options.Cpu(name) : (CpuSignature?)null;
        if (parse.GetValue(plan) is not { } update)
        {
            Write(terminal, path, parse.GetValue(format) ?? "allow-list", ReferenceStage.Of(releases, family), parse.GetValue(output));
            return (int)ExitCode.Success;
        }

        var request = ReferenceStage.Parse(update, family ?? throw new TdxException(ExitCode.Usage, "--plan needs --cpu",
            "--cpu sapphire-rapids"));
        var references = ReferenceStage.Around(releases, request);
        if (parse.GetValue(format) is { } form)
        {
            Write(terminal, path, form, references.During, parse.GetValue(output));
        }
        else
        {
            terminal.Bytes(references.ToJson());
        }

        return (int)ExitCode.Success;
    }

    private static void Write(Terminal terminal, string subject, string format, IReadOnlyList<ModuleReference> references, string? output)
    {
        if (format != "textproto")
        {
            terminal.Bytes(format switch
            {
                "rvps" => ReferenceValues.ToRvps(references),
                "families" => ReferenceValues.ToFamilies(references),
                _ => ReferenceValues.ToAllowList(references),
            });
            return;
        }

        if (output is null && references is [var only])
        {
            terminal.Output.Write(ReferenceValues.ToTextProto(only));
            return;
        }

        var folder = output ?? throw new TdxException(ExitCode.Usage, $"a text proto holds one module, there are {references.Count}",
            "--out DIR writes one file a module");
        using var files = new AtomicFolder(folder);
        files.RequireApart(subject);
        foreach (var reference in references)
        {
            files.Write($"tdx_module_{reference.Version}.textproto", Encoding.UTF8.GetBytes(ReferenceValues.ToTextProto(reference)));
        }

        files.Commit();
        terminal.Line($"{folder}: {references.Count} files");
    }
}
