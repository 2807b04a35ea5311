using System.Text;
using System.Text.RegularExpressions;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages.Sysext;

/// <summary>
/// Writes a system extension (systemd-sysext(8)): a tar of the installed tree, to be unpacked to <c>/var/lib/extensions/NAME</c>. Only
/// what is below <c>usr/</c> and <c>opt/</c> is merged into a host, so that all else is left out.
/// </summary>
/// <param name="compression">Of the tar.</param>
public sealed partial class SysextWriter(Compression compression) : IPackageWriter
{
    /// <summary>Where the file lies by which systemd knows the tree as an extension; the name of the extension follows.</summary>
    internal const string Marker = "usr/lib/extension-release.d/extension-release.";

    /// <summary>Begins the line with version and revision (os-release(5)).</summary>
    internal const string VersionKey = "IMAGE_VERSION=";

    /// <inheritdoc/>
    public string FileName(PackageSpec spec)
    {
        SpecRules.Require(spec);
        return $"{spec.Name}-{Version(spec)}.sysext.tar{compression.Extension}";
    }

    /// <inheritdoc/>
    public void Write(PackageSpec spec, Stream output)
    {
        SpecRules.Require(spec);

        // Firmware and shell scripts are for any host; units are known once systemd 254 or later has merged the extension.
        var marker = $"ID=_any\nEXTENSION_RELOAD_MANAGER=1\nIMAGE_ID={spec.Name}\n{VersionKey}{Version(spec)}\n";
        var entry = new TarEntry(Marker + spec.Name, Encoding.ASCII.GetBytes(marker));
        var merged = PackageTree.WithLicenseFolder(spec).Where(e => IsMerged(e.Path));
        output.Write(TarWriter.Pack(merged.Append(entry), spec.Time, compression));
    }

    private static bool IsMerged(string path) =>
        path.StartsWith("usr/", StringComparison.Ordinal) || path.StartsWith("opt/", StringComparison.Ordinal);

    private static string Version(PackageSpec spec)
    {
        SpecRules.Match(Word(), "version", spec.Version, "letters, digits and ._+~^ for a system extension");
        SpecRules.Match(Word(), "revision", spec.Revision, "letters, digits and ._+~^ for a system extension");
        return $"{spec.Version}-{spec.Revision}";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._+~^]*\z")]
    private static partial Regex Word();
}
