using System.Globalization;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages.Deb;

/// <summary>The texts of a Debian package: control, changelog, copyright.</summary>
internal static class DebianText
{
    /// <summary>The architecture as dpkg calls it.</summary>
    public static string Architecture(PackageSpec spec) => spec.Architecture switch
    {
        PackageArchitecture.X64 => "amd64",
        PackageArchitecture.Arm64 => "arm64",
        _ => "all",
    };

    /// <summary>The control file.</summary>
    /// <param name="spec">The package.</param>
    /// <param name="installed">All that it installs.</param>
    /// <param name="others">The maintainer scripts and the list of configuration files.</param>
    public static string Control(PackageSpec spec, IReadOnlyList<PackageFile> installed,
        IEnumerable<TarEntry> others)
    {
        var text = new StringBuilder();
        Field(text, "Package", spec.Name);
        Field(text, "Version", DebianVersion.Of(spec));
        Field(text, "Architecture", Architecture(spec));
        Field(text, "Maintainer", spec.Maintainer);
        Field(text, "Installed-Size", InstalledSize(installed, others).ToString(CultureInfo.InvariantCulture));
        Relations(text, spec.Relations);
        Field(text, "Section", spec.Section);
        Field(text, "Priority", "optional");
        Field(text, "Homepage", spec.Homepage);
        Description(text, spec);
        return text.ToString();
    }

    /// <summary>The relation fields in dpkg's order; shared with debian/control.</summary>
    public static void Relations(StringBuilder text, PackageRelations relations)
    {
        Field(text, "Depends", string.Join(", ", relations.Depends));
        Field(text, "Recommends", string.Join(", ", relations.Recommends));
        Field(text, "Suggests", string.Join(", ", relations.Suggests));
        Field(text, "Conflicts", string.Join(", ", relations.Conflicts));
        Field(text, "Replaces", string.Join(", ", relations.Replaces));
        Field(text, "Provides", string.Join(", ", relations.Provides));
    }

    /// <summary>The synopsis and the long text: a blank before each line, a dot for an empty one (Policy 5.6.13).</summary>
    public static void Description(StringBuilder text, PackageSpec spec)
    {
        Field(text, "Description", spec.Summary);
        foreach (var line in spec.Description.Trim().Split('\n'))
        {
            var content = line.TrimEnd();
            text.Append(' ').Append(content.Length == 0 ? "." : content).Append('\n');
        }
    }

    /// <summary>debian/changelog (Policy 4.4); the dates are UTC.</summary>
    public static string Changelog(PackageSpec spec)
    {
        var text = new StringBuilder();
        foreach (var entry in spec.Changelog)
        {
            var version = entry.Version.Contains('-', StringComparison.Ordinal) ? entry.Version : $"{entry.Version}-{spec.Revision}";
            text.Append(CultureInfo.InvariantCulture, $"{spec.Name} ({version}) {spec.Distribution}; urgency=medium\n\n");
            foreach (var line in entry.Lines)
            {
                Item(text, line);
            }

            text.Append(CultureInfo.InvariantCulture, $"\n -- {spec.Maintainer}  {Rfc2822(entry.Time)}\n");
            text.Append(ReferenceEquals(entry, spec.Changelog[^1]) ? "" : "\n");
        }

        return text.ToString();
    }

    /// <summary>The changelog as it is installed.</summary>
    public static byte[] PackedChangelog(PackageSpec spec) =>
        Compressor.Compress(Encoding.UTF8.GetBytes(Changelog(spec)), Compression.Gzip);

    /// <summary>A maintainer script; in a source package a token of debhelper stands on its third line.</summary>
    public static string Script(string body, string token = "") => $"#!/bin/sh\nset -e\n{token}\n{body.Trim()}\n";

    /// <summary>RFC 2822 as Debian and apt write it.</summary>
    public static string Rfc2822(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    public static void Field(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        }
    }

    // As dpkg-gencontrol counts: each file rounded up to KiB, one KiB for each folder or link; what lies in DEBIAN by then counts too.
    private static long InstalledSize(IReadOnlyList<PackageFile> installed, IEnumerable<TarEntry> control)
    {
        var files = installed.Sum(f => f.IsRegular ? KiB(f.Content) : 1) + control.Sum(f => KiB(f.Content));
        var folders = installed.SelectMany(f => Parents(f.Path)).Distinct(StringComparer.Ordinal).Count();
        return files + folders + 2;
    }

    private static long KiB(ReadOnlyMemory<byte> content) => (content.Length + 1023L) / 1024;

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }

    /// <summary>A line of a changelog below its first level; words stay whole.</summary>
    /// <param name="text">Gets it.</param>
    /// <param name="line">One sentence.</param>
    /// <param name="width">Columns of the longest line.</param>
    public static void Item(StringBuilder text, string line, int width = 78)
    {
        var column = 0;
        foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length <= width)
            {
                text.Append(' ').Append(word);
                column += 1 + word.Length;
                continue;
            }

            var first = column == 0;
            text.Append(first ? "  * " : "\n    ").Append(word);
            column = 4 + word.Length;
        }

        text.Append('\n');
    }
}
