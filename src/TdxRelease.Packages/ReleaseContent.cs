using System.Security.Cryptography;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages.Metadata;
using TdxRelease.Signing;

namespace TdxRelease.Packages;

/// <summary>A release as the formats see it.</summary>
/// <param name="Name">Base name of its files, <c>NAME-VERSION</c>.</param>
/// <param name="Version">Its date, <c>20260210</c>.</param>
/// <param name="Time">The one time in it.</param>
/// <param name="Lifetime">How long the indices of repositories count.</param>
/// <param name="Files">The bundle's files under their paths in the bundle.</param>
/// <param name="Metadata">Names, sections, licence tags.</param>
/// <param name="Signer">Signs packages and repositories; null where there is no OpenPGP certificate.</param>
public sealed record ReleaseContent(
    string Name,
    string Version,
    DateTimeOffset Time,
    TimeSpan Lifetime,
    IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> Files,
    BundleMetadata Metadata,
    IOpenPgpSigner? Signer)
{
    /// <summary>What the package of a distribution holds and says.</summary>
    public required Func<DistributionFormat, PackageSpec> Spec { get; init; }

    /// <summary>The package for cold loading beside the one given; null where none is wanted.</summary>
    public Func<PackageSpec, PackageSpec>? Cold { get; init; }

    /// <summary>Signs images; null for an unsigned release.</summary>
    public IRsaSigner? Key { get; init; }

    /// <summary>Where source packages get upstream's files.</summary>
    public required UpstreamFiles Upstream { get; init; }

    /// <summary>The files of the Debian source package, by name: its form and the apt repository share them.</summary>
    public Lazy<IReadOnlyDictionary<string, byte[]>> DebianSource { get; init; } = new(() => new Dictionary<string, byte[]>());

    /// <summary>The compression wanted, or gzip where its library is missing.</summary>
    public required Func<Compression, Compression> Choose { get; init; }

    /// <summary>Gets a line for everything that is left out or replaced.</summary>
    public required Action<string> Notice { get; init; }

    /// <summary>Where users will reach the output folder; no slash at the end.</summary>
    public required string BaseUrl { get; init; }
}

/// <summary>What of upstream's repository the bundle's files were made of.</summary>
/// <param name="Repository">URL of its git repository; null where that is not known.</param>
/// <param name="RawUrl">Where upstream serves single files of the commit, without a slash at the end; null where that is not known.</param>
/// <param name="PartsOf">The upstream files that a file of a package is joined from; none where it is the project's own.</param>
public sealed record UpstreamFiles(string? Repository, string? RawUrl, Func<PackageFile, IReadOnlyList<UpstreamPart>> PartsOf)
{
    /// <summary>All data files, as they are.</summary>
    public required Func<IReadOnlyList<UpstreamPart>> Tree { get; init; }

    /// <summary>The day of this state of upstream.</summary>
    public required DateOnly Date { get; init; }
}

/// <summary>A file of the upstream repository, pinned.</summary>
/// <param name="Path">Path in the upstream tree.</param>
/// <param name="Content">The bytes.</param>
public sealed record UpstreamPart(string Path, ReadOnlyMemory<byte> Content)
{
    /// <summary>SHA-256 of the bytes, 64 lower-case hex digits.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Content.Span));
}

/// <summary>What becomes of a file that a format makes.</summary>
public enum FileUse
{
    /// <summary>Users download it, and the provenance names it.</summary>
    Download,

    /// <summary>The provenance names it.</summary>
    Attested,

    /// <summary>Belongs to another file, such as a detached signature; only the list of checksums names it.</summary>
    Sidecar,
}

/// <summary>A file that a format makes.</summary>
/// <param name="Path">Its path in the output folder.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Use">What becomes of it.</param>
public sealed record PublishedFile(string Path, ReadOnlyMemory<byte> Content, FileUse Use);
