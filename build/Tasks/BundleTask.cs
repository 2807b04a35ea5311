using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Bundles.Metadata;
using TdxRelease.Bundles.Signing;
using TdxRelease.Files;
using TdxRelease.Stages;
using TdxRelease.Stages.Packaging;

namespace TdxRelease.Build.Tasks;

[TaskName("Bundle")]
[TaskDescription("Makes the signed, reproducible bundle")]
[IsDependentOn(typeof(GraphTask))]
public sealed class BundleTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var verified = Pipeline.Require(context.Pipeline.Verified, "Verify");
        var fetched = Pipeline.Require(context.Pipeline.Fetched, "Fetch");
        fetched.RequireLocked();
        var formats = FormatChoice.Parse(context.Formats);
        using var signer = Signer(context, fetched, verified);
        var license = context.AcceptLicense ?? (fetched.Sample ? LicenseGate.HashOf(fetched.Snapshot) : null);
        var bundle = BundleStage.Compose(new BundleRequest(verified, license, signer?.Rsa, context.Unsigned, fetched.Sample, fetched.Sample ? BundleStage.SampleLifetime : BundleStage.DefaultLifetime) { OpenPgp = signer?.OpenPgp });
        var target = Path.Combine(Pipeline.Output(context), "bundle");
        using var folder = new AtomicFolder(target);
        var emitted = PackageStage.Write(new PackageRequest(verified, bundle, signer, fetched.Sample, formats, text => context.Log.Warning("{0}", text)) {
            BaseUrl = context.BaseUrl ?? PackageStage.ExampleUrl,
            Cold = context.Cold,
            Metadata = context.Metadata is { } metadata ? BundleMetadata.Parse(InputFile.Read(BuildContext.ResolvePath(metadata), BundleMetadata.MaxLength), metadata) : BundleMetadata.Default,
            History = context.History is { } history ? [EarlierRelease.Open(BuildContext.ResolvePath(history))] : [],
        }, folder);
        folder.Commit();
        context.Pipeline.Bundle = bundle;
        context.Log.Information($"{Path.GetRelativePath(BuildContext.Checkout, target)}: {bundle.Name}, {bundle.Manifest.Modules.Count} modules, {emitted.Count} files to download, {(signer is null ? "UNSIGNED" : fetched.Sample ? "signed with the public TEST key" : $"signed by key {signer.Rsa.PublicKey.Sha256}")}");
    }

    private static ReleaseSigner? Signer(BuildContext context, Fetched fetched, VerifiedSnapshot verified) =>
        context.SigningKey is { } key ? Signers.Open(BuildContext.ResolvePath(key), context.Certificate is { } certificate ? BuildContext.ResolvePath(certificate) : null, context.Passphrase, verified.Policy.MinBundleBits)
        : fetched.Sample && !context.Unsigned ? Signers.Sample()
        : null;
}
