using System.CommandLine;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel bundle SNAPSHOT</c>.</summary>
internal static class BundleCommand
{
    public static Command Create(Terminal terminal)
    {
        var snapshot = Options.Snapshot();
        var key = new Option<string?>("--signing-key") { HelpName = "PEM", Description = "RSA key of 4096 bits or more that signs the manifest" };
        var passphrase = new Option<string?>("--passphrase") { HelpName = "fd:N|file:PATH|env:NAME", Description = "where the passphrase of the key is" };
        var unsigned = new Option<bool>("--unsigned") { Description = "make a bundle without a signature, named UNSIGNED" };
        var license = new Option<string?>("--accept-license") { HelpName = "SHA256", Description = "SHA-256 of the BINARIES_LICENSE that you accept" };
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var output = new Option<string>("--out") { HelpName = "DIR", Description = "the output folder, replaced as a whole", DefaultValueFactory = _ => "bundle" };
        var json = Options.Json();
        var command = new Command("bundle", "Verify a snapshot and make a signed, reproducible bundle of it.\n\nExample: tdxrel bundle ./snapshot --signing-key release.pem --accept-license SHA256 --out ./bundle")
        {
            snapshot, key, passphrase, unsigned, license, policy, lenient, output, json,
        };
        command.SetAction(parse =>
        {
            var trust = Policies.Load(parse.GetValue(policy));
            var verified = VerifyStage.Run(Snapshot.Open(parse.GetRequiredValue(snapshot)), trust, Options.Strictness(parse.GetValue(lenient)));
            using var signer = parse.GetValue(key) is { } pem ? Signers.Open(pem, parse.GetValue(passphrase), trust.MinBundleBits) : null;
            var bundle = BundleStage.Compose(new BundleRequest(verified, parse.GetValue(license), signer, parse.GetValue(unsigned), Sample: false, BundleStage.DefaultLifetime));
            var target = parse.GetRequiredValue(output);
            OutputFolder.Require(target, ".manifest.json");
            using var folder = new AtomicFolder(target);
            BundleStage.Write(bundle, folder);
            folder.Commit();
            if (parse.GetValue(json))
            {
                terminal.Json(writer => BundleJson.Write(writer, bundle, target));
            }
            else
            {
                terminal.Output.WriteLine($"{target}/{bundle.Name}.tar.gz: {bundle.Manifest.Modules.Count} modules, {bundle.Files.Count} files, {(signer is null ? "UNSIGNED" : $"signed by key {signer.PublicKey.Sha256}")}");
            }

            return (int)ExitCode.Success;
        });
        return command;
    }
}
