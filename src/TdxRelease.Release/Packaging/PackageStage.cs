using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.History;
using TdxRelease.Release.Rebuild;
using TdxRelease.Repositories;
using TdxRelease.Signing;
using TdxRelease.SourcePackages;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Release.Packaging;

/// <summary>What is emitted of a finished bundle, and how.</summary>
/// <param name="Verified">The snapshot that the bundle was made of.</param>
/// <param name="Bundle">The bundle.</param>
/// <param name="Signer">Signed it; null for an unsigned bundle.</param>
/// <param name="Sample">The synthetic upstream.</param>
/// <param name="Formats">What the user asked for, or null for everything that is possible.</param>
/// <param name="Notice">Gets a line for everything that is left out or replaced.</param>
public sealed record PackageRequest(
    VerifiedSnapshot Verified, Bundle Bundle, ReleaseSigner? Signer, bool Sample, IReadOnlyList<PackageFormat>? Formats,
    Action<string> Notice)
{
    /// <summary>Names, sections and licence tags.</summary>
    public BundleMetadata Metadata { get; init; } = BundleMetadata.Default;

    /// <summary>Earlier states of upstream, for the changelog; in any order.</summary>
    public IReadOnlyList<EarlierRelease> History { get; init; } = [];

    /// <summary>How long the indices of repositories count: by default as long as the manifest that they deliver.</summary>
    public TimeSpan IndexLifetime { get; init; } = Bundle.Manifest.Expires - Bundle.Manifest.Created;

    /// <summary>Whether packages for cold loading are made too.</summary>
    public bool Cold { get; init; }

    /// <summary>Where users will reach the output folder, for the repositories' configuration files; no slash at the end.</summary>
    public string BaseUrl { get; init; } = PackageStage.ExampleUrl;

    /// <summary>A folder with existing repositories that the release joins; null for new ones in the output folder.</summary>
    public string? Repository { get; init; }
}

/// <summary>
/// Turns a bundle into everything that is published: packages, signed repositories, OCI layouts, source forms, provenance.
/// </summary>
public static class PackageStage
{
    /// <summary>Stands in the repositories' configuration files until the user names the real one.</summary>
    public const string ExampleUrl = "https://example.com/tdx-module";

    /// <summary>Writes everything into a folder that is still aside. Existing repositories change last, when all else is written.</summary>
    /// <returns>The top-level files that users download: tar and packages.</returns>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3, 4, 5 or 6, as the writers and repositories say.</exception>
    public static IReadOnlyList<BundleFile> Write(PackageRequest request, AtomicFolder folder)
    {
        folder.RequireApart([request.Verified.Snapshot.Folder, request.Repository, .. request.History.Select(h => h.State.Side.Name)]);
        var (bundle, openPgp) = (request.Bundle, request.Signer?.OpenPgp);
        var formats = PackageFormats.Resolve(request.Formats, openPgp is not null, request.Notice);
        if (!request.Sample && request.Metadata.HasPlaceholderMaintainer && formats.Any(f => f.NamesMaintainer))
        {
            request.Notice($"the packages name \"{request.Metadata.Maintainer}\" as their maintainer: give --metadata=bundle.json");
        }

        var release = Content(request);
        var made = Make(release, formats);
        var files = made.SelectMany(m => m.Files).OrderBy(f => f.Use).ToList();
        BundleStage.WriteManifest(bundle, folder, request.Signer?.Rsa);
        if (openPgp is not null)
        {
            folder.Write(BundleStage.CertificateName, openPgp.Certificate);
        }

        files.ForEach(f => folder.Write(f.Path, f.Content.Span));
        var provenance = ProvenanceStage.Files(request, [.. files.Where(f => f.Use != FileUse.Sidecar).Select(File)]);
        provenance.ToList().ForEach(f => folder.Write(f.Path, f.Content.Span));
        var sigstore = provenance.FirstOrDefault(f => f.Path == ProvenanceStage.SigstorePath(bundle.Name))?.Content;
        formats.ToList().ForEach(f => f.WriteFolder(release, folder, sigstore));

        // New repositories are part of the folder; existing ones change when nothing else can fail.
        if (request.Repository is null)
        {
            Publish(request, release, made, folder.Staging);
        }

        ReleaseChecksums.Write(folder, request.Signer, bundle.Time);
        if (request.Repository is { } joined)
        {
            TellOfNewer(request, made, joined);
            Publish(request, release, made, joined);
        }

        return [.. files.Where(f => f.Use == FileUse.Download).Select(File)];
    }

    // A revision of an older state of upstream, or a version that the user named: nothing is wrong with the repository.
    private static void TellOfNewer(PackageRequest request, BuiltPackage[] made, string joined)
    {
        var version = request.Bundle.Package.ToString();
        var published = Directory.Exists(joined) ? PublishedPackages.In(joined).Select(p => Path.GetFileName(p)).ToList() : [];
        var newest = made.Select(m => m.Package?.FileName.Split(version)).SelectMany(name => name is [var before, var after]
                ? published.Where(p => p.Length > before.Length + after.Length
                    && p.StartsWith(before, StringComparison.Ordinal) && p.EndsWith(after, StringComparison.Ordinal))
                    .Select(p => p[before.Length..^after.Length])
                : [])
            .Append(version).Max(Comparer<string>.Create(DebianVersion.Compare))!;
        if (newest != version)
        {
            request.Notice($"\"{joined}\" holds {newest}, which sorts after {version}: package managers go on offering that one");
        }
    }

    private static BundleFile File(PublishedFile file) => new(file.Path, file.Content);

    private static ReleaseContent Content(PackageRequest request)
    {
        var bundle = request.Bundle;
        var packages = new ReleasePackages(bundle, request.Metadata, request.Signer, request.Sample, ReleaseChangelog.Of(request));
        var cold = request.Cold ? ColdFiles.Of(request.Verified, bundle.Time) : null;
        var noticed = new HashSet<string>(StringComparer.Ordinal);
        void Once(string text)
        {
            lock (noticed)
            {
                if (noticed.Add(text))
                {
                    request.Notice(text);
                }
            }
        }

        var release = new ReleaseContent(
            bundle.Name,
            bundle.Version,
            bundle.Time,
            request.IndexLifetime,
            [.. bundle.Files.Select(f => (f.Path, f.Content))],
            request.Metadata,
            request.Signer?.OpenPgp)
        {
            Spec = packages.Spec,
            Key = request.Signer?.Rsa,
            Cold = cold is null ? null : spec => packages.Cold(spec, cold),
            Upstream = ReleaseSources.Of(request.Verified),
            Choose = wanted => Compressor.Choose(wanted, Once),
            Notice = Once,
            BaseUrl = request.BaseUrl,
        };
        return release with { DebianSource = new Lazy<IReadOnlyDictionary<string, byte[]>>(() => SourcesFormat.Debian(release)) };
    }

    // A repository needs the packages that it serves, whether or not they are published by themselves.
    private static BuiltPackage[] Make(ReleaseContent release, IReadOnlyList<PackageFormat> formats) =>
        ParallelMap.Select([.. PackageFormats.All.Where(f => formats.Contains(f) || formats.Any(r => r.Serves == f))], format =>
        {
            var package = format.Pack(release);
            return new BuiltPackage(format, package, formats.Contains(format) ? [.. format.Files(release, package)] : []);
        });

    private static void Publish(PackageRequest request, ReleaseContent release, BuiltPackage[] made, string folder)
    {
        var repositories = made.Select(m => m.Format).OfType<RepositoryFormat>().ToList();
        if (repositories.Count > 0 && !request.Sample && request.BaseUrl == ExampleUrl)
        {
            request.Notice($"the repositories' configuration files say {ExampleUrl}: give --base-url=URL");
        }

        _ = ParallelMap.Select(repositories, r =>
        {
            r.Publish(Path.Combine(folder, r.Name), release, made.First(m => m.Format == r.Serves).Package!, request.Signer!.Repositories!);
            return r;
        });
    }

    private sealed record BuiltPackage(PackageFormat Format, RepositoryPackage? Package, IReadOnlyList<PublishedFile> Files);
}
