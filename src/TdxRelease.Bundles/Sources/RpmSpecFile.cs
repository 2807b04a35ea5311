using System.Globalization;
using System.Text;
using TdxRelease.Bundles.Packages;
using TdxRelease.Bundles.Packages.Rpm;

namespace TdxRelease.Bundles.Sources;

/// <summary>Writes the spec file from which rpmbuild makes the same package.</summary>
internal static class RpmSpecFile
{
    public static string Write(SourceForm form, SourceVariant variant)
    {
        var spec = form.Spec;
        var text = new StringBuilder();
        var fetch = variant == SourceVariant.FetchAtBuild;
        Preamble(text, form, fetch);
        Section(text, "%description", [Escape(spec.Description)]);
        Section(text, "%prep", Prepare(form, fetch));
        Section(text, "%build", fetch ? form.Recipes.SelectMany(r => SourceAssembly.Commands(r, r.InstalledPath, f => SourceMacro(form, f))).Select(EscapeAllButSources) : ["# Nothing to compile: the files are installed as they are."]);
        Section(text, "%install", ["mkdir -p %{buildroot}", $"cp -a {string.Join(' ', TopFolders(spec))} %{{buildroot}}/"]);
        Section(text, "%check", ["cd %{buildroot}", "sha256sum -c --strict --quiet - <<'END'", .. SourceAssembly.InstalledSums(form, p => p), "END"]);
        foreach (var script in RpmScript.Of(spec.Scripts))
        {
            Section(text, script.Section, [Escape(script.Text.TrimEnd('\n'))]);
        }

        Section(text, "%files", RpmFileTable.Binary(spec).Entries.Select(Listed));
        Section(text, "%changelog", spec.Changelog.Select(c => Entry(spec, c)));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Preamble(StringBuilder text, SourceForm form, bool fetch)
    {
        var spec = form.Spec;
        List<string> lines =
        [
            "# Firmware is binary data for the processor, whatever the build host is, and must reach it unchanged.",
            "%global _binaries_in_noarch_packages_terminate_build 0",
            "%global __os_install_post %{nil}",
            "%global debug_package %{nil}",
            "",
            $"Name:           {spec.Name}",
            $"Version:        {spec.Version}",
            $"Release:        {spec.Revision}",
            $"Summary:        {Escape(spec.Summary)}",
            $"Group:          {RpmIdentity.Group}",
            $"License:        {Escape(spec.License)}",
            $"URL:            {Escape(spec.Homepage)}",
            $"Source0:        {spec.Name}-{spec.Version}.tar.gz",
        ];
        if (fetch)
        {
            foreach (var (file, number) in form.UpstreamFiles.Select((f, i) => (f, (i + 1).ToString(CultureInfo.InvariantCulture))))
            {
                lines.Add($"{$"Source{number}:",-15} {form.RawUrl}{file.Path}#/{SourceForm.FlatName(file)}");
                lines.Add($"{"NoSource:",-15} {number}");
            }
        }

        lines.AddRange(["BuildArch:      noarch", "AutoReqProv:    no"]);
        lines.AddRange(Relations(spec.Relations));
        text.AppendJoin('\n', lines).Append('\n');
    }

    private static IEnumerable<string> Relations(PackageRelations relations) =>
        new[]
        {
            ("Requires", relations.Depends), ("Recommends", relations.Recommends), ("Suggests", relations.Suggests),
            ("Conflicts", relations.Conflicts), ("Provides", relations.Provides), ("Obsoletes", relations.Replaces),
        }.SelectMany(r => r.Item2.Select(n => $"{r.Item1 + ":",-15} {Escape(n)}"));

    private static IEnumerable<string> Prepare(SourceForm form, bool fetch)
    {
        yield return "%setup -q";
        if (!fetch)
        {
            yield break;
        }

        yield return $"# Upstream at commit {form.Commit}. The licence text is among the files: when it changes, the build stops here.";
        yield return "sha256sum -c --strict --quiet - <<'END'";
        foreach (var line in SourceAssembly.FetchedSums(form, f => SourceMacro(form, f)))
        {
            yield return line;
        }

        yield return "END";
    }

    private static IEnumerable<string> TopFolders(PackageSpec spec) =>
        PackageTree.AtLicenseFolder(spec).Select(f => f.Path.Split('/')[0]).Distinct().Order(StringComparer.Ordinal);

    private static string SourceMacro(SourceForm form, UpstreamFile file) => $"%{{SOURCE{form.UpstreamFiles.IndexOf(file) + 1}}}";

    private static string EscapeAllButSources(string command) => Escape(command).Replace("%%{SOURCE", "%{SOURCE", StringComparison.Ordinal);

    private static string Listed(RpmEntry entry)
    {
        var path = $"/{Escape(entry.Path)}";
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
        return string.Join('\n', [$"* {day} {Escape(spec.Maintainer)} - {entry.Version}", .. entry.Lines.Select(l => $"- {Escape(l)}"), ""]);
    }

    private static void Section(StringBuilder text, string name, IEnumerable<string> lines) => text.Append(CultureInfo.InvariantCulture, $"\n{name}\n").AppendJoin('\n', lines).Append('\n');

    private static string Escape(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
