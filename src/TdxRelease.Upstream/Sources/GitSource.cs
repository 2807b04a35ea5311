using System.Globalization;
using System.Text.RegularExpressions;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// A git repository (any URL, a path, a bundle file) at one commit. Nothing is
/// checked out: the tree is listed and the blobs are read from the object store
/// of an empty repository of our own, so attributes, filters, hooks, links and submodules of the other side have nothing to act on.
/// </summary>
public sealed partial class GitSource : ISource
{
    private const string Fetched = "refs/tdxrel/fetched";

    private readonly string url;
    private readonly bool bundle;

    /// <summary>Names a repository and what to take of it.</summary>
    /// <param name="url">What git takes as a URL, a folder, or a bundle file.</param>
    /// <param name="reference">Branch, tag, full ref name or full commit id; <c>HEAD</c> is the default branch.</param>
    /// <exception cref="TdxException">Exit 2: a URL or reference that could be taken for an option or has other syntax in it.</exception>
    public GitSource(string url, string reference = "HEAD")
    {
        if (url.Length == 0 || url[0] == '-' || url.Any(char.IsControl))
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(Credentials.Strip(url))}\" is not a git URL");
        }

        if (!IsReference(reference))
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(reference)}\" is not a branch, tag or full commit id");
        }

        Reference = reference;
        Name = Credentials.Strip(url);
        IsLocal = Path.Exists(url);
        this.url = IsLocal ? Path.GetFullPath(url) : url;
        bundle = File.Exists(url);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsLocal { get; }

    /// <summary>Branch, tag, ref or commit.</summary>
    public string Reference { get; }

    /// <summary>Whether the text can be a branch, tag, full ref name or commit id, and never an option or a range.</summary>
    internal static bool IsReference(string text) => ReferenceForm().IsMatch(text) && !text.Contains("..", StringComparison.Ordinal);

    /// <inheritdoc/>
    public async Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation)
    {
        using var repository = await GitRepository.CreateAsync(context, Name, cancellation).ConfigureAwait(false);
        var git = repository.Git;
        await FetchCommitAsync(git, context.Progress, cancellation).ConfigureAwait(false);
        var origin = await OriginAsync(git, cancellation).ConfigureAwait(false);

        var selection = new Selection(Name, ExitCode.Io);
        var blobs = await GitTree.ListAsync(git, origin.Commit!, selection, cancellation).ConfigureAwait(false);
        using var writer = new SnapshotWriter(context.Target, context.Cache);
        await GitTree.ReadAsync(git, blobs, selection, (path, content) => writer.Add(path, content, $"{Name}@{origin.Commit}"),
            cancellation).ConfigureAwait(false);
        var snapshot = writer.Commit(origin, selection.Ignored);
        context.Cache?.StoreCommit(snapshot.ToRecord());
        return snapshot;
    }

    /// <summary>The commit that the reference names there now, without fetching anything.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public async Task<string> ResolveAsync(FetchContext context, CancellationToken cancellation)
    {
        if (Hex.IsGitId(Reference))
        {
            return Reference;
        }

        using var repository = await GitRepository.CreateAsync(context, Name, cancellation).ConfigureAwait(false);
        var text = await repository.Git.RunAsync(["ls-remote", "--quiet", "--", url], cancellation).ConfigureAwait(false);
        var ids = text.Split('\n').Select(line => line.Split('\t')).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)[$"{Reference}^{{}}", Reference, $"refs/tags/{Reference}^{{}}", $"refs/tags/{Reference}",
            $"refs/heads/{Reference}"])
        {
            if (ids.TryGetValue(name, out var id) && Hex.IsGitId(id))
            {
                return id;
            }
        }

        throw new TdxException(ExitCode.Io, $"{Name}: no ref \"{Reference}\"");
    }

    /// <summary>
    /// Whether <paramref name="older"/> is the reference's commit or one of
    /// its ancestors. Only commits are fetched, where the server can filter.
    /// </summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public async Task<bool> DescendsFromAsync(string older, FetchContext context, CancellationToken cancellation)
    {
        if (!Hex.IsGitId(older))
        {
            throw new ArgumentException("not a commit id", nameof(older));
        }

        using var repository = await GitRepository.CreateAsync(context, Name, cancellation).ConfigureAwait(false);
        var git = repository.Git;
        await git.RunAsync(["remote", "add", "origin", url], cancellation).ConfigureAwait(false);
        await git.RunAsync(["fetch", "--progress", "--no-tags", .. bundle ? [] : (string[])["--filter=tree:0"], "origin", Refspec],
            cancellation).ConfigureAwait(false);
        var (exit, _, _) = await git.TryRunAsync(["merge-base", "--is-ancestor", older, Fetched], cancellation).ConfigureAwait(false);
        return exit == 0;
    }

    private string Refspec => bundle && Hex.IsGitId(Reference) ? "+refs/*:refs/bundle/*" : $"+{Reference}:{Fetched}";

    private async Task FetchCommitAsync(GitProcess git, IProgressSink progress, CancellationToken cancellation)
    {
        // A bundle holds whole refs; a commit by its id is looked for among what they bring.
        string[] depth = bundle ? [] : ["--depth=1"];
        await git.RunAsync(["fetch", "--progress", "--no-tags", .. depth, "--", url, Refspec], cancellation,
            line => GitProgress.Report(progress, Name, line)).ConfigureAwait(false);
        if (bundle && Hex.IsGitId(Reference))
        {
            var (exit, _, _) = await git.TryRunAsync(["update-ref", Fetched, Reference], cancellation).ConfigureAwait(false);
            if (exit != 0)
            {
                throw new TdxException(ExitCode.Io, $"{Name}: the bundle has no commit {Reference}");
            }
        }
    }

    private async Task<Origin> OriginAsync(GitProcess git, CancellationToken cancellation)
    {
        var text = await git.RunAsync(["log", "-1", "--format=%H%n%T%n%ct", $"{Fetched}^{{commit}}", "--"], cancellation)
            .ConfigureAwait(false);
        var lines = text.Split('\n');
        if (lines.Length < 3 || !Hex.IsGitId(lines[0]) || !Hex.IsGitId(lines[1])
            || !long.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            throw new TdxException(ExitCode.Io, $"{Name}: git describes the commit as \"{SafePath.Printable(text)}\"");
        }

        if (Hex.IsGitId(Reference) && lines[0] != Reference)
        {
            throw new TdxException(ExitCode.Io, $"{Name}: got commit {lines[0]}, want {Reference}");
        }

        return new Origin(Origin.Git, Name, lines[0], lines[1],
            DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime));
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/@#+-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferenceForm();
}
