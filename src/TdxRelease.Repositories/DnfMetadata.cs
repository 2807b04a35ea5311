using System.Globalization;
using TdxRelease.Packages.Rpm;

namespace TdxRelease.Repositories;

/// <summary>A package with what the metadata tells about it.</summary>
/// <param name="File">Name and bytes.</param>
/// <param name="Rpm">Parsed.</param>
/// <param name="Sha256">Digest of the whole package, its id in the metadata.</param>
internal sealed record DnfIndexed(DnfPackage File, RpmPackage Rpm, string Sha256)
{
    public string Name => Rpm.Header.Text(RpmTag.Name);

    public string Arch => Rpm.Header.Text(RpmTag.Arch);

    public string Version => Rpm.Header.Text(RpmTag.Version);

    public string Release => Rpm.Header.Text(RpmTag.Release);
}

/// <summary>Writes primary, filelists and other as createrepo_c does, from the packages' own headers.</summary>
internal static class DnfMetadata
{
    public static byte[] Primary(IReadOnlyList<DnfIndexed> packages)
    {
        using var xml = new DnfXml("metadata", DnfXml.Common, packages.Count);
        foreach (var package in packages)
        {
            var header = package.Rpm.Header;
            xml.Open("package", ("type", "rpm"));
            xml.Text("name", package.Name);
            xml.Text("arch", package.Arch);
            Version(xml, package);
            xml.Text("checksum", package.Sha256, ("type", "sha256"), ("pkgid", "YES"));
            xml.Text("summary", header.Text(RpmTag.Summary));
            xml.Text("description", header.Text(RpmTag.Description));
            xml.Text("packager", header.TextOrNull(RpmTag.Packager) ?? "");
            xml.Text("url", header.TextOrNull(RpmTag.Url) ?? "");

            // createrepo_c writes the file's mtime here, which no two builds share: the build time stands for both.
            var built = Number(header.Number(RpmTag.BuildTime));
            xml.Empty("time", ("file", built), ("build", built));
            xml.Empty("size", ("package", Number(package.File.Content.Length)), ("installed", Number(header.Number(RpmTag.Size))),
                ("archive", Number(package.Rpm.SignatureHeader.Number(RpmSignatureTag.PayloadSize))));
            xml.Empty("location", ("href", $"{DnfLayout.Packages}/{package.File.FileName}"));
            Format(xml, package);
            xml.Close();
        }

        return xml.ToArray();
    }

    public static byte[] FileLists(IReadOnlyList<DnfIndexed> packages)
    {
        using var xml = new DnfXml("filelists", DnfXml.FileLists, packages.Count);
        foreach (var package in packages)
        {
            Open(xml, package);
            foreach (var file in package.Rpm.Files)
            {
                WriteFile(xml, file);
            }

            xml.Close();
        }

        return xml.ToArray();
    }

    public static byte[] Other(IReadOnlyList<DnfIndexed> packages)
    {
        using var xml = new DnfXml("otherdata", DnfXml.Other, packages.Count);
        foreach (var package in packages)
        {
            Open(xml, package);
            var header = package.Rpm.Header;
            var times = header.Numbers(RpmTag.ChangelogTime);
            var names = times.Count == 0 ? [] : header.Texts(RpmTag.ChangelogName);
            var texts = times.Count == 0 ? [] : header.Texts(RpmTag.ChangelogText);
            if (names.Count != times.Count || texts.Count != times.Count)
            {
                throw package.Rpm.Bad($"changelog: {times.Count} times, {names.Count} names, {texts.Count} texts");
            }

            // The header holds the newest first, the metadata the oldest first.
            for (var i = times.Count - 1; i >= 0; i--)
            {
                xml.Text("changelog", texts[i], ("author", names[i]), ("date", Number(times[i])));
            }

            xml.Close();
        }

        return xml.ToArray();
    }

    private static void Format(DnfXml xml, DnfIndexed package)
    {
        var header = package.Rpm.Header;
        xml.Open("format");
        xml.Text("rpm:license", header.Text(RpmTag.License));
        xml.Text("rpm:vendor", "");
        xml.Text("rpm:group", header.TextOrNull(RpmTag.Group) ?? "");
        xml.Text("rpm:buildhost", header.TextOrNull(RpmTag.BuildHost) ?? "");
        xml.Text("rpm:sourcerpm", header.TextOrNull(RpmTag.SourceRpm) ?? "");
        xml.Empty("rpm:header-range", ("start", Number(package.Rpm.HeaderStart)),
            ("end", Number(package.Rpm.HeaderStart + package.Rpm.Header.Raw.Length)));
        Entries(xml, "rpm:provides", package.Rpm.Dependencies(RpmDependencyTags.Provides));
        Entries(xml, "rpm:requires",
            [.. package.Rpm.Dependencies(RpmDependencyTags.Requires).Where(d => !d.Flags.HasFlag(RpmSense.RpmLib))]);
        Entries(xml, "rpm:conflicts", package.Rpm.Dependencies(RpmDependencyTags.Conflicts));
        Entries(xml, "rpm:obsoletes", package.Rpm.Dependencies(RpmDependencyTags.Obsoletes));
        Entries(xml, "rpm:suggests", package.Rpm.Dependencies(RpmDependencyTags.Suggests));
        Entries(xml, "rpm:recommends", package.Rpm.Dependencies(RpmDependencyTags.Recommends));
        foreach (var file in package.Rpm.Files.Where(f => IsPrimary(f.Path)))
        {
            WriteFile(xml, file);
        }

        xml.Close();
    }

    private static void Entries(DnfXml xml, string list, List<RpmDependency> dependencies)
    {
        if (dependencies.Count == 0)
        {
            return;
        }

        xml.Open(list);
        foreach (var group in dependencies.GroupBy(d =>
            (d.Name, Comparison: Comparison(d.Flags), d.Version, Before: list == "rpm:requires" && d.Flags.HasFlag(RpmSense.ScriptPostIn))))
        {
            var attributes = new List<(string, string)> { ("name", group.Key.Name) };
            if (group.Key.Comparison is { } comparison && group.Key.Version.Length > 0)
            {
                var (epoch, version, release) = Split(group.Key.Version);
                attributes.AddRange([("flags", comparison), ("epoch", epoch), ("ver", version)]);
                if (release.Length > 0)
                {
                    attributes.Add(("rel", release));
                }
            }

            // Needed before the transaction ends, by the script that follows the installation.
            if (group.Key.Before)
            {
                attributes.Add(("pre", "1"));
            }

            xml.Empty("rpm:entry", [.. attributes]);
        }

        xml.Close();
    }

    private static (string Epoch, string Version, string Release) Split(string evr)
    {
        var colon = evr.IndexOf(':', StringComparison.Ordinal);
        var epoch = colon > 0 ? evr[..colon] : "0";
        var rest = evr[(colon + 1)..];
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (epoch, rest, "") : (epoch, rest[..dash], rest[(dash + 1)..]);
    }

    private static string? Comparison(RpmSense flags) => (flags & (RpmSense.Less | RpmSense.Greater | RpmSense.Equal)) switch
    {
        RpmSense.Equal => "EQ",
        RpmSense.Less => "LT",
        RpmSense.Greater => "GT",
        RpmSense.Less | RpmSense.Equal => "LE",
        RpmSense.Greater | RpmSense.Equal => "GE",
        _ => null,
    };

    /// <summary>The files that dnf may need for dependencies and that primary therefore repeats (createrepo_c's rule).</summary>
    private static bool IsPrimary(string path) =>
        path.StartsWith("etc/", StringComparison.Ordinal) || path == "usr/lib/sendmail"
        || $"/{path}".Contains("bin/", StringComparison.Ordinal);

    private static void Open(DnfXml xml, DnfIndexed package)
    {
        xml.Open("package", ("pkgid", package.Sha256), ("name", package.Name), ("arch", package.Arch));
        Version(xml, package);
    }

    private static void Version(DnfXml xml, DnfIndexed package) =>
        xml.Empty("version", ("epoch", "0"), ("ver", package.Version), ("rel", package.Release));

    private static void WriteFile(DnfXml xml, RpmListedFile file)
    {
        if (file.IsFolder)
        {
            xml.Text("file", $"/{file.Path}", ("type", "dir"));
        }
        else
        {
            xml.Text("file", $"/{file.Path}");
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
