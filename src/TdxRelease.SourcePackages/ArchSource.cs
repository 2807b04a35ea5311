using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;

namespace TdxRelease.SourcePackages;

/// <summary>An Arch source package: PKGBUILD, .SRCINFO and the source tarball.</summary>
public static class ArchSource
{
    /// <summary>The files by name.</summary>
    /// <param name="source">What to build from.</param>
    /// <param name="archive">The source tarball, of any compression. It may be made for distributions with <c>usr/sbin</c>, which Arch has
    /// as a link to <c>bin</c>.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: see <see cref="ArchVersion"/> and
    /// <see cref="SourceTarball"/>.</exception>
    public static IReadOnlyDictionary<string, byte[]> Build(SourceSpec source, SourceArchive archive)
    {
        var spec = source.Installed;
        SourceTarball.Require(source);
        _ = ArchVersion.Of(spec);
        var tarball = archive.FileName;
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [tarball] = archive.Content };
        var install = ArchText.Install(spec.Scripts);
        if (install is not null)
        {
            files[$"{spec.Name}.install"] = Encoding.UTF8.GetBytes(install);
        }

        List<(string Source, string Sum)> sources =
        [
            (tarball, Convert.ToHexStringLower(SHA256.HashData(files[tarball]))),
            .. source.Fetched.Select(p => ($"{SourceTarball.Flat(p)}::{source.BaseUrl}/{p.Path}", p.Sha256)),
        ];
        files["PKGBUILD"] = Encoding.UTF8.GetBytes(PkgBuild(source, archive.Top, sources, install is not null));
        files[".SRCINFO"] = Encoding.UTF8.GetBytes(SrcInfo(spec, sources, install is not null));
        return files;
    }

    private static string PkgBuild(SourceSpec source, string top, List<(string Source, string Sum)> sources, bool install)
    {
        var spec = source.Installed;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"# Maintainer: {spec.Maintainer}\n\npkgname={spec.Name}\npkgver={spec.Version}\npkgrel={spec.Revision}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"pkgdesc={Quote(spec.Summary)}\narch=('any')\nurl={Quote(spec.Homepage)}\nlicense=({Quote(spec.License)})\n");
        Array(text, "depends", spec.Relations.Depends);
        Array(text, "optdepends", [.. spec.Relations.Recommends, .. spec.Relations.Suggests]);
        Array(text, "provides", spec.Relations.Provides);
        Array(text, "conflicts", spec.Relations.Conflicts);
        Array(text, "replaces", spec.Relations.Replaces);
        Array(text, "backup", Backup(spec));
        text.Append("options=('!strip' '!zipman')\n");
        text.Append(install ? $"install={spec.Name}.install\n" : "");
        Array(text, "source", sources.ConvertAll(s => s.Source));
        Array(text, "noextract", source.Fetched.Select(SourceTarball.Flat));
        Array(text, "sha256sums", sources.ConvertAll(s => s.Sum));
        var parts = source.Fetched.Count == 0 ? ""
            : $"  mkdir -p parts\n{string.Concat(source.Fetched.Select(p => $"  cp \"$srcdir\"/{SourceTarball.Flat(p)} parts/\n"))}";
        text.Append(CultureInfo.InvariantCulture, $"\nbuild() {{\n  cd {Quote(top)}\n{parts}  sh ./build.sh prepare\n}}\n");
        text.Append(CultureInfo.InvariantCulture, $"\npackage() {{\n  cd {Quote(top)}\n  sh ./build.sh install \"$pkgdir\"\n");
        text.Append(spec.Files.Any(f => f.Path.StartsWith("usr/bin/", StringComparison.Ordinal))
            ? "  [ ! -d \"$pkgdir/usr/sbin\" ] || mv \"$pkgdir/usr/sbin\" \"$pkgdir/usr/bin\"\n" : "");
        text.Append("  install -Dm644 -t \"$pkgdir/usr/share/licenses/$pkgname\" licenses/*\n}\n");
        return text.ToString();
    }

    /// <summary>As <c>makepkg --printsrcinfo</c> prints it.</summary>
    private static string SrcInfo(PackageSpec spec, List<(string Source, string Sum)> sources, bool install)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"pkgbase = {spec.Name}\n");
        Line(text, "pkgdesc", spec.Summary);
        Line(text, "pkgver", spec.Version);
        Line(text, "pkgrel", spec.Revision);
        Line(text, "url", spec.Homepage);
        Lines(text, "install", install ? [$"{spec.Name}.install"] : []);
        Line(text, "arch", "any");
        Line(text, "license", spec.License);
        Lines(text, "depends", spec.Relations.Depends);
        Lines(text, "optdepends", [.. spec.Relations.Recommends, .. spec.Relations.Suggests]);
        Lines(text, "provides", spec.Relations.Provides);
        Lines(text, "conflicts", spec.Relations.Conflicts);
        Lines(text, "replaces", spec.Relations.Replaces);
        Lines(text, "noextract", sources.Skip(1).Select(s => s.Source.Split("::")[0]));
        Lines(text, "options", ["!strip", "!zipman"]);
        Lines(text, "backup", Backup(spec));
        Lines(text, "source", sources.Select(s => s.Source));
        Lines(text, "sha256sums", sources.Select(s => s.Sum));
        text.Append(CultureInfo.InvariantCulture, $"\npkgname = {spec.Name}\n");
        return text.ToString();
    }

    private static IEnumerable<string> Backup(PackageSpec spec) =>
        spec.Files.Where(f => f.Role == FileRole.Configuration).Select(f => f.Path).Order(StringComparer.Ordinal);

    private static void Array(StringBuilder text, string name, IEnumerable<string> values)
    {
        var quoted = values.Select(Quote).ToList();
        if (quoted.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}=({string.Join($"\n{new string(' ', name.Length + 2)}", quoted)})\n");
        }
    }

    private static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void Lines(StringBuilder text, string key, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Line(text, key, value);
        }
    }

    private static void Line(StringBuilder text, string key, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"\t{key} = {value}\n");
}
