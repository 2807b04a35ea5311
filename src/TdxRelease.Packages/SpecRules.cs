using System.Text.RegularExpressions;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages;

/// <summary>What every format demands of a spec, so that nothing in it can break out of its line.</summary>
internal static partial class SpecRules
{
    public static void Require(PackageSpec spec)
    {
        Match(NamePattern(), "name", spec.Name, "lower-case letters, digits, \"+\", \"-\" and \".\", at least two");
        Match(MaintainerPattern(), "maintainer", spec.Maintainer, "\"Name <mail@host>\"");
        OneLine("summary", spec.Summary);
        OneLine("homepage", spec.Homepage);
        OneLine("license", spec.License);
        OneLine("section", spec.Section);
        if (spec.Summary.EndsWith('.') || spec.Summary.Length > 80)
        {
            throw Bad("summary", spec.Summary, "at most 80 characters without a full stop at the end");
        }

        if (spec.Changelog.Count == 0)
        {
            throw new TdxException(ExitCode.BadInput, $"package \"{spec.Name}\": the changelog is empty");
        }

        foreach (var relation in Relations(spec.Relations))
        {
            OneLine("relation", relation);
        }

        foreach (var file in spec.Files)
        {
            RequireFile(file);
        }
    }

    public static void Match(Regex pattern, string field, string value, string want)
    {
        if (!pattern.IsMatch(value))
        {
            throw Bad(field, value, want);
        }
    }

    public static TdxException Bad(string field, string value, string want) =>
        new(ExitCode.BadInput, $"{field} \"{SafePath.Printable(value)}\": want {want}");

    /// <summary>The licence texts, first the one that the spec names first.</summary>
    public static IEnumerable<PackageFile> Licenses(PackageSpec spec) => spec.Files.Where(f => f.Role == FileRole.License);

    /// <summary>Everything but the licence texts, whose place each format chooses.</summary>
    public static IEnumerable<PackageFile> Others(PackageSpec spec) => spec.Files.Where(f => f.Role != FileRole.License);

    private static IEnumerable<string> Relations(PackageRelations r) =>
        [.. r.Depends, .. r.Recommends, .. r.Suggests, .. r.Conflicts, .. r.Provides, .. r.Replaces];

    private static void OneLine(string field, string value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Any(char.IsControl) || value.Trim() != value)
        {
            throw Bad(field, value, "one line of text");
        }
    }

    private static void RequireFile(PackageFile file)
    {
        SafePath.Require(file.Path);
        if (file.LinkTarget is null && file.Mode is not 0x1A4 and not 0x1ED)
        {
            throw Bad($"\"{file.Path}\": mode", Convert.ToString(file.Mode, 8), "644 or 755");
        }

        if (file.IsFolder && (file.LinkTarget is not null || !file.Content.IsEmpty || file.Role != FileRole.Plain))
        {
            throw new TdxException(ExitCode.BadInput, $"\"{file.Path}\": a directory has no content, link target or role");
        }

        if (file.LinkTarget is { } target && (target.Length == 0 || target.Any(char.IsControl)))
        {
            throw Bad($"\"{file.Path}\": link target", target, "a path");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]+\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[^<>\s,][^<>\x00-\x1f,]* <[^<>@\s]+@[^<>@\s]+>\z")]
    private static partial Regex MaintainerPattern();
}
