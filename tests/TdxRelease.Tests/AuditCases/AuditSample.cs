using TdxRelease.Files;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Samples;
using TdxRelease.Stages;
using TdxRelease.Stages.Packaging;
using TdxRelease.Testing;

namespace TdxRelease.Tests.AuditCases;

/// <summary>The sample's whole output folder, composed once: every case changes a copy of it.</summary>
public sealed class AuditSample : IDisposable
{
    private readonly TempFolder temp = new();

    public AuditSample()
    {
        var snapshot = SampleStage.Create(temp["snapshot"]);
        var verified = VerifyStage.Run(snapshot, SampleUpstream.Policy, Strictness.Strict);
        using var signer = Signers.Sample();
        var bundle = BundleStage.Compose(new BundleRequest(verified, LicenseGate.HashOf(snapshot), signer.Rsa, Unsigned: false, Sample: true, BundleStage.SampleLifetime) { OpenPgp = signer.OpenPgp });
        using (var folder = new AtomicFolder(temp["out"]))
        {
            PackageStage.Write(new PackageRequest(verified, bundle, signer, Sample: true, null, _ => { }), folder);
            folder.Commit();
        }

        Bundle = bundle.Files.ToDictionary(f => f.Path, f => f.Content.ToArray(), StringComparer.Ordinal);
        Output = Directory.EnumerateFiles(temp["out"], "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(temp["out"], f), File.ReadAllBytes, StringComparer.Ordinal);
        Name = bundle.Name;
        Created = bundle.Time;
        Manifest = bundle.Manifest;
    }

    internal string Snapshot => temp["snapshot"];

    internal string Folder => temp["out"];

    internal string Name { get; }

    internal DateTimeOffset Created { get; }

    internal Bundles.Manifests.Manifest Manifest { get; }

    internal IReadOnlyDictionary<string, byte[]> Bundle { get; }

    internal IReadOnlyDictionary<string, byte[]> Output { get; }

    public void Dispose() => temp.Dispose();
}
