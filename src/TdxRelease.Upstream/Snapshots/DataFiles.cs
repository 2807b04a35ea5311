using TdxRelease.Verification.Mapping;

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
public static class DataFiles
{
    /// <summary>Largest data file taken, in bytes: 16 MiB, eight times the largest module that Linux accepts (496 pages).</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Most entries of a source that are looked at, scripts and folders included.</summary>
    public const int MaxCount = 100_000;

    /// <summary>What the path is in upstream's layout, or null where it is not data.</summary>
    /// <param name="path">Relative to upstream's root, forward slashes.</param>
    public static DataFileKind? KindOf(string path) => path switch
    {
        UpstreamLayout.Mapping => DataFileKind.Mapping,
        UpstreamLayout.BinariesLicense => DataFileKind.BinariesLicense,
        UpstreamLayout.License => DataFileKind.License,
        _ => ModuleFile(path)?.Kind,
    };

    /// <summary>The version in a module's path as upstream spells it, or null where the path is not a module's.</summary>
    public static string? VersionOf(string path) => ModuleFile(path)?.Version;

    // The name says which version it is, and with it in which folder the file must be. No regular expression: every command walks
    // through here, and loading that library takes longer than the walk.
    private static (DataFileKind Kind, string Version)? ModuleFile(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        var dot = name.LastIndexOf('.');
        if (dot < UpstreamLayout.NamePrefix.Length || !name.StartsWith(UpstreamLayout.NamePrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var version = name[UpstreamLayout.NamePrefix.Length..dot];
        var second = version.LastIndexOf('.');
        if (second < 0 || !IsVersion(version))
        {
            return null;
        }

        var line = version[..second];
        return name[dot..] switch
        {
            ".blob" when path == $"{UpstreamLayout.Images}{line}/{name}" => (DataFileKind.Blob, version.ToString()),
            ".bin" when path == $"{UpstreamLayout.Parts}{line}/{version}/{name}" => (DataFileKind.Bin, version.ToString()),
            ".sigstruct" when path == $"{UpstreamLayout.Parts}{line}/{version}/{name}" => (DataFileKind.Sigstruct, version.ToString()),
            _ => null,
        };
    }

    /// <summary>Three numbers of one to five digits with dots between them.</summary>
    private static bool IsVersion(ReadOnlySpan<char> text)
    {
        var (dots, digits) = (0, 0);
        foreach (var c in text)
        {
            if (c == '.' && digits > 0)
            {
                (dots, digits) = (dots + 1, 0);
            }
            else if (!char.IsAsciiDigit(c) || ++digits > 5)
            {
                return false;
            }
        }

        return dots == 2 && digits > 0;
    }
}
