using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Pipeline;
using TdxRelease.Release.Composition;
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
        var baseUrl = new Option<string>("--base-url") { HelpName = "URL", Description = "where users will reach the output folder, for the repositories' configuration files", DefaultValueFactory = _ => PackageStage.ExampleUrl };
        var repository = new Option<string?>("--repository") { HelpName = "DIR", Description = "add the release to the repositories in this folder instead of beginning new ones" };
        var cold = new Option<bool>("--cold") { Description = "also make packages with v1 images and the files of the EFI system partition, for loading at boot" };
        var packaging = new PackagingOptions();
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var output = new Option<string>("--out") { HelpName = "DIR", Description = "the output folder, replaced as a whole", DefaultValueFactory = _ => "bundle" };
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
            var trust = Policies.Load(parse.GetValue(policy));

            // While the modules are verified. A key that cannot be used is reported after a module that does not verify.
            var opening = Task.Run(() => signing.Open(parse, trust.MinBundleBits, testKey: false, line => terminal.Note(line)));
            var verified = VerifyStage.Run(tree.Open(parse, parse.GetRequiredValue(snapshot)), trust, Options.Strictness(parse.GetValue(lenient)));
            var asked = PackageFormats.Parse(parse.GetValue(formats));
            using var signer = opening.GetAwaiter().GetResult();
            var (metadata, history) = (packaging.Metadata(parse), packaging.History(parse));
            var target = parse.GetRequiredValue(output);
            OutputGuard.Require(target);
            var bundle = BundleStage.Compose(new BundleRequest(verified, parse.GetValue(license), signer?.Rsa, parse.GetValue(unsigned), Sample: false, BundleStage.DefaultLifetime)
            {
                OpenPgp = signer?.OpenPgp,
            });
            if (BundleStage.Expired(bundle, TimeProvider.System.GetUtcNow()) is { } expired)
            {
                terminal.Notice(expired);
            }

            using var folder = new AtomicFolder(target);
            var emitted = PackageStage.Write(
                new PackageRequest(verified, bundle, signer, Sample: false, asked, terminal.Notice)
                {
                    BaseUrl = parse.GetRequiredValue(baseUrl).TrimEnd('/'),
                    Repository = parse.GetValue(repository),
                    Cold = parse.GetValue(cold),
                    Metadata = metadata,
                    History = history,
                },
                folder);
            folder.Commit();
            if (parse.GetValue(json))
            {
                terminal.Json(writer => BundleJson.Write(writer, bundle, target));
            }
            else
            {
                terminal.Line($"{target}: {bundle.Name}, {bundle.Manifest.Modules.Count} modules, {bundle.Files.Count} files, {(signer is null ? "UNSIGNED" : $"signed by key {signer.Rsa.PublicKey.Sha256}")}");
                foreach (var file in emitted)
                {
                    terminal.Line($"{target}/{file.Path}");
                }
            }

            return (int)ExitCode.Success;
        });
        return command;
    }
}
