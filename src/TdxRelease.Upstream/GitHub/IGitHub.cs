namespace TdxRelease.Upstream.GitHub;

/// <summary>What is asked of GitHub: two questions, each answerable from a recording.</summary>
public interface IGitHub
{
    /// <summary>Commit id at the tip of a branch.</summary>
    /// <param name="repository"><c>owner/name</c>.</param>
    /// <param name="branch">Branch name.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 6.</exception>
    Task<string> NewestCommitAsync(string repository, string branch, CancellationToken cancellation);

    /// <summary>The newest releases of a repository (at most 100), newest first, with what their notes say.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 6.</exception>
    Task<IReadOnlyList<ReleaseNote>> ReleasesAsync(string repository, CancellationToken cancellation);
}

/// <summary>
/// A release of Intel's module source repository: a witness of its own, never a source of bytes. What the notes do not say is null.
/// </summary>
/// <param name="Tag">Tag name, e.g. <c>TDX_1.5.16</c>.</param>
/// <param name="Version">Module version found in tag or title.</param>
/// <param name="BuildDate">Build date as written.</param>
/// <param name="BuildNumber">Build number.</param>
/// <param name="Svn">SEAMSVN as written.</param>
/// <param name="MrSeam">MRSEAM, 96 lower-case hex digits.</param>
public sealed record ReleaseNote(
    string Tag, string? Version, string? BuildDate, string? BuildNumber, string? Svn, string? MrSeam);
