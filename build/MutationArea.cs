using System.Text.Json.Nodes;

namespace TdxRelease.Build;

/// <summary>A part of the product that is measured by itself: tests/mutation/areas/NAME.json, Stryker's own settings.</summary>
/// <param name="Name">Name of the settings, without <c>.json</c>.</param>
/// <param name="Settings">Their path.</param>
/// <param name="Project">The project's folder, relative to the checkout.</param>
/// <param name="Files">The sources it changes, relative to the checkout, sorted.</param>
internal sealed record MutationArea(string Name, string Settings, string Project, IReadOnlyList<string> Files)
{
    /// <summary>All areas, sorted by name.</summary>
    /// <param name="folder">tests/mutation/areas.</param>
    /// <param name="checkout">What paths are relative to.</param>
    public static IReadOnlyList<MutationArea> Read(string folder, string checkout) =>
    [
        .. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(path =>
        {
            var settings = JsonNode.Parse(File.ReadAllText(path))!["stryker-config"]!;
            var project = Path.Combine("src", Path.GetFileNameWithoutExtension((string)settings["project"]!));
            var patterns = settings["mutate"]!.AsArray().Select(each => (string)each!).ToLookup(each => each[0] == '!');
            IEnumerable<string> Files(bool excluded) => patterns[excluded]
                .SelectMany(each => Matches(Path.Combine(checkout, project), each.TrimStart('!')));
            return new MutationArea(Path.GetFileNameWithoutExtension(path), path, project,
                [.. Files(excluded: false).Except(Files(excluded: true)).Select(file => Path.GetRelativePath(checkout, file))
                    .Order(StringComparer.Ordinal)]);
        }),
    ];

    // Of Stryker's patterns those that the areas use: FOLDER/NAME*.cs, **/ for any depth, and ! for what is not changed.
    private static IEnumerable<string> Matches(string project, string pattern)
    {
        var deep = pattern.StartsWith("**/", StringComparison.Ordinal);
        var relative = deep ? pattern[3..] : pattern;
        return Directory.GetFiles(Path.Combine(project, Path.GetDirectoryName(relative)!), Path.GetFileName(relative),
                deep ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
            .Where(file => Path.GetRelativePath(project, file).Split('/')[0] is not ("bin" or "obj"));
    }
}
