using TdxRelease.Packages;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Composition;
using TdxRelease.Signing;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.Packaging;

/// <summary>What the distributions' packages of one release hold and say.</summary>
/// <param name="bundle">The release.</param>
/// <param name="metadata">Names, sections, licence tags.</param>
/// <param name="signer">Signed it; null for an unsigned release.</param>
/// <param name="sample">The synthetic upstream: a name of its own.</param>
/// <param name="changelog">Newest entry first.</param>
internal sealed class ReleasePackages(Bundle bundle, BundleMetadata metadata, ReleaseSigner? signer, bool sample,
    IReadOnlyList<ChangelogEntry> changelog)
{
    // Only Debian's packages say one.
    private const string NoSection = "admin";

    /// <summary>Package name. Sample, unsigned and real releases never upgrade one another.</summary>
    public string Name { get; } = (sample ? "tdx-module-sample" : metadata.Name) + (bundle.Manifest.Unsigned ? "-unsigned" : "");

    /// <summary>The package for cold loading, beside the one given: the same names and licences, other files, no program.</summary>
    /// <param name="spec">From <see cref="Spec"/>.</param>
    /// <param name="files">From <see cref="ColdFiles"/>.</param>
    public PackageSpec Cold(PackageSpec spec, IReadOnlyList<PackageFile> files) => spec with
    {
        Name = $"{spec.Name}-cold",
        Summary = "Intel TDX module images for loading at boot",
        Description = string.Join('\n', ColdDescription),
        Files =
        [
            .. spec.Files
                .Where(f => f.Role == FileRole.License && !HostProgram.IsLicense(f.Path))
                .Select(f => f with { Path = f.Path.Replace(spec.Name, $"{spec.Name}-cold", StringComparison.Ordinal) }),
            .. files,
        ],
        Scripts = new PackageScripts(),
        Relations = PackageRelations.None with { Conflicts = [.. spec.Relations.Conflicts.Select(n => $"{n}-cold")] },
    };

    private static readonly string[] ColdDescription =
    [
        "Images of the Intel TDX module in the first format, which Intel's UEFI loader",
        "reads, and for each module an archive with the files of the EFI system",
        "partition, to be unpacked there by the administrator.",
        "",
        "Installing this package copies nothing to the EFI system partition.",
    ];

    /// <summary>What the package of a distribution holds and says.</summary>
    public PackageSpec Spec(DistributionFormat format)
    {
        var distribution = metadata.Of(format);
        var spec = new PackageSpec(
            Name,
            bundle.Package.Upstream,
            bundle.Package.Revision,
            metadata.Summary,
            string.Join('\n', metadata.Description),
            metadata.Maintainer,
            metadata.Homepage,
            distribution.License,
            distribution.Section ?? NoSection,
            bundle.Time,
            [.. Content(), .. HostProgram.Files(Name, format.Programs, signer), .. format.ToolFiles(Name)],
            changelog,
            format.Scripts(HostProgram.Units))
        {
            Distribution = distribution.Distribution ?? "",
            InstalledTest = signer is null ? null : $"/{format.Programs}/{HostProgram.Name} verify",
            Vcs = distribution.Vcs ?? "",
            Relations = PackageRelations.None with
            {
                Depends = [.. format.Depends.Union(distribution.Depends ?? [])],
                Recommends = distribution.Recommends ?? [],
                Suggests = [.. format.Suggests.Union(distribution.Suggests ?? [])],
                Conflicts = Others(),
            },
        };
        var id = ComponentId();

        // Distributions name the licence differently; the file says what it is, the same in all of them.
        var component = AppStream.Build(spec with { License = metadata.Of(DistributionFormats.Deb).License }, id);
        return spec with { Files = [.. spec.Files, new PackageFile(AppStream.Path(id), component)], Licensing = Licensing(id) };
    }

    // The bundle stays whole, licence included: `tdx-module-update verify` checks every file that the manifest lists.
    private IEnumerable<PackageFile> Content()
    {
        foreach (var file in bundle.Files)
        {
            yield return new PackageFile($"{DistributionFormat.FirmwareFolder}/{file.Path}", file.Content);
            if (IsLicense(file.Path))
            {
                yield return new PackageFile($"usr/share/licenses/{Name}/{file.Path}", file.Content, Role: FileRole.License);
            }
        }
    }

    // Upstream's LICENSE is for what it writes itself; snapshots may come without it.
    private IReadOnlyList<LicensedFiles> Licensing(string componentId)
    {
        var holder = sample ? metadata.Maintainer : "Intel Corporation";
        var both = bundle.Files.Any(f => f.Path == UpstreamLayout.License);
        return
        [
            .. both ? [new("*", "Expat", UpstreamLayout.License, holder)] : (LicensedFiles[])[],
            new(both ? "joined_files/* separate_files/*" : "*", "Intel-Limited-Distribution", UpstreamLayout.BinariesLicense, holder),
            new("debian/*", "Expat", HostProgram.License, metadata.Maintainer),
            new($"debian/tree/{AppStream.Path(componentId)}", AppStream.License, AppStream.LicenseText, metadata.Maintainer),
        ];
    }

    internal static bool IsLicense(string path) => path is UpstreamLayout.BinariesLicense or UpstreamLayout.License;

    // The packages of one machine: all of them own the same folder.
    private IReadOnlyList<string> Others()
    {
        string[] all = [metadata.Name, $"{metadata.Name}-unsigned", "tdx-module-sample", "tdx-module-sample-unsigned"];
        return [.. all.Where(n => n != Name)];
    }

    // Reverse DNS of whoever packages it, since the component is the package and not Intel's product.
    private string ComponentId()
    {
        var host = metadata.Maintainer.TrimEnd('>').Split('@')[^1].Split('.').Reverse();
        return string.Concat(string.Join('.', [.. host, Name]).Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '_'));
    }
}
