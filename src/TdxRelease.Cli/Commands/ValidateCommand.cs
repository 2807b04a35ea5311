using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel validate SNAPSHOT|MAPPING</c>.</summary>
internal static class ValidateCommand
{
    public static Command Create(Terminal terminal)
    {
        var subject = new Argument<string>(
            "SNAPSHOT|MAPPING")
        { Description = "directory in upstream's layout, or a mapping file; '-' reads a mapping file from stdin" };
        var lenient = Options.Lenient();
        var report = Options.Report();
        var json = Options.Json();
        var command = new Command("validate",
            "Validate mapping file and layout; signatures are not checked.\n\n"
            + "Example: tdxrel validate ./tdx-module-binaries/mapping_file.json") { subject, lenient, report, json };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(subject);
            var strictness = Options.Strictness(parse.GetValue(lenient));
            var validation = Directory.Exists(path)
                ? ValidateStage.Run(Snapshot.Open(path), strictness)
                : ValidateStage.Run(InputFile.ReadNamed(path, MappingReader.MaxLength), path, strictness);
            if (parse.GetValue(json))
            {
                terminal.Json(writer => ValidateJson.Write(writer, validation));
            }
            else if (parse.GetValue(report) is { } format)
            {
                terminal.Bytes(ReportWriter.Write(Checks.Of(validation, strictness, Options.Time()), ReportWriter.Parse(format)));
            }
            else
            {
                terminal.Findings(validation.Findings);
                var result = validation.Valid ? "valid" : "INVALID";
                var releases = validation.Mapping?.Releases.Count ?? 0;
                terminal.Line($"{validation.Subject}: {result}, {releases} releases, {validation.Findings.Count} findings");
            }

            return (int)(validation.Valid ? ExitCode.Success : ExitCode.BadInput);
        });
        return command;
    }
}
