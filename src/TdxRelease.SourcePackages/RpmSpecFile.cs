using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Packages;
using TdxRelease.Packages.Rpm;

namespace TdxRelease.SourcePackages;

/// <summary>Writes the spec file from which rpmbuild makes the same package.</summary>
internal static class RpmSpecFile
{
    private const string UnitFolder = "usr/lib/systemd/system/";

    // The first that fits counts. Fedora 42 and later have _sbindir in bin.
    private static readonly (string Folder, string Macro)[] Folders =
    [
        (UnitFolder, "%{_unitdir}/"), ("usr/sbin/", "%{_sbindir}/"), ("usr/bin/", "%{_bindir}/"), ("usr/share/man/", "%{_mandir}/"),
        ("usr/share/", "%{_datadir}/"), ("usr/", "%{_prefix}/"), ("etc/", "%{_sysconfdir}/"), ("", "/"),
    ];

    /// <summary>Packages that a build needs beside those that every build root has.</summary>
    public static IReadOnlyList<string> BuildRequires(PackageSpec spec) => Units(spec).Length > 0 ? ["systemd-rpm-macros"] : [];

    public static string Write(SourceSpec source, SourceArchive archive)
    {
        var spec = source.Installed;
        var text = new StringBuilder();
        Preamble(text, source, archive);
        Section(text, "%description", [Escape(spec.Description)]);
        Section(text, "%prep", Prepare(source, archive));
        Section(text, "%build", Build(source));
        Section(text, "%install", Install(spec));
        Section(text, "%check", ["cd %{buildroot}", "sha256sum -c --strict --quiet - <<'END'", .. Sums(spec), "END"]);
        Scripts(text, spec);
        Section(text, "%files", RpmFileTable.Binary(spec).Entries.Select(Listed));
        Section(text, "%changelog", spec.Changelog.Select(c => Entry(spec, c)));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Preamble(StringBuilder text, SourceSpec source, SourceArchive archive)
    {
        var spec = source.Installed;
        List<string> lines =
        [
            "# Firmware is binary data for the processor, whatever the build host is, and every file must stay the one that was signed.",
            "%global _binaries_in_noarch_packages_terminate_build 0",
            "%global __os_install_post %{nil}",
            "%{!?_unitdir:%global _unitdir %{_prefix}/lib/systemd/system}",
            "",
            $"Name:           {spec.Name}",
            $"Version:        {spec.Version}",
            $"Release:        {spec.Revision}%{{?dist}}",
            $"Summary:        {Escape(spec.Summary)}",
            $"License:        {Escape(spec.License)}",
            $"URL:            {Escape(spec.Homepage)}",
            $"Source0:        {Named(spec, archive.FileName)}",
        ];
        foreach (var (part, number) in source.Fetched.Select((p, i) => (p, (i + 1).ToString(CultureInfo.InvariantCulture))))
        {
            lines.Add($"{$"Source{number}:",-15} {Escape(source.BaseUrl)}/{part.Path}#/{SourceTarball.Flat(part)}");
            lines.Add($"{"NoSource:",-15} {number}");
        }

        lines.Add("BuildArch:      noarch");
        if (BuildRequires(spec) is [_, ..] required)
        {
            // Debian's rpm has a database without packages, in which nothing is ever found.
            lines.AddRange(["%if \"%{_vendor}\" != \"debian\"", .. required.Select(r => $"BuildRequires:  {r}"), "%endif"]);
        }

        lines.AddRange(Relations(spec.Relations));
        text.AppendJoin('\n', lines).Append('\n');
    }

    private static IEnumerable<string> Relations(PackageRelations relations) =>
        new[]
        {
            ("Requires", relations.Depends), ("Recommends", relations.Recommends), ("Suggests", relations.Suggests),
            ("Conflicts", relations.Conflicts), ("Provides", relations.Provides), ("Obsoletes", relations.Replaces),
        }.SelectMany(r => r.Item2.Select(n => $"{r.Item1 + ":",-15} {Escape(n)}"));

    private static IEnumerable<string> Prepare(SourceSpec source, SourceArchive archive)
    {
        yield return $"%autosetup -n {Named(source.Package, archive.Top)}";
        if (source.Fetched.Count == 0)
        {
            yield break;
        }

        yield return $"# Upstream's files, from {Escape(source.BaseUrl)}.";
        yield return "# The licence text is among them: when it changes, the build stops here.";
        yield return "sha256sum -c --strict --quiet - <<'END'";
        foreach (var (part, macro) in Macros(source))
        {
            yield return $"{part.Sha256}  {macro}";
        }

        yield return "END";
    }

    private static IEnumerable<string> Build(SourceSpec source)
    {
        if (source.Fetched.Count > 0)
        {
            yield return "mkdir -p parts";
            foreach (var (part, macro) in Macros(source))
            {
                yield return $"cp {macro} parts/{SourceTarball.Flat(part)}";
            }
        }

        yield return "sh ./build.sh prepare";
    }

    private static IEnumerable<string> Install(PackageSpec spec)
    {
        yield return "sh ./build.sh install %{buildroot}";
        if (SpecRules.Licenses(spec).Any())
        {
            yield return "mkdir -p %{buildroot}%{_datadir}/licenses/%{name}";
            yield return "cp licenses/* %{buildroot}%{_datadir}/licenses/%{name}/";
        }

        if (spec.Files.Any(f => f.Path.StartsWith("usr/sbin/", StringComparison.Ordinal)))
        {
            yield return "%if \"%{_sbindir}\" != \"%{_prefix}/sbin\"";
            yield return "mkdir -p %{buildroot}%{_sbindir}";
            yield return "mv %{buildroot}%{_prefix}/sbin/* %{buildroot}%{_sbindir}/";
            yield return "rmdir %{buildroot}%{_prefix}/sbin";
            yield return "%endif";
        }
    }

    // Where the distribution has macros for units they decide what is enabled; elsewhere the scripts are those of the emitted package.
    private static void Scripts(StringBuilder text, PackageSpec spec)
    {
        var units = Units(spec);
        if (units.Length > 0)
        {
            text.Append("\n%if 0%{?systemd_post:1}\n");
            foreach (var phase in (string[])["post", "preun", "postun"])
            {
                Section(text, $"%{phase}", [$"%systemd_{phase} {units}"]);
            }

            text.Append("\n%else\n");
        }

        foreach (var script in RpmScript.Of(spec.Scripts))
        {
            Section(text, script.Section, [Escape(script.Text.TrimEnd('\n'))]);
        }

        text.Append(units.Length > 0 ? "\n%endif\n" : "");
    }

    /// <summary>Units that can be enabled.</summary>
    private static string Units(PackageSpec spec) => string.Join(' ', spec.Files
        .Where(f => f.Path.StartsWith(UnitFolder, StringComparison.Ordinal) && f.Content.Span.IndexOf("\n[Install]\n"u8) >= 0)
        .Select(f => f.Path[UnitFolder.Length..]).Order(StringComparer.Ordinal));

    /// <summary>A path below the root as the distribution's macros spell it.</summary>
    private static string Installed(string path)
    {
        var (folder, macro) = Folders.First(f => path.StartsWith(f.Folder, StringComparison.Ordinal));
        return macro + Escape(path[folder.Length..]);
    }

    /// <summary>A name of the archive, by the tags that it is made of.</summary>
    private static string Named(PackageSpec spec, string text) =>
        text.StartsWith($"{spec.Name}-{spec.Version}", StringComparison.Ordinal)
            ? $"%{{name}}-%{{version}}{text[(spec.Name.Length + 1 + spec.Version.Length)..]}" : text;

    private static IEnumerable<(UpstreamPart Part, string Macro)> Macros(SourceSpec source) =>
        source.Fetched.Select((p, i) => (p, $"%{{SOURCE{i + 1}}}"));

    private static IEnumerable<string> Sums(PackageSpec spec) =>
        PackageTree.AtLicenseFolder(spec).Where(f => f.IsRegular).OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => $"{Convert.ToHexStringLower(SHA256.HashData(f.Content.Span))}  .{Installed(f.Path)}");

    private static string Listed(RpmEntry entry)
    {
        var path = Installed(entry.Path);
        if (!entry.IsRegular)
        {
            return entry.LinkTarget.Length > 0 ? path : $"%dir %attr(0755,root,root) {path}";
        }

        var mark = entry.Flags switch
        {
            RpmFileFlags.License => "%license ",
            RpmFileFlags.Documentation => "%doc ",
            RpmFileFlags.None => "",
            _ => "%config(noreplace) ",
        };
        return $"{mark}%attr({Convert.ToString(entry.Mode & 0x1FF, 8).PadLeft(4, '0')},root,root) {path}";
    }

    private static string Entry(PackageSpec spec, ChangelogEntry entry)
    {
        var day = entry.Time.ToUniversalTime().ToString("ddd MMM dd yyyy", CultureInfo.InvariantCulture);
        return string.Join('\n',
            [$"* {day} {Escape(spec.Maintainer)} - {entry.Version}", .. entry.Lines.Select(l => $"- {Escape(l)}"), ""]);
    }

    private static void Section(StringBuilder text, string name, IEnumerable<string> lines) =>
        text.Append(CultureInfo.InvariantCulture, $"\n{name}\n").AppendJoin('\n', lines).Append('\n');

    private static string Escape(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
