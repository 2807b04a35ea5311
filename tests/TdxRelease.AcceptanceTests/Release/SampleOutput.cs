using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Core.Files;
using TdxRelease.Core.Json;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Packaging;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>A release of the sample in every format, cold packages included, signed with the public TEST key.</summary>
public sealed class SampleOutput : IDisposable
{
    private readonly TempFolder temp = new();
    private int copies;

    public SampleOutput()
    {
        var snapshot = SampleStage.Create(temp["snapshot"]);
        var verified = VerifyStage.Run(snapshot, SampleUpstream.Policy, Strictness.Strict);
        using var signer = Signers.Sample();
        var bundle = BundleStage.Compose(
            new BundleRequest(verified, LicenseGate.HashOf(snapshot), signer.Rsa, Unsigned: false, Sample: true,
            BundleStage.SampleLifetime)
            { OpenPgp = signer.OpenPgp });
        using var folder = new AtomicFolder(Folder);
        PackageStage.Write(new PackageRequest(verified, bundle, signer, Sample: true, null, _ => { }) { Cold = true }, folder);
        folder.Commit();
    }

    /// <summary>The output folder.</summary>
    public string Folder => temp["out"];

    /// <summary>A copy of it, in a folder of its own.</summary>
    public string Copy()
    {
        var copy = temp[$"copy-{Interlocked.Increment(ref copies)}/out"];
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        Tool.Run("/", "cp", "-a", Folder, copy).Ok();
        return copy;
    }

    public void Dispose() => temp.Dispose();
}
