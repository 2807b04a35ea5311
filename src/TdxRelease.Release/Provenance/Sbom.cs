using System.Security.Cryptography;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Provenance;

/// <summary>
/// What both forms of the bill of materials say in the same words. Both follow from the manifest alone, so an audit writes them again and
/// compares.
/// </summary>
internal static class Sbom
{
    public const string Supplier = "Intel Corporation";
    public const string SupplierUrl = "https://www.intel.com/";
    public const string ModuleName = "tdx-module";
    public const string LicenseId = "LicenseRef-Intel-TDX-Module-Binaries";
    public const string LicenseName = "Intel limited distribution licence of the TDX module binaries";

    /// <summary>Files of the bundle that are no module's image.</summary>
    public static IEnumerable<ManifestFile> Others(Manifest manifest)
    {
        var images = manifest.Modules.Select(m => m.Image).ToHashSet(StringComparer.Ordinal);
        return manifest.Files.Where(f => !images.Contains(f.Path)).OrderBy(f => f.Path, StringComparer.Ordinal);
    }

    /// <summary>The hashes of a module's image.</summary>
    public static ManifestFile Image(Manifest manifest, ManifestModule module) => manifest.Files.First(f => f.Path == module.Image);

    /// <summary>A UUID (version 8: custom) from the manifest's bytes: the same for the same release.</summary>
    public static Guid Id(Manifest manifest)
    {
        var hash = SHA256.HashData(manifest.ToJson())[..16];
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    /// <summary>The upstream commit as a URL, where there is one; what is only said of the source is called so.</summary>
    public static string CommitUrl(ManifestSource source) =>
        !source.IsRepository ? source.Url : $"{source.Url.TrimEnd('/')}/tree/{source.Commit}";

    /// <summary>What is said about the source without proof, as name and commit.</summary>
    public static IEnumerable<(string Name, string Commit)> Unproven(ManifestSource source) =>
        new[] { (Name: "claimed-commit", Commit: source.ClaimedCommit),
            (Name: "modified-from", Commit: source.ModifiedFrom) }.Where(s => s.Commit is not null).Select(s => (s.Name, s.Commit!));
}
