using System.Diagnostics.CodeAnalysis;
using NuGet.Versioning;
using TdxRelease.Modules.Versions;

namespace TdxRelease.Modules.Steps;

/// <summary>Ranges as the command line and site policies write them.</summary>
public static class VersionRanges
{
    /// <summary>
    /// Parses a NuGet range such as <c>[1.5.13,1.6.0)</c>, or a single version, which here means exactly that version
    /// (to NuGet a bare version is a lower bound: denying "1.5.25" must not deny everything after it), or <c>*</c> for all.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range)
    {
        if (ModuleVersion.TryParse(text, out var version))
        {
            range = new VersionRange(version.ToNuGet(), true, version.ToNuGet(), true, null, text);
            return true;
        }

        if (text == "*")
        {
            range = new VersionRange(null, false, null, false, null, text);
            return true;
        }

        range = null;
        return text is ['[' or '(', ..] && VersionRange.TryParse(text, out range);
    }
}
