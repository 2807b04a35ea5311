using TdxRelease.Packages;

namespace TdxRelease.SourcePackages;

/// <summary>A file of the package and where its bytes come from.</summary>
/// <param name="File">As the package installs it.</param>
/// <param name="Parts">None: made here, always carried. One: upstream's file as it is. Two: sigstruct and module, joined to a v2
/// image.</param>
public sealed record SourceFile(PackageFile File, IReadOnlyList<UpstreamPart> Parts);

/// <summary>What the source forms need beside the package.</summary>
/// <param name="Package">The binary package; its file list is replaced by <paramref name="Files"/>.</param>
/// <param name="Files">Every file, the licence texts too.</param>
/// <param name="BaseUrl">URL of upstream's tree at the pinned commit, without a slash at the end.</param>
/// <param name="WithBinaries">False: no byte of upstream but licence texts is carried; the build fetches the rest and checks it.</param>
public sealed record SourceSpec(PackageSpec Package, IReadOnlyList<SourceFile> Files, string BaseUrl, bool WithBinaries)
{
    /// <summary>
    /// Upstream version of the source form: <c>+ds</c> marks the one without binaries, so that the two never share a file name.
    /// </summary>
    public string Version => WithBinaries ? Package.Version : $"{Package.Version}+ds";

    /// <summary>Every upstream file that the build without binaries fetches, each once, sorted by path.</summary>
    public IReadOnlyList<UpstreamPart> Fetched =>
        WithBinaries ? [] : [.. Files.SelectMany(f => f.Parts).DistinctBy(p => p.Path).OrderBy(p => p.Path, StringComparer.Ordinal)];

    /// <summary>The package as a build installs it.</summary>
    internal PackageSpec Installed => Package with { Files = [.. Files.Select(f => f.File)] };
}
