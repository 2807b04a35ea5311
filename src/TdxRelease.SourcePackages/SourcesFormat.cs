using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.SourcePackages.DebianPackaging;

namespace TdxRelease.SourcePackages;

/// <summary>
/// The source forms of a release, Debian source, SRPM, package of the Open Build Service, PKGBUILD and Nix expression: for distributions
/// that build by themselves.
/// </summary>
/// <param name="rpm">Whose package the SRPM and the Nix expression build.</param>
/// <param name="arch">Whose package the PKGBUILD builds.</param>
public sealed class SourcesFormat(DistributionFormat rpm, DistributionFormat arch) : PackageFormat
{
    /// <inheritdoc/>
    public override string Name => "sources";

    /// <summary>All source forms. Those that fetch upstream's files at build time exist only where upstream's commit is known.</summary>
    public override IEnumerable<PublishedFile> Files(ReleaseContent release, RepositoryPackage? package)
    {
        var raw = release.Upstream.RawUrl;
        if (raw is null)
        {
            release.Notice(
                "left out, because the snapshot names no commit of a repository on github.com: "
                + "source packages that fetch upstream's files when they are built");
        }

        List<Func<IEnumerable<(string Path, byte[] Content)>>> forms =
        [
            () => release.DebianSource.Value.Select(f => ($"debian/{f.Key}", f.Value)),
            () => Variant(release, withBinaries: true),
            .. raw is null ? [] : (Func<IEnumerable<(string, byte[])>>[])[() => Variant(release, withBinaries: false)],
        ];
        return ParallelMap.Select(forms, form => form().ToList())
            .SelectMany(files => files)
            .Select(f => new PublishedFile($"{Name}/{f.Path}", f.Content, FileUse.Attested));
    }

    /// <summary>The files of the Debian source package, by name; repositories serve them too.</summary>
    public static IReadOnlyDictionary<string, byte[]> Debian(ReleaseContent release) => DebianSource.Build(
        Spec(release, DistributionFormats.Deb, withBinaries: true), release.Upstream, release.Choose(Compression.FastXz),
        release.Signer);

    private static SourceSpec Spec(ReleaseContent release, DistributionFormat format, bool withBinaries)
    {
        var package = release.Spec(format);
        return new SourceSpec(
            package,
            [.. package.Files.Select(f => new SourceFile(f, release.Upstream.PartsOf(f)))],
            release.Upstream.RawUrl ?? package.Homepage.TrimEnd('/'),
            withBinaries);
    }

    // One tarball, in the layout with usr/sbin that Fedora has; it is compressed once.
    private IEnumerable<(string Path, byte[] Content)> Variant(ReleaseContent release, bool withBinaries)
    {
        var suffix = withBinaries ? "" : "-fetch";
        var spec = Spec(release, rpm, withBinaries);
        var archive = SourceTarball.Build(spec, release.Choose(Compression.FastXz));
        foreach (var (name, content) in ArchSource.Build(Spec(release, arch, withBinaries), archive))
        {
            yield return ($"arch{suffix}/{name}", content);
        }

        var writer = new RpmSourceWriter(release.Choose(Compression.Zstd), release.Signer);
        using var stream = new MemoryStream();
        writer.Write(spec, archive, stream);
        yield return ($"rpm/{writer.FileName(spec)}", stream.ToArray());
        if (withBinaries == release.Upstream.RawUrl is null)
        {
            // The build service has one: it fetches upstream's files wherever they are served.
            foreach (var (name, content) in ObsSource.Build(spec, archive))
            {
                yield return ($"obs/{name}", content);
            }
        }

        yield return ($"nix{suffix}/{NixExpression.FileName}", Encoding.UTF8.GetBytes(NixExpression.Write(spec, archive)));
        yield return ($"nix{suffix}/flake.nix", Encoding.UTF8.GetBytes(NixExpression.Flake(spec)));
        yield return ($"nix{suffix}/{archive.FileName}", archive.Content);
    }
}
