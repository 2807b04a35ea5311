using TdxRelease.Core.Files;
using TdxRelease.Core.Json;
using TdxRelease.Packages;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Packaging;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Tests.Release;

/// <summary>The sample's whole output folder, composed once: every case changes a copy of it.</summary>
public sealed class AuditSample : IDisposable
{
    private readonly TempFolder temp = new();

    public AuditSample()
    {
        var snapshot = SampleStage.Create(temp["snapshot"]);
        var verified = VerifyStage.Run(snapshot, SampleUpstream.Policy, Strictness.Strict);
        using var signer = Signers.Sample();
        var bundle = BundleStage.Compose(
            new BundleRequest(verified, LicenseGate.HashOf(snapshot), signer.Rsa, Unsigned: false, Sample: true,
            BundleStage.SampleLifetime)
            { OpenPgp = signer.OpenPgp });
        Output = Emit("out", null);
        Small = Emit("small", "tar,deb");
        Bundle = bundle.Files.ToDictionary(f => f.Path, f => f.Content.ToArray(), StringComparer.Ordinal);
        Name = bundle.Name;
        Created = bundle.Time;
        Manifest = bundle.Manifest;

        Dictionary<string, byte[]> Emit(string name, string? formats)
        {
            using (var folder = new AtomicFolder(temp[name]))
            {
                PackageStage.Write(new PackageRequest(verified, bundle, signer, Sample: true, PackageFormats.Parse(formats), _ => { }),
                    folder);
                folder.Commit();
            }

            // Without the list by which tdxrel knows its output again, which each case would have to write anew.
            File.Delete(Path.Combine(temp[name], OutputMarker.FileName));
            return Read(temp[name]);
        }
    }

    /// <summary>An older release of the same maintainer.</summary>
    internal IReadOnlyDictionary<string, byte[]> Older()
    {
        var snapshot = TdxRelease.Upstream.Snapshots.Snapshot.Open(Snapshot);
        var verified = VerifyStage.Run(snapshot, SampleUpstream.Policy, Strictness.Strict);
        using var signer = Signers.Sample();
        var bundle = BundleStage.Compose(
            new BundleRequest(verified, LicenseGate.HashOf(snapshot), signer.Rsa, Unsigned: false, Sample: true,
            BundleStage.SampleLifetime)
            { OpenPgp = signer.OpenPgp, Time = Created.AddHours(-1) });
        using (var folder = new AtomicFolder(temp["older"]))
        {
            PackageStage.Write(new PackageRequest(verified, bundle, signer, Sample: true, null, _ => { }), folder);
            folder.Commit();
        }

        return Read(temp["older"]);
    }

    /// <summary>The same without a key, as tar and image layout.</summary>
    internal (AuditSample Sample, IReadOnlyDictionary<string, byte[]> Files) Unsigned()
    {
        var snapshot = TdxRelease.Upstream.Snapshots.Snapshot.Open(Snapshot);
        var verified = VerifyStage.Run(snapshot, SampleUpstream.Policy, Strictness.Strict);
        var bundle = BundleStage.Compose(
            new BundleRequest(verified, LicenseGate.HashOf(snapshot), null, Unsigned: true, Sample: true, BundleStage.SampleLifetime));
        using (var folder = new AtomicFolder(temp["unsigned"]))
        {
            PackageStage.Write(new PackageRequest(verified, bundle, null, Sample: true, PackageFormats.Parse("tar,oci"), _ => { }), folder);
            folder.Commit();
        }

        return (this, Read(temp["unsigned"]));
    }

    internal string Snapshot => temp["snapshot"];

    internal string Folder => temp["out"];

    internal string Name { get; }

    internal DateTimeOffset Created { get; }

    internal TdxRelease.Release.Manifests.Manifest Manifest { get; }

    internal IReadOnlyDictionary<string, byte[]> Bundle { get; }

    internal IReadOnlyDictionary<string, byte[]> Output { get; }

    /// <summary>An output folder with tar and Debian package only: for what attestations say, no other form is needed.</summary>
    internal IReadOnlyDictionary<string, byte[]> Small { get; }

    public void Dispose() => temp.Dispose();

    private static Dictionary<string, byte[]> Read(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(folder, f), File.ReadAllBytes, StringComparer.Ordinal);
}
