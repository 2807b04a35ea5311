using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.SourceArchives;

namespace TdxRelease.Upstream.Sources;

/// <summary>Turns what a user or a lock writes into a source.</summary>
/// <param name="options">How https is spoken.</param>
public sealed class SourceFactory(DownloadOptions options)
{
    /// <summary>
    /// What <c>--source=</c> says: a folder in upstream's layout, a git repository
    /// (a folder with <c>.git</c>, a bare repository, a bundle file, any URL),
    /// or an archive (a file, or an https URL that ends like one).
    /// </summary>
    /// <param name="source">Path or URL.</param>
    /// <param name="reference">Branch, tag or commit; null takes the default branch, and lets a plain folder be a folder.</param>
    /// <exception cref="TdxException">
    /// Exit 2 (a reference for something that has none), 3 (a file of unknown kind), 6 (no such path).
    /// </exception>
    public ISource Open(string source, string? reference = null)
    {
        if (Directory.Exists(source))
        {
            return IsRepository(source) ? new GitSource(source, reference ?? "HEAD")
                : reference is null ? new FolderSource(source)
                : throw new TdxException(ExitCode.Usage, $"\"{source}\" is a plain directory, it has no ref \"{reference}\"");
        }

        if (File.Exists(source))
        {
            return OpenFile(source, reference);
        }

        if (source.Contains("://", StringComparison.Ordinal) || IsScpLike(source))
        {
            return IsArchiveUrl(source) ? OpenArchiveUrl(source, reference) : new GitSource(source, reference ?? "HEAD");
        }

        throw new TdxException(ExitCode.Io, $"\"{SafePath.Printable(Credentials.Strip(source))}\": no such directory or file, and no URL");
    }

    /// <summary>A mirror of a lock at the lock's commit.</summary>
    public ISource Mirror(LockSource mirror, string commit) => mirror.Kind == Origin.Git
        ? new GitSource(mirror.Url, commit)
        : OpenArchiveUrl(mirror.Url, commit);

    private static ISource OpenFile(string path, string? reference) => ArchiveKinds.Of(path) switch
    {
        ArchiveKind.GitBundle => new GitSource(path, reference ?? "HEAD"),
        ArchiveKind.None => throw new TdxException(ExitCode.BadInput,
            $"\"{path}\" is neither a git bundle nor a .tar, .tar.gz, .tar.zst or .zip archive"),
        _ when reference is not null && !Hex.IsGitId(reference) =>
            throw new TdxException(ExitCode.Usage, $"\"{path}\" is an archive, \"{reference}\" is not a full commit id"),
        _ => new ArchiveSource(path, reference),
    };

    private DownloadSource OpenArchiveUrl(string url, string? commit) => new(url, commit, options);

    private static bool IsRepository(string folder) =>
        Path.Exists(Path.Combine(folder, ".git"))
        || (File.Exists(Path.Combine(folder, "HEAD")) && Directory.Exists(Path.Combine(folder, "objects"))
            && Directory.Exists(Path.Combine(folder, "refs")));

    private static bool IsArchiveUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
        && (uri.Host == "codeload.github.com"
            || ((ReadOnlySpan<string>)[".tar.gz", ".tgz", ".tar.zst", ".tar", ".zip"]).IndexOf(Path.GetExtension(uri.AbsolutePath)) >= 0
            || uri.AbsolutePath.EndsWith(".tar.gz", StringComparison.Ordinal)
            || uri.AbsolutePath.EndsWith(".tar.zst", StringComparison.Ordinal));

    private static bool IsScpLike(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 1 and var colon && !text[..colon].Contains('/', StringComparison.Ordinal);
}
