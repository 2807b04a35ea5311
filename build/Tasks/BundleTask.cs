using System.Security.Cryptography;
using Cake.Frosting;
using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Metadata;
using TdxRelease.Bundles.Signing;
using TdxRelease.Files;
using TdxRelease.Stages;
using TdxRelease.Stages.Packaging;
using TdxRelease.Stages.Reuse;

namespace TdxRelease.Build.Tasks;

[TaskName("Bundle")]
[TaskDescription("Makes the signed, reproducible bundle")]
[IsDependentOn(typeof(GraphTask))]
public sealed class BundleTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var fetched = Pipeline.Require(context.Pipeline.Fetched, "Fetch");
        fetched.RequireLocked();
        var policy = Pipeline.Policy(context);
        var license = context.AcceptLicense ?? (fetched.Sample ? LicenseGate.HashOf(fetched.Snapshot) : null);
        using var signer = Signer(context, fetched, policy.MinBundleBits);
        var target = Path.Combine(Pipeline.Output(context), "bundle");
        var metadata = context.Metadata is { } named ? InputFile.Read(BuildContext.ResolvePath(named), BundleMetadata.MaxLength) : null;
        var inputs = context.Pipeline.Inputs(
            context,
            ("policy", policy.Sha256),
            ("time", SourceDateEpoch.FromEnvironment()?.ToString("s") ?? "of the input"),
            ("formats", FormatChoice.Parse(context.Formats)?.ToString() ?? "all that can be signed"),
            ("base-url", context.BaseUrl ?? PackageStage.ExampleUrl),
            ("accept-license", license ?? "none"),
            ("unsigned", context.Unsigned.ToString()),
            ("cold", context.Cold.ToString()),
            ("metadata", metadata is null ? "default" : Convert.ToHexStringLower(SHA256.HashData(metadata))),
            ("history", context.History is null ? "none" : Guid.NewGuid().ToString()), // not worth a hash over a whole release: it is made anew
            ("signing-key", signer?.Rsa.PublicKey.Sha256 ?? "none"),
            ("certificate", signer?.OpenPgp is { } openPgp ? Convert.ToHexStringLower(SHA256.HashData(openPgp.Certificate)) : "none"));
        var outcome = Pipeline.Run(context, "bundle", inputs, target, say => Make(context, fetched, license, signer, metadata, target, say));
        context.Pipeline.Bundle = new BundleResult(signer is null, outcome.Digest);
    }

    private static void Make(BuildContext context, Fetched fetched, string? license, ReleaseSigner? signer, byte[]? metadata, string target, Action<StageLine> say)
    {
        var verified = context.Pipeline.Verified(context);
        var (formats, blocks) = (FormatChoice.Parse(context.Formats), new BlockCache());
        var names = metadata is null ? BundleMetadata.Default : BundleMetadata.Parse(metadata, context.Metadata!);
        var bundle = BundleStage.Compose(new BundleRequest(verified, license, signer?.Rsa, context.Unsigned, fetched.Sample, fetched.Sample ? BundleStage.SampleLifetime : BundleStage.DefaultLifetime)
        {
            OpenPgp = signer?.OpenPgp,
            ImagesReady = PackageStage.HeadStart(formats, names, blocks),
        });
        if (BundleStage.Expired(bundle, DateTimeOffset.UtcNow) is { } expired)
        {
            say(new StageLine(expired, Warning: true));
        }

        using var folder = new AtomicFolder(target);
        var request = new PackageRequest(verified, bundle, signer, fetched.Sample, formats, text => say(new StageLine(text, Warning: true)))
        {
            Blocks = blocks,
            BaseUrl = context.BaseUrl ?? PackageStage.ExampleUrl,
            Cold = context.Cold,
            Metadata = names,
            History = context.History is { } history ? [EarlierRelease.Open(BuildContext.ResolvePath(history))] : [],
        };
        var emitted = PackageStage.Write(request, folder);
        folder.Commit();
        say(new StageLine($"{Path.GetRelativePath(BuildContext.Checkout, target)}: {bundle.Name}, {bundle.Manifest.Modules.Count} modules, {emitted.Count} files to download, {(signer is null ? "UNSIGNED" : fetched.Sample ? "signed with the public TEST key" : $"signed by key {signer.Rsa.PublicKey.Sha256}")}"));
    }

    private static ReleaseSigner? Signer(BuildContext context, Fetched fetched, int minimumBits) =>
        context.SigningKey is { } key ? Signers.Open(BuildContext.ResolvePath(key), context.Certificate is { } certificate ? BuildContext.ResolvePath(certificate) : null, context.Passphrase, minimumBits)
        : fetched.Sample && !context.Unsigned ? Signers.Sample()
        : null;
}
