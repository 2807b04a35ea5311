using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Pipeline;
using TdxRelease.Release;
using TdxRelease.Release.Packaging;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel bundle SNAPSHOT</c>.</summary>
internal static class BundleCommand
{
    public static Command Create(Terminal terminal)
    {
        var snapshot = Options.Snapshot();
        var tree = new WorkingTreeOptions();
        var signing = new SigningOptions();
        var unsigned = new Option<bool>("--unsigned") { Description = "make a bundle without a signature, named UNSIGNED" };
        var license = new Option<string?>("--accept-license") { HelpName = "SHA256", Description = "SHA-256 of the BINARIES_LICENSE that you accept" };
        var formats = new Option<string?>("--formats") { HelpName = "LIST", Description = $"some of {PackageFormats.Names}; default: all that can be signed" };
        var baseUrl = BaseUrl();
        var repository = new Option<string?>("--repository")
        {
            HelpName = "DIR",
            Description = "add the release to the repositories in this directory instead of beginning new ones",
        };
        var cold = new Option<bool>("--cold")
        {
            Description = "also make packages with v1 images and the files of the EFI system partition, for loading at boot",
        };
        var packaging = new PackagingOptions();
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var output = new Option<string>("--out") { HelpName = "DIR", Description = "the output directory, replaced as a whole", DefaultValueFactory = _ => "bundle" };
        var json = Options.Json();
        var command = new Command("bundle", "Verify a snapshot and make a signed, reproducible bundle of it.\n\nExample: tdxrel bundle ./snapshot --signing-key release.pem --accept-license SHA256 --out ./bundle")
        {
            snapshot, unsigned, license, formats, baseUrl, repository, cold, policy, lenient, output, json,
        };
        tree.AddTo(command);
        signing.AddTo(command);
        packaging.AddTo(command);
        command.SetAction(parse =>
        {
            var (trust, target) = (Policies.Load(parse.GetValue(policy)), parse.GetRequiredValue(output));
            var release = ReleaseStage.Make(new ReleaseRequest(
                target,
                trust,
                () => VerifyStage.Run(tree.Open(parse, parse.GetRequiredValue(snapshot)), trust, Options.Strictness(parse.GetValue(lenient))))
            {
                Key = signing.Key(parse),
                Unsigned = parse.GetValue(unsigned),
                AcceptedLicense = parse.GetValue(license),
                Formats = parse.GetValue(formats),
                BaseUrl = parse.GetValue(baseUrl),
                Repository = parse.GetValue(repository),
                Cold = parse.GetValue(cold),
                Metadata = packaging.Metadata(parse),
                History = packaging.History(parse),
                Notice = terminal.Notice,
                Log = line => terminal.Note(line),
            });
            Print(terminal, release, target, parse.GetValue(json));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Option<string> BaseUrl() => new("--base-url")
    {
        HelpName = "URL",
        Description = "where users will reach the output directory, for the repositories' configuration files",
        DefaultValueFactory = _ => PackageStage.ExampleUrl,
    };

    private static void Print(Terminal terminal, MadeRelease release, string target, bool json)
    {
        var bundle = release.Bundle;
        if (json)
        {
            terminal.Json(writer => BundleJson.Write(writer, bundle, target));
            return;
        }

        terminal.Line($"{target}: {bundle.Name}, {bundle.Manifest.Modules.Count} modules, {bundle.Files.Count} files, {release.Signature}");
        foreach (var file in release.Downloads)
        {
            terminal.Line($"{target}/{file.Path}");
        }
    }
}
