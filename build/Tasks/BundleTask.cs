using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Bundles.Signing;
using TdxRelease.Files;
using TdxRelease.Stages;

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
        using var signer = Signer(context, fetched, verified);
        var license = context.AcceptLicense ?? (fetched.Sample ? LicenseGate.HashOf(fetched.Snapshot) : null);
        var bundle = BundleStage.Compose(new BundleRequest(verified, license, signer, context.Unsigned, fetched.Sample, fetched.Sample ? BundleStage.SampleLifetime : BundleStage.DefaultLifetime));
        var target = Path.Combine(Pipeline.Output(context), "bundle");
        using var folder = new AtomicFolder(target);
        BundleStage.Write(bundle, folder, signer);
        folder.Commit();
        context.Pipeline.Bundle = bundle;
        context.Log.Information($"{Path.GetRelativePath(BuildContext.Checkout, target)}/{bundle.Name}.tar.gz: {bundle.Manifest.Modules.Count} modules, {(signer is null ? "UNSIGNED" : fetched.Sample ? "signed with the public TEST key" : $"signed by key {signer.PublicKey.Sha256}")}");
    }

    private static RsaKeySigner? Signer(BuildContext context, Fetched fetched, VerifiedSnapshot verified) =>
        context.SigningKey is { } key ? Signers.Open(BuildContext.ResolvePath(key), context.Passphrase, verified.Policy.MinBundleBits)
        : fetched.Sample && !context.Unsigned ? Signers.Sample()
        : null;
}
