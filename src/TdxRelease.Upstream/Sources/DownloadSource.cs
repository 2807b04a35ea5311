using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>An archive over https, by commit: GitHub's tarball or zip, or a mirror of it.</summary>
public sealed class DownloadSource : ISource
{
    private readonly string? commit;
    private readonly DownloadOptions options;
    private readonly Uri address;

    /// <summary>Names a download.</summary>
    /// <param name="url">https only; <c>{commit}</c> stands for the commit.</param>
    /// <param name="commit">Full commit id; null where the URL names none.</param>
    /// <param name="options">How https is spoken.</param>
    /// <exception cref="TdxException">Exit 2: no https URL, or a commit is missing.</exception>
    public DownloadSource(string url, string? commit, DownloadOptions options)
    {
        if (commit is not null && !Hex.IsGitId(commit))
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(commit)}\" is not a full commit id",
                "an archive is taken by commit; branches and tags need git");
        }

        if (url.Contains("{commit}", StringComparison.Ordinal) && commit is null)
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(Credentials.Strip(url))}\" needs a commit",
                "name it with --ref=COMMIT");
        }

        var filled = url.Replace("{commit}", commit, StringComparison.Ordinal);
        Name = Credentials.Strip(filled);
        if (!Uri.TryCreate(filled, UriKind.Absolute, out var uri) || uri.Scheme != "https")
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(Name)}\" is not an https URL");
        }

        (address, this.commit, this.options) = (uri, commit, options);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsLocal => false;

    /// <inheritdoc/>
    public async Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation)
    {
        var folder = context.Cache?.PartialFolder ?? Path.GetDirectoryName(Path.GetFullPath(context.Target))!;
        using var partial = PartialFile.Open(folder, address.AbsoluteUri, keep: context.Cache is not null);
        using var download = new Download(options, context.Limits, context.Progress, Name);
        await download.RunAsync(address, partial, cancellation).ConfigureAwait(false);
        try
        {
            return ArchiveSource.Unpack(partial.Stream, Name, commit, context, ExitCode.Io, cancellation);
        }
        finally
        {
            // Complete, hence of no use for resuming: good content is in the cache, bad content must not be met again.
            partial.Discard();
        }
    }
}
