using System.CommandLine;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Mapping;
using TdxRelease.Stages;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel validate SNAPSHOT|MAPPING</c>.</summary>
internal static class ValidateCommand
{
    public static Command Create(Terminal terminal)
    {
        var subject = new Argument<string>("SNAPSHOT|MAPPING") { Description = "folder in upstream's layout, or a mapping file" };
        var lenient = Options.Lenient();
        var json = Options.Json();
        var command = new Command("validate", "Validate mapping file and layout; look at no signature.\n\nExample: tdxrel validate ./tdx-module-binaries/mapping_file.json") { subject, lenient, json };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(subject);
            var strictness = Options.Strictness(parse.GetValue(lenient));
            var validation = Directory.Exists(path)
                ? ValidateStage.Run(Snapshot.Open(path), strictness)
                : ValidateStage.Run(InputFile.Read(path, MappingReader.MaxLength), path, strictness);
            Print(terminal, validation, parse.GetValue(json));
            return (int)(validation.Valid ? ExitCode.Success : ExitCode.BadInput);
        });
        return command;
    }

    private static void Print(Terminal terminal, Validation validation, bool json)
    {
        foreach (var finding in validation.Findings)
        {
            terminal.Note($"{finding.Severity.ToString().ToLowerInvariant()}: {finding}");
        }

        if (json)
        {
            terminal.Json(writer => ValidateJson.Write(writer, validation));
            return;
        }

        terminal.Output.WriteLine($"{validation.Subject}: {(validation.Valid ? "valid" : "INVALID")}, {validation.Mapping?.Releases.Count ?? 0} releases, {validation.Findings.Count} findings");
    }
}
