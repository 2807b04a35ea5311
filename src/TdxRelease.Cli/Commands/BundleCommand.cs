using System.CommandLine;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Metadata;
using TdxRelease.Pipeline;
using TdxRelease.Release;
using TdxRelease.Release.Packaging;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel bundle SNAPSHOT</c>.</summary>
internal sealed class BundleCommand
{
    private readonly Argument<string> snapshot = Options.Snapshot();
    private readonly WorkingTreeOptions tree = new();
    private readonly SigningOptions signing = new();
    private readonly PackagingOptions packaging = new();
    private readonly VersionOptions versions = new();
    private readonly Option<bool> unsigned = new("--unsigned") { Description = "make a bundle without a signature, named UNSIGNED" };
    private readonly Option<string?> license = new("--accept-license")
    {
        HelpName = "SHA256",
        Description = "SHA-256 of the BINARIES_LICENSE that you accept",
    };

    private readonly Option<string?> formats = new("--formats")
    {
        HelpName = "LIST",
        Description = $"some of {PackageFormats.Names}; default: all that can be signed",
    };

    private readonly Option<string> baseUrl = BaseUrl();
    private readonly Option<string?> repository = new("--repository")
    {
        HelpName = "DIR",
        Description = "add the release to the repositories in this directory instead of beginning new ones",
    };

    private readonly Option<bool> cold = new("--cold")
    {
        Description = "also make packages with v1 images and the files of the EFI system partition, for loading at boot",
    };

    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<string> output = new("--out")
    {
        HelpName = "DIR",
        Description = "the output directory, replaced as a whole",
        DefaultValueFactory = _ => "bundle",
    };

    private readonly Option<bool> json = Options.Json();
    private readonly Option<bool> printMetadata = new("--print-metadata")
    {
        Description = "print a complete bundle.json, the defaults, and make nothing",
    };

    // Who asks for the metadata alone has no snapshot yet.
    private BundleCommand() => snapshot.Arity = ArgumentArity.ZeroOrOne;

    public static Command Create(Terminal terminal)
    {
        var options = new BundleCommand();
        var command = new Command(
            "bundle",
            "Verify a snapshot and make a signed, reproducible bundle of it.\n\n"
            + "Example: tdxrel bundle ./snapshot --signing-key release.pem --accept-license SHA256 --out ./bundle")
        {
            options.snapshot, options.unsigned, options.license, options.formats, options.baseUrl, options.repository, options.cold,
            options.policy,
            options.lenient, options.output, options.json, options.printMetadata,
        };
        options.tree.AddTo(command);
        options.signing.AddTo(command);
        options.packaging.AddTo(command);
        options.versions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(options.snapshot) is not { Tokens.Count: > 0 } && result.GetResult(options.printMetadata) is null)
            {
                result.AddError("Required argument missing for command: 'bundle'.");
            }
        });
        command.SetAction(parse =>
        {
            if (parse.GetValue(options.printMetadata))
            {
                Encoding.UTF8.GetString(BundleMetadata.DefaultText.Span).TrimEnd('\n').Split('\n').ToList().ForEach(terminal.Line);
                return (int)ExitCode.Success;
            }

            Print(terminal, ReleaseStage.Make(options.Request(parse, terminal)), parse.GetRequiredValue(options.output),
                parse.GetValue(options.json));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private ReleaseRequest Request(ParseResult parse, Terminal terminal)
    {
        var trust = Policies.Load(parse.GetValue(policy));
        return versions.Fill(parse, new ReleaseRequest(
            parse.GetRequiredValue(output),
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
