using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Metadata;
using TdxRelease.Packages.Oci;
using TdxRelease.Packages.Repositories;
using TdxRelease.Packages.Rpm;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.History;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Release.Packaging;

/// <summary>What is emitted of a finished bundle, and how.</summary>
/// <param name="Verified">The snapshot that the bundle was made of.</param>
/// <param name="Bundle">The bundle.</param>
/// <param name="Signer">Signed it; null for an unsigned bundle.</param>
/// <param name="Sample">The synthetic upstream.</param>
/// <param name="Formats">What the user asked for, or null for everything that is possible.</param>
/// <param name="Notice">Gets a line for everything that is left out or replaced.</param>
public sealed record PackageRequest(VerifiedSnapshot Verified, Bundle Bundle, ReleaseSigner? Signer, bool Sample, PackageFormats? Formats, Action<string> Notice)
{
    /// <summary>Names, sections and licence tags.</summary>
    public BundleMetadata Metadata { get; init; } = BundleMetadata.Default;

    /// <summary>Earlier states of upstream, for the changelog; in any order.</summary>
    public IReadOnlyList<EarlierRelease> History { get; init; } = [];

    /// <summary>Whether packages for cold loading are made too.</summary>
    public bool Cold { get; init; }

    /// <summary>Where users will reach the output folder, for the repositories' configuration files; no slash at the end.</summary>
    public string BaseUrl { get; init; } = PackageStage.ExampleUrl;

    /// <summary>A folder with existing repositories that the release joins; null for new ones in the output folder.</summary>
    public string? Repository { get; init; }
}

/// <summary>Turns a bundle into packages, signed repositories, an OCI layout and source forms.</summary>
public static class PackageStage
{
    /// <summary>Stands in the repositories' configuration files until the user names the real one.</summary>
    public const string ExampleUrl = "https://example.com/tdx-module";

    /// <summary>Folder of the packages in the output folder.</summary>
    public const string Packages = "packages";

    /// <summary>Folder of the packages for cold loading. They hold no bundle, and the provenance alone vouches for them.</summary>
    public const string ColdFolder = "cold";

    /// <summary>Writes everything into a folder that is still aside. Existing repositories change last, when all else is written.</summary>
    /// <returns>The top-level files that users download: tar and packages.</returns>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3, 4, 5 or 6, as the writers and repositories say.</exception>
    public static IReadOnlyList<BundleFile> Write(PackageRequest request, AtomicFolder folder)
    {
        var bundle = request.Bundle;
        folder.RequireApart([request.Verified.Snapshot.Folder, request.Repository, .. request.History.Select(h => h.State.Side.Name)]);
        var openPgp = request.Signer?.OpenPgp;
        var formats = FormatChoice.Resolve(request.Formats, openPgp is not null, request.Notice);
        if (!request.Sample && request.Metadata.NamesNobody && (formats & ~(PackageFormats.Tar | PackageFormats.Oci)) != 0)
        {
            request.Notice($"the packages name \"{request.Metadata.Maintainer}\" as their maintainer: give --metadata=bundle.json");
        }

        var noticed = new HashSet<string>(StringComparer.Ordinal);
        Compression Choose(Compression wanted) => Compressor.Choose(wanted, text => Once(noticed, text, request.Notice));
        var packages = new ReleasePackages(bundle, request.Metadata, request.Signer, request.Sample, ReleaseChangelog.Of(request));
        RepositoryPackage? deb = null, rpm = null, arch = null;
        byte[]? tar = null;
        RepositoryPackage Signed(RepositoryPackage package) => package with { Signature = openPgp?.SignDetached(package.Content.Span, bundle.Time) };
        List<Action> jobs = [];
        void Job(PackageFormats wants, Action job)
        {
            if ((formats & wants) != 0)
            {
                jobs.Add(job);
            }
        }

        Job(PackageFormats.Deb | PackageFormats.Apt, () => deb = Pack(new DebWriter(Choose(request.Metadata.Deb.Chosen), openPgp), packages.Deb));
        Job(PackageFormats.Rpm | PackageFormats.Dnf, () => rpm = Pack(new RpmWriter(Choose(request.Metadata.Rpm.Chosen), openPgp), packages.Rpm));
        Job(PackageFormats.Arch | PackageFormats.Pacman, () => arch = Signed(Pack(new ArchWriter(Choose(request.Metadata.Arch.Chosen)), packages.Arch)));
        Job(PackageFormats.Tar, () => tar = BundleStage.Tar(bundle));
        IReadOnlyList<BundleFile> sources = [];
        Job(PackageFormats.Sources, () => sources = new ReleaseSources(request.Verified, packages, openPgp, Choose).Files(text => Once(noticed, text, request.Notice)));
        var cold = new BundleFile[3];
        if (request.Cold)
        {
            var files = ColdFiles.Of(request.Verified, bundle.Time);
            void Cold(int at, IPackageWriter writer, PackageSpec spec) => cold[at] = ColdFile(Pack(writer, packages.Cold(spec, files)));
            Job(PackageFormats.Deb, () => Cold(0, new DebWriter(Choose(request.Metadata.Deb.Chosen), openPgp), packages.Deb));
            Job(PackageFormats.Rpm, () => Cold(1, new RpmWriter(Choose(request.Metadata.Rpm.Chosen), openPgp), packages.Rpm));
            Job(PackageFormats.Arch, () => Cold(2, new ArchWriter(Choose(request.Metadata.Arch.Chosen)), packages.Arch));
        }

        Jobs.Run(jobs);

        List<BundleFile> emitted = [.. tar is null ? (BundleFile[])[] : [new BundleFile($"{bundle.Name}.tar.gz", tar)]];
        AddPackage(emitted, formats.HasFlag(PackageFormats.Deb) ? deb : null);
        AddPackage(emitted, formats.HasFlag(PackageFormats.Rpm) ? rpm : null);
        AddPackage(emitted, formats.HasFlag(PackageFormats.Arch) ? arch : null);
        BundleStage.WriteManifest(bundle, folder, request.Signer?.Rsa);
        if (openPgp is not null)
        {
            folder.Write(BundleStage.CertificateName, openPgp.Certificate);
        }

        WriteAll(folder, emitted);
        if (arch?.Signature is { } signature && formats.HasFlag(PackageFormats.Arch))
        {
            folder.Write($"{Packages}/{arch.FileName}.sig", signature);
        }

        List<BundleFile> beside = [.. cold.Where(f => f is not null)];
        if (cold[2] is { } coldArch && openPgp is not null)
        {
            beside.Add(new BundleFile($"{coldArch.Path}.sig", openPgp.SignDetached(coldArch.Content.Span, bundle.Time)));
        }

        WriteAll(folder, beside);
        WriteAll(folder, sources);
        var provenance = ProvenanceStage.Files(bundle, [.. emitted, .. beside, .. sources], request.Signer);
        WriteAll(folder, provenance);
        ReadOnlyMemory<byte>? sigstore = provenance.FirstOrDefault(f => f.Path == ProvenanceStage.SigstorePath(bundle.Name))?.Content;
        if (formats.HasFlag(PackageFormats.Oci))
        {
            var oci = Path.Combine(folder.Staging, "oci");
            using var layout = new AtomicFolder(oci, FolderState.Of(oci));
            OciLayoutWriter.Write(layout, [.. bundle.Files.Select(f => (f.Path, f.Content))], bundle.Version, bundle.Time, sigstore);
            layout.Commit();
        }

        void Publish()
        {
            if (openPgp is not null)
            {
                new ReleaseRepositories(request, openPgp, request.Repository ?? folder.Staging).Publish(
                    formats.HasFlag(PackageFormats.Apt) ? deb : null,
                    formats.HasFlag(PackageFormats.Dnf) ? rpm : null,
                    formats.HasFlag(PackageFormats.Pacman) ? arch : null);
            }
        }

        // New repositories are part of the folder; existing ones change when nothing else can fail.
        var joins = request.Repository is not null;
        if (!joins)
        {
            Publish();
        }

        ReleaseChecksums.Write(folder, request.Signer, bundle.Time);
        if (joins)
        {
            Publish();
        }

        return emitted;
    }

    private static void Once(HashSet<string> noticed, string text, Action<string> notice)
    {
        lock (noticed)
        {
            if (noticed.Add(text))
            {
                notice(text);
            }
        }
    }

    private static RepositoryPackage Pack(IPackageWriter writer, PackageSpec spec)
    {
        using var stream = new MemoryStream();
        writer.Write(spec, stream);
        return new RepositoryPackage(writer.FileName(spec), stream.ToArray());
    }

    private static BundleFile ColdFile(RepositoryPackage package) => new($"{ColdFolder}/{package.FileName}", package.Content);

    private static void AddPackage(List<BundleFile> emitted, RepositoryPackage? package)
    {
        if (package is not null)
        {
            emitted.Add(new BundleFile($"{Packages}/{package.FileName}", package.Content));
        }
    }

    private static void WriteAll(AtomicFolder folder, IEnumerable<BundleFile> files)
    {
        foreach (var file in files)
        {
            folder.Write(file.Path, file.Content.Span);
        }
    }
}
