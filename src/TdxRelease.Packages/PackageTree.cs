using TdxRelease.Archives;

namespace TdxRelease.Packages;

/// <summary>A spec's files as tar entries.</summary>
internal static class PackageTree
{
    public static TarEntry Entry(PackageFile file) => file.IsFolder ? TarEntry.Folder(file.Path)
        : file.LinkTarget is { } target ? TarEntry.Link(file.Path, target)
        : new TarEntry(file.Path, file.Content, file.Mode);

    /// <summary>Licences as <c>usr/share/licenses/NAME/FILE</c>, everything else where it says.</summary>
    public static IEnumerable<TarEntry> WithLicenseFolder(PackageSpec spec) => AtLicenseFolder(spec).Select(Entry);

    /// <summary>The same as files that keep their role.</summary>
    public static IEnumerable<PackageFile> AtLicenseFolder(PackageSpec spec) =>
    [
        .. SpecRules.Others(spec),
        .. SpecRules.Licenses(spec)
            .Select(f => new PackageFile($"usr/share/licenses/{spec.Name}/{Path.GetFileName(f.Path)}", f.Content, Role: f.Role)),
    ];
}
