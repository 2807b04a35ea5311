using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Mapping;

/// <summary>
/// Where the files lie in Intel's repository of module binaries, and in a bundle, which keeps its layout. Paths are relative, with forward
/// slashes.
/// </summary>
public static class UpstreamLayout
{
    /// <summary>The mapping file.</summary>
    public const string Mapping = "mapping_file.json";

    /// <summary>The licence of the modules.</summary>
    public const string BinariesLicense = "BINARIES_LICENSE";

    /// <summary>The licence of upstream's scripts.</summary>
    public const string License = "LICENSE";

    /// <summary>The directory of joined images.</summary>
    public const string Images = "joined_files/";

    /// <summary>The directory of modules and sigstructs.</summary>
    public const string Parts = "separate_files/";

    /// <summary>How the name of every file of a module begins; its version follows.</summary>
    public const string NamePrefix = "tdx_module_";

    /// <summary>A joined image: sigstruct and module in one file.</summary>
    /// <param name="version">The version, which decides the directory.</param>
    /// <param name="spelling">The version as upstream spells it.</param>
    public static string Image(ModuleVersion version, string spelling) => $"{Images}{version.LineName}/{NamePrefix}{spelling}.blob";

    /// <summary>A module alone.</summary>
    /// <inheritdoc cref="Image" path="/param"/>
    public static string Module(ModuleVersion version, string spelling) => $"{Stem(version, spelling)}.bin";

    /// <summary>A sigstruct alone.</summary>
    /// <inheritdoc cref="Image" path="/param"/>
    public static string Sigstruct(ModuleVersion version, string spelling) => $"{Stem(version, spelling)}.sigstruct";

    private static string Stem(ModuleVersion version, string spelling) => $"{Parts}{version.LineName}/{spelling}/{NamePrefix}{spelling}";
}
