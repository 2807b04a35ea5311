using System.Globalization;
using System.Text;

namespace TdxRelease.Packages.Deb;

/// <summary>
/// <c>/usr/share/doc/NAME/copyright</c>: machine-readable (copyright-format 1.0) where the spec tells which file is under which licence,
/// else the licence texts.
/// </summary>
internal static class DebianCopyright
{
    private const string Notice = "Copyright (c) ";

    /// <summary>The file, UTF-8; empty for a package without licence texts.</summary>
    public static byte[] Of(PackageSpec spec)
    {
        var licenses = SpecRules.Licenses(spec).ToDictionary(f => Path.GetFileName(f.Path), StringComparer.Ordinal);
        var known = spec.Licensing.Where(l => licenses.ContainsKey(l.Text) || l.Text.Contains(' ', StringComparison.Ordinal)).ToList();
        return known.Count == 0 ? Verbatim([.. licenses.Values]) : Encoding.UTF8.GetBytes(MachineReadable(spec, known, licenses));
    }

    private static string MachineReadable(PackageSpec spec, IReadOnlyList<LicensedFiles> known, Dictionary<string, PackageFile> licenses)
    {
        var text = new StringBuilder();
        DebianText.Field(text, "Format", "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/");
        DebianText.Field(text, "Source", spec.Homepage);
        foreach (var part in known)
        {
            var license = licenses.TryGetValue(part.Text, out var file) ? Encoding.UTF8.GetString(file.Content.Span) : part.Text;
            var lines = license.Trim('\n').Split('\n').Select(l => l.TrimEnd()).ToList();
            text.Append(CultureInfo.InvariantCulture, $"\nFiles: {part.Files}\nCopyright: {Holder(lines) ?? part.Holder}\n");
            text.Append(CultureInfo.InvariantCulture, $"License: {part.License}\n");
            lines.ForEach(line => text.Append(line.Length == 0 ? " ." : $" {line}").Append('\n'));
        }

        return text.ToString();
    }

    private static string? Holder(IReadOnlyList<string> lines) =>
        lines.FirstOrDefault(l => l.StartsWith(Notice, StringComparison.OrdinalIgnoreCase))?[Notice.Length..];

    // Each text under its file name where there are several.
    private static byte[] Verbatim(IReadOnlyList<PackageFile> licenses)
    {
        using var text = new MemoryStream();
        foreach (var license in licenses)
        {
            if (licenses.Count > 1)
            {
                var title = $"{(text.Length > 0 ? "\n" : "")}{Path.GetFileName(license.Path)}";
                text.Write(Encoding.UTF8.GetBytes($"{title}\n{new string('=', title.Trim().Length)}\n\n"));
            }

            text.Write(license.Content.Span);
        }

        return text.ToArray();
    }
}
