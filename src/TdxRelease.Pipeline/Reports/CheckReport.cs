using TdxRelease.Core.Findings;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Pipeline.Reports;

/// <summary>The outcome for one module, as reports show it.</summary>
/// <param name="Version">As spelled upstream.</param>
/// <param name="Verified">No finding on it fails, cross-checks included.</param>
/// <param name="Facts">What its sigstruct says; null where it could not be read.</param>
public sealed record ModuleResult(string Version, bool Verified, ModuleFacts? Facts);

/// <summary>What was checked against what, and what was found: the one model behind every report format.</summary>
public sealed record CheckReport
{
    /// <summary>Version of tdxrel.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>What was checked: a folder, a file, a commit.</summary>
    public required string Subject { get; init => field = UntrustedText.Visible(value); }

    /// <summary><c>strict</c> or <c>lenient</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Name of the trust policy.</summary>
    public required string PolicyName { get; init => field = UntrustedText.Visible(value); }

    /// <summary>SHA-256 of the trust policy.</summary>
    public required string PolicySha256 { get; init; }

    /// <summary>Source and date of the published list, or null where none was used.</summary>
    public string? Published { get; init => field = UntrustedText.Visible(value); }

    /// <summary>The modules, by version; empty where only a mapping file was checked.</summary>
    public required IReadOnlyList<ModuleResult> Modules { get; init; }

    /// <summary>Every finding, in the order that all formats keep.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The rules that were applied.</summary>
    public required IReadOnlyList<Rule> Rules { get; init; }

    /// <summary>The reference time of the run, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>No finding fails.</summary>
    public bool Passed => !Findings.Any(f => f.Fails);

    /// <summary>Number of findings of that severity.</summary>
    public int Count(Severity severity) => Findings.Count(f => f.Severity == severity);

    /// <summary><c>note</c>, <c>warning</c>, <c>error</c> or <c>critical</c>.</summary>
    internal static string Word(Severity severity) => severity.ToString().ToLowerInvariant();

    /// <summary><c>2 errors, 1 warning</c>, heaviest first; <c>no findings</c> where there are none.</summary>
    internal string Summary()
    {
        var parts = Enum.GetValues<Severity>().Reverse().Select(s => (Word: Word(s), Count: Count(s))).Where(p => p.Count > 0)
            .Select(p => p.Word == "critical" ? $"{p.Count} critical" : $"{p.Count} {p.Word}{(p.Count == 1 ? "" : "s")}").ToList();
        return parts.Count == 0 ? "no findings" : string.Join(", ", parts);
    }
}
