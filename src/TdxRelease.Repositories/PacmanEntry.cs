using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Packages.Arch;

namespace TdxRelease.Repositories;

/// <summary>One package of a pacman database, in the sections that repo-add(8) writes.</summary>
internal sealed record PacmanEntry(string FileName, byte[] Content, byte[] Signature, ArchContents Package)
{
    public string Desc()
    {
        var text = new StringBuilder();
        Section(text, "FILENAME", [FileName]);
        Section(text, "NAME", Package.All("pkgname"));
        Section(text, "BASE", Package.All("pkgbase"));
        Section(text, "VERSION", Package.All("pkgver"));
        Section(text, "DESC", Package.All("pkgdesc"));
        Section(text, "CSIZE", [Content.Length.ToString(CultureInfo.InvariantCulture)]);
        Section(text, "ISIZE", Package.All("size"));
        Section(text, "SHA256SUM", [Convert.ToHexStringLower(SHA256.HashData(Content))]);
        Section(text, "PGPSIG", [Convert.ToBase64String(Signature)]);
        Section(text, "URL", Package.All("url"));
        Section(text, "LICENSE", Package.All("license"));
        Section(text, "ARCH", Package.All("arch"));
        Section(text, "BUILDDATE", Package.All("builddate"));
        Section(text, "PACKAGER", Package.All("packager"));
        Section(text, "REPLACES", Package.All("replaces"));
        Section(text, "CONFLICTS", Package.All("conflict"));
        Section(text, "PROVIDES", Package.All("provides"));
        Section(text, "DEPENDS", Package.All("depend"));
        Section(text, "OPTDEPENDS", Package.All("optdepend"));
        return text.ToString();
    }

    public string FileList()
    {
        var text = new StringBuilder("%FILES%\n");
        foreach (var entry in Package.Content)
        {
            text.Append(entry.Path).Append(entry.Kind == TarEntryKind.Folder ? "/\n" : "\n");
        }

        return text.ToString();
    }

    private static void Section(StringBuilder text, string name, IEnumerable<string> values)
    {
        var list = values.ToList();
        if (list.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"%{name}%\n{string.Join('\n', list)}\n\n");
        }
    }
}
