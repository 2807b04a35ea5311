using System.Globalization;
using System.Text;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;

namespace TdxRelease.SourcePackages;

/// <summary>
/// The files of a package in the Open Build Service: spec file, source tarball, <c>NAME.changes</c>, from which the service writes the
/// changelog, and, where the build has files to fetch, <c>_service</c>.
/// </summary>
public static class ObsSource
{
    /// <summary>openSUSE's rule for .changes: separators, and lines no longer than they are.</summary>
    private const int Width = 67;

    private const string Changelog = "\n%changelog\n";

    // The spec file has the URLs already. obs_scm would take the whole repository and make another archive of it.
    private const string Service = """
        <services>
          <!-- "osc service manualrun" downloads what Source1 and the following name; the build checks each file's SHA-256. -->
          <service name="download_files" mode="manual"/>
        </services>

        """;

    /// <summary>The files by name.</summary>
    /// <param name="source">What to build from.</param>
    /// <param name="archive">The source tarball.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: a field that rpm or a recipe cannot hold.</exception>
    public static IReadOnlyDictionary<string, byte[]> Build(SourceSpec source, SourceArchive archive)
    {
        var spec = source.Installed;
        _ = RpmIdentity.Nevr(spec);
        SourceTarball.Require(source);
        var recipe = RpmSpecFile.Write(source, archive);
        var end = recipe.LastIndexOf(Changelog, StringComparison.Ordinal) + Changelog.Length;
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [archive.FileName] = archive.Content,
            [$"{spec.Name}.spec"] = Encoding.UTF8.GetBytes(recipe[..end]),
            [$"{spec.Name}.changes"] = Encoding.UTF8.GetBytes(Changes(spec)),
        };
        if (source.Fetched.Count > 0)
        {
            files["_service"] = Encoding.UTF8.GetBytes(Service);
        }

        return files;
    }

    private static string Changes(PackageSpec spec)
    {
        var text = new StringBuilder();
        foreach (var entry in spec.Changelog)
        {
            var time = entry.Time.ToUniversalTime();
            text.Append('-', Width).Append('\n')
                .Append(CultureInfo.InvariantCulture, $"{time:ddd MMM} {time.Day,2} {time:HH:mm:ss} UTC {time:yyyy}")
                .Append(CultureInfo.InvariantCulture, $" - {spec.Maintainer}\n\n")
                .Append(CultureInfo.InvariantCulture, $"- Version {entry.Version}\n");
            foreach (var line in entry.Lines)
            {
                DebianText.Item(text, line, Width);
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
