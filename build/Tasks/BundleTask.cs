using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Composition;
using TdxRelease.Release.History;
using TdxRelease.Release.Packaging;
using TdxRelease.Signing;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Verified;

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
        Make(context, fetched, license, signer, metadata, target);
        context.Pipeline.Bundle = new BundleResult(signer is null);
    }

    private static void Make(BuildContext context, Fetched fetched, string? license, ReleaseSigner? signer, byte[]? metadata, string target)
    {
        var verified = Pipeline.Require(context.Pipeline.Verified, "Verify");
        var formats = PackageFormats.Parse(context.Formats);
        var names = metadata is null ? BundleMetadata.Default : BundleMetadata.Parse(metadata, context.Metadata!);
        var bundle = BundleStage.Compose(new BundleRequest(verified, license, signer?.Rsa, context.Unsigned, fetched.Sample, fetched.Sample ? BundleStage.SampleLifetime : BundleStage.DefaultLifetime)
        {
            OpenPgp = signer?.OpenPgp,
        });
        if (BundleStage.Expired(bundle, DateTimeOffset.UtcNow) is { } expired)
        {
            context.Log.Warning("{0}", expired);
        }

        using var folder = new AtomicFolder(target);
        var request = new PackageRequest(verified, bundle, signer, fetched.Sample, formats, text => context.Log.Warning("{0}", text))
        {
            BaseUrl = context.BaseUrl ?? PackageStage.ExampleUrl,
            Cold = context.Cold,
            Metadata = names,
            History = context.History is { } history ? [EarlierRelease.Open(BuildContext.ResolvePath(history))] : [],
        };
        var emitted = PackageStage.Write(request, folder);
        folder.Commit();
        var signed = signer is null ? "UNSIGNED" : fetched.Sample ? "signed with the public TEST key" : $"signed by key {signer.Rsa.PublicKey.Sha256}";
        context.Log.Information(
            "{0}: {1}, {2} modules, {3} files to download, {4}", Path.GetRelativePath(BuildContext.Checkout, target), bundle.Name, bundle.Manifest.Modules.Count, emitted.Count, signed);
    }

    private static ReleaseSigner? Signer(BuildContext context, Fetched fetched, int minimumBits) =>
        context.SigningKey is { } key ? Signers.Open(BuildContext.ResolvePath(key), context.Certificate is { } certificate ? BuildContext.ResolvePath(certificate) : null, context.Passphrase, minimumBits)
        : fetched.Sample && !context.Unsigned ? Signers.Sample()
        : null;
}
