using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.SourceArchives;

namespace TdxRelease.Upstream.Sources;

/// <summary>A .tar, .tar.gz, .tar.zst or .zip file, with upstream's files at the top or in one folder as GitHub packs them.</summary>
/// <param name="path">The file.</param>
/// <param name="commit">
/// The commit it should be of; null where nobody knows. An archive made by git says its own, and must agree; neither is proof.
/// </param>
public sealed class ArchiveSource(string path, string? commit = null) : ISource
{
    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation)
    {
        using var archive = ArchiveKinds.Open(path);
        return Task.FromResult(Unpack(archive, path, commit, context, ExitCode.BadInput, cancellation));
    }

    /// <summary>Unpacks an archive that goes by another name (a download).</summary>
    internal static Snapshot Unpack(Stream archive, string name, string? commit, FetchContext context, ExitCode code,
        CancellationToken cancellation)
    {
        using var writer = new SnapshotWriter(context.Target, context.Cache);
        var reader = new ArchiveReader(archive, name, context.Limits, code);
        var ignored = reader.ReadAll(
            (relative, content) =>
            {
                writer.Add(relative, content, name);
                context.Progress.Report($"unpacking {name}", writer.Count, null);
            },
            cancellation);
        if (commit is not null && reader.Commit is not null && commit != reader.Commit)
        {
            throw new TdxException(code, $"{name}: the archive is of commit {reader.Commit}, want {commit}");
        }

        if (writer.Count == 0)
        {
            throw new TdxException(code, $"{name}: the archive contains no data file of upstream");
        }

        return writer.Commit(new Origin(Origin.Archive, name) { ClaimedCommit = commit ?? reader.Commit }, ignored);
    }
}
