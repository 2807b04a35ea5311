using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>A name that a package provides or requires.</summary>
/// <param name="Name">The name.</param>
/// <param name="Flags">Comparison and origin.</param>
/// <param name="Version">Version, or empty.</param>
public readonly record struct RpmDependency(string Name, RpmSense Flags, string Version)
{
    internal static readonly RpmDependency CompressedFileNames = Feature("CompressedFileNames", "3.0.4-1");
    internal static readonly RpmDependency FileDigests = Feature("FileDigests", "4.6.0-1");
    internal static readonly RpmDependency PayloadFilesHavePrefix = Feature("PayloadFilesHavePrefix", "4.0-1");

    /// <summary>A feature that rpm must have, since the version given.</summary>
    internal static RpmDependency Feature(string name, string since) =>
        new($"rpmlib({name})", RpmSense.RpmLib | RpmSense.Less | RpmSense.Equal, since);

    /// <summary>Parses <c>name</c> or <c>name OPERATOR version</c>, as spec files write it.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    internal static RpmDependency Parse(string relation)
    {
        var parts = relation.Split(' ');
        RpmSense? sense = parts.Length switch
        {
            1 => RpmSense.Any,
            3 => parts[1] switch
            {
                "=" => RpmSense.Equal,
                "<" => RpmSense.Less,
                "<=" => RpmSense.Less | RpmSense.Equal,
                ">" => RpmSense.Greater,
                ">=" => RpmSense.Greater | RpmSense.Equal,
                _ => null,
            },
            _ => null,
        };
        return sense is { } flags && parts[0].Length > 0 && !parts[0].StartsWith('(')
            ? new RpmDependency(parts[0], flags, parts.Length == 3 ? parts[2] : "")
            : throw new TdxException(ExitCode.BadInput,
                $"rpm relation \"{TdxRelease.Core.Files.SafePath.Printable(relation)}\": want \"name\" or \"name >= version\"");
    }

    /// <summary>Writes one kind of dependency, sorted; nothing where there is none.</summary>
    internal static void Write(RpmHeaderBuilder header, RpmDependencyTags tags, IEnumerable<RpmDependency> dependencies)
    {
        var sorted = Sorted(dependencies);
        header.Texts(tags.Names, [.. sorted.Select(d => d.Name)]);
        header.Int32s(tags.Flags, [.. sorted.Select(d => (long)d.Flags)]);
        header.Texts(tags.Versions, [.. sorted.Select(d => d.Version)]);
    }

    private static List<RpmDependency> Sorted(IEnumerable<RpmDependency> dependencies) =>
        [.. dependencies.OrderBy(d => d.Name, StringComparer.Ordinal).ThenBy(d => d.Version, StringComparer.Ordinal).ThenBy(d => d.Flags)];
}

/// <summary>The three tags of one kind of dependency.</summary>
internal readonly record struct RpmDependencyTags(RpmTag Names, RpmTag Flags, RpmTag Versions)
{
    public static readonly RpmDependencyTags Provides = new(RpmTag.ProvideName, RpmTag.ProvideFlags, RpmTag.ProvideVersion);
    public static readonly RpmDependencyTags Requires = new(RpmTag.RequireName, RpmTag.RequireFlags, RpmTag.RequireVersion);
    public static readonly RpmDependencyTags Conflicts = new(RpmTag.ConflictName, RpmTag.ConflictFlags, RpmTag.ConflictVersion);
    public static readonly RpmDependencyTags Obsoletes = new(RpmTag.ObsoleteName, RpmTag.ObsoleteFlags, RpmTag.ObsoleteVersion);
    public static readonly RpmDependencyTags Recommends = new(RpmTag.RecommendName, RpmTag.RecommendFlags, RpmTag.RecommendVersion);
    public static readonly RpmDependencyTags Suggests = new(RpmTag.SuggestName, RpmTag.SuggestFlags, RpmTag.SuggestVersion);
}
