using TdxRelease.Testing;

namespace TdxRelease.Tests.Architecture;

/// <summary>A source file.</summary>
/// <param name="Path">Below the folder that was read.</param>
/// <param name="Lines">Its lines.</param>
internal sealed record SourceFile(string Path, IReadOnlyList<string> Lines)
{
    /// <summary>The project's folder.</summary>
    public string Project => Path.Split('/')[0];
}

/// <summary>What can be counted about the product's sources.</summary>
internal static class SourceFigures
{
    /// <summary>More columns than this make a line that no two panes hold side by side.</summary>
    public const int WidestLine = 140;

    /// <summary>The product's sources, without what the compiler makes.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = Read("src");

    /// <summary>The sources of the product, the build and the tests.</summary>
    public static IEnumerable<SourceFile> Everywhere => Files.Concat(Read("build")).Concat(Read("tests"));

    /// <summary>Where lines have more than <see cref="WidestLine"/> columns.</summary>
    public static IEnumerable<string> TooWide(IEnumerable<SourceFile> files) => files.SelectMany(file => file.Lines.Index()
        .Where(line => line.Item.Length > WidestLine)
        .Select(line => $"{file.Path}:{line.Index + 1}"));

    /// <summary>
    /// The bodies between braces that stand right below a line that is not a type: members, accessors' and local functions included.
    /// A member's body is closed by the first brace of the same indent, which the formatter guarantees.
    /// </summary>
    public static IEnumerable<(string Name, int Lines)> Functions(SourceFile file)
    {
        for (var at = 1; at < file.Lines.Count; at++)
        {
            var indent = file.Lines[at].IndexOf('{', StringComparison.Ordinal);
            var head = file.Lines[at - 1].Trim();
            if (indent != 4 || file.Lines[at].Trim() != "{" || IsType(file.Lines, at - 1))
            {
                continue;
            }

            var end = at;
            while (!file.Lines[end].StartsWith("    }", StringComparison.Ordinal))
            {
                end++;
            }

            yield return ($"{file.Path}:{at}: {head}", end - at - 1);
        }
    }

    private static bool IsType(IReadOnlyList<string> lines, int at)
    {
        while (at > 0 && lines[at].StartsWith("     ", StringComparison.Ordinal))
        {
            at--;
        }

        var words = lines[at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Intersect(["class", "struct", "record", "enum", "interface"]).Any() || lines[at].EndsWith('=')
            || lines[at].Contains(" = new", StringComparison.Ordinal);
    }

    private static List<SourceFile> Read(string folder)
    {
        var root = System.IO.Path.Combine(TestData.Checkout, folder);
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(root, path))
            .Where(path => !path.Split('/').Intersect(["bin", "obj"]).Any())
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, File.ReadAllLines(System.IO.Path.Combine(root, path))))];
    }
}
