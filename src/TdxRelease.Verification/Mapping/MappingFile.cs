using TdxRelease.Core.Findings;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Mapping;

/// <summary>One release of mapping_file.json.</summary>
/// <param name="Version">The module's version.</param>
/// <param name="Spelling">The version as upstream writes it; file names use it.</param>
/// <param name="MinModuleVersion">Oldest running module from which a TD-preserving update to this one is allowed.</param>
/// <param name="MinSeamldr">P-SEAMLDR versions: the one on the running loader's line must not be above it. Sorted.</param>
/// <param name="Features0">TDX_FEATURES0 of the module.</param>
/// <param name="StrictCompat">Sources of strict updates, sorted; null where the mapping predates the key, which differs from empty.</param>
/// <param name="Location">Where the release begins.</param>
public sealed record ModuleRelease(
    ModuleVersion Version,
    string Spelling,
    ModuleVersion MinModuleVersion,
    IReadOnlyList<ModuleVersion> MinSeamldr,
    ulong Features0,
    IReadOnlyList<ModuleVersion>? StrictCompat,
    Location Location)
{
    /// <summary>Upstream's path of the joined image: <c>joined_files/1.5/tdx_module_1.5.05.blob</c>.</summary>
    public string BlobPath => UpstreamLayout.Image(Version, Spelling);

    /// <summary>Upstream's path of the module binary.</summary>
    public string BinPath => UpstreamLayout.Module(Version, Spelling);

    /// <summary>Upstream's path of the signature structure.</summary>
    public string SigstructPath => UpstreamLayout.Sigstruct(Version, Spelling);
}

/// <summary>The parsed mapping_file.json.</summary>
/// <param name="HeaderVersion">Header.Version; "1.0" in every file seen.</param>
/// <param name="Releases">Sorted by version, unique.</param>
public sealed record MappingFile(string HeaderVersion, IReadOnlyList<ModuleRelease> Releases)
{
    /// <summary>The release of that version, or null.</summary>
    public ModuleRelease? Find(ModuleVersion version)
    {
        foreach (var release in Releases)
        {
            if (release.Version == version)
            {
                return release;
            }
        }

        return null;
    }
}
