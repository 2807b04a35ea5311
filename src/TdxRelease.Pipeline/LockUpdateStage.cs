using TdxRelease.Core;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.History;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;
using TdxRelease.Upstream.Verified;
using TdxRelease.Upstream.Witnesses;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Pipeline;

/// <summary>What the lock is to be moved to.</summary>
/// <param name="Source">Git repository or archive of a commit; null for the lock's mirrors.</param>
/// <param name="Reference">Branch, tag or commit; null for the locked branch.</param>
/// <param name="Lock">The lock file; made where it is missing.</param>
/// <param name="Target">Folder of the snapshot.</param>
/// <param name="Cache">Content cache, or null.</param>
/// <param name="Policy">Who may sign modules.</param>
/// <param name="Strictness">What unknown keys weigh.</param>
/// <param name="AllowBackward">Also to an older state.</param>
/// <param name="Now">Time of the new lock.</param>
/// <param name="Progress">Who is told.</param>
public sealed record LockUpdateRequest(
    string? Source, string? Reference, string Lock, string Target, ContentCache? Cache, TrustPolicy Policy, Strictness Strictness,
    bool AllowBackward, DateTimeOffset Now, IProgressSink Progress)
{
    /// <summary>Asked about the verified modules; null for none.</summary>
    public Witness? Witness { get; init; }

    /// <summary>
    /// The repository that a new lock names where the source is a git working tree; null for the URL of its remote <c>origin</c>.
    /// </summary>
    public string? UpstreamUrl { get; init; }
}

/// <summary>A lock that was moved.</summary>
/// <param name="Before">The old one; null where there was none.</param>
/// <param name="After">The one that is in force now.</param>
/// <param name="Snapshot">What it pins.</param>
/// <param name="Drift">What changed; empty where there was no lock.</param>
public sealed record LockUpdate(LockFile? Before, LockFile After, Snapshot Snapshot, IReadOnlyList<Finding> Drift)
{
    /// <summary>The file was written.</summary>
    public bool Moved => Before is null || !ReferenceEquals(Before, After);
}

/// <summary>Moves the lock: to a verified state only, and forward only unless told otherwise.</summary>
public static class LockUpdateStage
{
    /// <summary>Fetches, validates, verifies, compares, and writes the lock last, at once or not at all.</summary>
    /// <exception cref="TdxException">Exit 3 or 4: the new state is not sound. Exit 6. Exit 7: it is not a later state.</exception>
    public static async Task<LockUpdate> RunAsync(LockUpdateRequest request, CancellationToken cancellation)
    {
        OutputPath.RequireApart(request.Target, request.Source, request.Lock);
        OutputGuard.Require(request.Target);
        var path = OutputPath.OfState(request.Lock);
        var before = FileStat.Of(path) is null ? null : LockFile.Read(path);
        var context = new FetchContext(request.Target, request.Cache) { Progress = request.Progress };
        request.Progress.Note("fetch: asking for the newest state");
        var snapshot = await NewestState.FetchAsync(before, request.Source, request.Reference, context, cancellation);
        await RequireAsync(snapshot, request, cancellation);
        if (before is not null && before.Commit == snapshot.Origin.Commit && before.Compare(snapshot).Count == 0)
        {
            return new LockUpdate(before, before, snapshot, []);
        }

        var after = Next(before, snapshot, await AddressAsync(request, cancellation), request.Reference, request.Now);
        var drift = before is null ? [] : DriftStage.Run(await BeforeAsync(before, request, cancellation), DriftState.Of(snapshot));
        if (before is not null && !request.AllowBackward)
        {
            LockMove.RequireForward(before, after, await DescendsAsync(before, after, request.Source, context, cancellation));
        }

        AtomicFile.Write(path, after.ToJson());
        return new LockUpdate(before, after, snapshot, drift);
    }

    // A path on this machine is not a mirror to anyone else.
    private static async Task<string?> AddressAsync(LockUpdateRequest request, CancellationToken cancellation) =>
        request.Source is { } source && WorkingTree.Is(source)
            ? await new WorkingTree(source, LocalSnapshot.Options(allowDirty: false, request.UpstreamUrl, lockFile: null))
            .AddressAsync(cancellation)
            : request.UpstreamUrl is null ? null
            : throw new TdxException(ExitCode.Usage, "--upstream-url is for a git working tree, "
                + (request.Source is { } other ? $"\"{other}\" is none" : "--source names none"));

    /// <summary>The lock of a new state, with the mirrors and the branch of the old one.</summary>
    /// <exception cref="TdxException">Exit 3: the commit is unknown, or only claimed by an archive.</exception>
    internal static LockFile Next(LockFile? before, Snapshot snapshot, string? address, string? reference, DateTimeOffset now) =>
        LockFile.Of(
        snapshot,
        before?.Sources ?? [new LockSource(snapshot.Origin.Kind, address ?? snapshot.Origin.Url!)],
        before?.Branch ?? (reference is null || Hex.IsGitId(reference) ? "HEAD" : reference),
        now,
        ToolVersion.Text,
        snapshot.Origin with { Commit = CommitOf(snapshot, reference) });

    /// <summary>
    /// The commit that a lock may state: proven by git, or named by the user
    /// for an archive. What an archive says of itself would become a fact here.
    /// </summary>
    internal static string? CommitOf(Snapshot snapshot, string? reference) =>
        snapshot.Origin.Commit ?? (reference is not null && snapshot.Origin.ClaimedCommit == reference ? reference : null);

    /// <summary>
    /// Whether the new commit descends from the locked one, asked of the source
    /// that was named, else of the mirrors; null where there is no history.
    /// </summary>
    internal static Task<bool?> DescendsAsync(LockFile before, LockFile after, string? source, FetchContext context,
        CancellationToken cancellation) =>
        LockMove.DescendsAsync(before, source is null ? after : after with { Sources = Named(source) }, context, cancellation);

    // An archive has no history; a repository that was named is asked itself, for it is the one that has the commit.
    private static LockSource[] Named(string source) =>
        new SourceFactory(NewestState.Download).Open(source, null) is GitSource ? [new LockSource(Origin.Git, source)] : [];

    private static async Task RequireAsync(Snapshot snapshot, LockUpdateRequest request, CancellationToken cancellation)
    {
        var validation = ValidateStage.Run(snapshot, request.Strictness);
        if (!validation.Valid)
        {
            throw new TdxException(ExitCode.BadInput, validation.Findings.First(f => f.Fails).ToString(),
                "the lock was not moved; tdxrel validate lists all findings");
        }

        request.Progress.Note($"validate: {validation.Mapping!.Releases.Count} releases");
        var verified = VerifyStage.Run(snapshot, request.Policy, request.Strictness);
        if (!verified.Verified)
        {
            throw new TdxException(verified.ExitCode, verified.Findings.First(f => f.Fails).ToString(),
                "the lock was not moved; tdxrel verify lists all findings");
        }

        request.Progress.Note($"verify: {verified.Modules.Count} modules");
        if (request.Witness is { } witness
            && (await witness.RunAsync([.. verified.Modules.Select(m => m.Facts!)], cancellation))
            .FirstOrDefault(f => f.Fails) is { } contradiction)
        {
            throw new TdxException(ExitCode.VerificationFailed, contradiction.ToString(),
                "the lock was not moved; tdxrel check --witness lists all findings");
        }
    }

    private static async Task<DriftState> BeforeAsync(LockFile before, LockUpdateRequest request, CancellationToken cancellation)
    {
        using var aside = new StagingFolder();
        return await LockedState.OfAsync(before, request.Lock,
            new FetchContext(aside.Path, request.Cache) { Progress = SilentProgress.Instance }, cancellation);
    }
}
