using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Pipeline;

/// <summary>The outcome of validation.</summary>
/// <param name="Subject">What was validated, as the user named it.</param>
/// <param name="Mapping">The mapping file; null if it could not be read.</param>
/// <param name="Findings">In file order.</param>
public sealed record Validation(string Subject, MappingFile? Mapping, IReadOnlyList<Finding> Findings)
{
    /// <summary>No finding fails.</summary>
    public bool Valid => Mapping is not null && !Findings.Any(f => f.Fails);
}

/// <summary>
/// Validates metadata: the mapping file and the file layout of a snapshot. Looks at no signature.
/// </summary>
public static class ValidateStage
{
    /// <summary>Validates a whole snapshot.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3 or 6: the mapping file is missing or unreadable.</exception>
    public static Validation Run(Snapshot snapshot, Strictness strictness)
    {
        var mapping = Run(snapshot.Read(UpstreamLayout.Mapping), UpstreamLayout.Mapping, strictness) with { Subject = snapshot.Folder };
        return mapping.Mapping is null
            ? mapping
            : mapping with
            {
                Findings = [.. mapping.Findings,
                .. SnapshotChecks.Check(snapshot.Files.Select(f => f.Path), mapping.Mapping, UpstreamLayout.Mapping)]
            };
    }

    /// <summary>Validates a mapping file by itself.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="file">Its name in findings.</param>
    /// <param name="strictness">What unknown keys weigh.</param>
    public static Validation Run(byte[] utf8, string file, Strictness strictness)
    {
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(utf8, file, strictness, findings);
        return new Validation(file, mapping, findings);
    }
}
