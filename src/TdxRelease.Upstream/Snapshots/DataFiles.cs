using System.Text.RegularExpressions;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>What a data file of upstream is.</summary>
public enum DataFileKind
{
    /// <summary>mapping_file.json.</summary>
    Mapping,

    /// <summary>BINARIES_LICENSE, the licence of the modules.</summary>
    BinariesLicense,

    /// <summary>LICENSE, the licence of upstream's scripts.</summary>
    License,

    /// <summary>joined_files/…/tdx_module_V.blob.</summary>
    Blob,

    /// <summary>separate_files/…/tdx_module_V.bin.</summary>
    Bin,

    /// <summary>separate_files/…/tdx_module_V.sigstruct.</summary>
    Sigstruct,
}

/// <summary>Which paths of upstream are data. Scripts and documents are never taken and never run; they are only counted.</summary>
public static partial class DataFiles
{
    /// <summary>Path of the release metadata.</summary>
    public const string Mapping = "mapping_file.json";

    /// <summary>Path of the licence of the modules.</summary>
    public const string BinariesLicense = "BINARIES_LICENSE";

    /// <summary>Path of the licence of upstream's scripts.</summary>
    public const string License = "LICENSE";

    /// <summary>Largest data file taken, in bytes: 16 MiB, eight times the largest module that Linux accepts (496 pages).</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Most entries of a source that are looked at, scripts and folders included.</summary>
    public const int MaxCount = 100_000;

    /// <summary>What the path is in upstream's layout, or null where it is not data.</summary>
    /// <param name="path">Relative to upstream's root, forward slashes.</param>
    public static DataFileKind? KindOf(string path) => path switch
    {
        Mapping => DataFileKind.Mapping,
        BinariesLicense => DataFileKind.BinariesLicense,
        License => DataFileKind.License,
        _ when Joined().IsMatch(path) => DataFileKind.Blob,
        _ when Separate().IsMatch(path) => path.EndsWith(".bin", StringComparison.Ordinal) ? DataFileKind.Bin : DataFileKind.Sigstruct,
        _ => null,
    };

    /// <summary>The version in a module's path as upstream spells it, or null where the path is no module's.</summary>
    public static string? VersionOf(string path) =>
        Joined().Match(path) is { Success: true } joined ? joined.Groups["version"].Value
        : Separate().Match(path) is { Success: true } separate ? separate.Groups["version"].Value
        : null;

    [GeneratedRegex(@"^joined_files/(?<line>[0-9]{1,5}\.[0-9]{1,5})/tdx_module_(?<version>\k<line>\.[0-9]{1,5})\.blob\z", RegexOptions.CultureInvariant)]
    private static partial Regex Joined();

    [GeneratedRegex(@"^separate_files/(?<line>[0-9]{1,5}\.[0-9]{1,5})/(?<version>\k<line>\.[0-9]{1,5})/tdx_module_\k<version>\.(?:bin|sigstruct)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Separate();
}
