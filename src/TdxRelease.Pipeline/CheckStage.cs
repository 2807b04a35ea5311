using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline.Checking;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Composition;
using TdxRelease.Release.History;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;
using TdxRelease.Upstream.Verified;
using TdxRelease.Upstream.Witnesses;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Pipeline;

/// <summary>What a nightly check looks at.</summary>
/// <param name="Source">Instead of the lock's mirrors; null for them.</param>
/// <param name="Reference">Branch, tag or commit; null for the locked branch.</param>
/// <param name="Lock">The lock file.</param>
/// <param name="Cache">Content cache, or null.</param>
/// <param name="Policy">Who may sign modules.</param>
/// <param name="Strictness">What unknown keys weigh.</param>
/// <param name="Now">Time of the run.</param>
/// <param name="Progress">Who is told: one line a stage.</param>
public sealed record CheckRequest(
    string? Source, string? Reference, string Lock, ContentCache? Cache, TrustPolicy Policy, Strictness Strictness, DateTimeOffset Now,
    IProgressSink Progress)
{
    /// <summary>Asked about the verified modules; null for none.</summary>
    public Witness? Witness { get; init; }
}

/// <summary>What a nightly check found.</summary>
/// <param name="ExitCode">4 before 3 before 6 before 7; 0 where nothing that fails was found.</param>
/// <param name="Report">All findings, those of the comparison first.</param>
/// <param name="Locked">The commit of the lock.</param>
/// <param name="Newest">The commit looked at; null where it is unknown.</param>
/// <param name="Drift">The findings of the comparison.</param>
/// <param name="Plans">Plans that changed.</param>
/// <param name="Patch">What moves the lock; null where nothing changed, something failed, or the commit is unknown.</param>
public sealed record CheckResult(
    ExitCode ExitCode, CheckReport Report, string Locked, string? Newest, IReadOnlyList<Finding> Drift, IReadOnlyList<PlanChange> Plans,
    string? Patch)
{
    /// <summary>Upstream is not what the lock pins.</summary>
    public bool Changed => Drift.Count > 0 || (Newest is not null && Newest != Locked);
}

/// <summary>The nightly check: what changed upstream, whether it is safe, and the update of the lock, ready to apply.</summary>
public static class CheckStage
{
    /// <summary>Checks.</summary>
    /// <exception cref="TdxException">Exit 2, 3 or 6: the lock cannot be used. What is wrong with upstream is in the result.</exception>
    public static async Task<CheckResult> RunAsync(CheckRequest request, CancellationToken cancellation)
    {
        var locked = LockFile.Read(request.Lock);
        using var aside = new StagingFolder();
        var context = new FetchContext(aside.Path, request.Cache) { Progress = request.Progress };
        Snapshot? snapshot;
        Origin origin;
        SavedVerdict? saved = null;
        try
        {
            (snapshot, origin) = await NewestState.FetchAsync(
                locked, request.Source, request.Reference, context, () =>
                (saved = SavedVerdict.TryRead(request.Cache, locked, request.Policy, request.Strictness)) is not null, cancellation);
        }
        catch (TdxException e) when (e.Code != ExitCode.Usage)
        {
            var rule = e.Code == ExitCode.Io ? CheckRules.Unreachable : e.Code == ExitCode.Drift ? CheckRules.Backward
                : CheckRules.Unreadable;
            var report = Report(request, Credentials.Strip(request.Source ?? locked.Sources[0].Url), [],
                [new Finding(rule, e.Message, new Location(Credentials.Strip(request.Source) ?? request.Lock))]);
            return new CheckResult(e.Code, report, locked.Commit, null, [], [], null);
        }

        if (snapshot is null)
        {
            request.Progress.Note(
                $"reused: fetch, validate, verify ({locked.Files.Count} files in the cache, {saved!.Modules.Count} modules; "
                + "same files, policy and tool)");
            var (said, code) = await WitnessAsync(request, [.. saved.ToModules().Select(m => m.Facts!)], ExitCode.Success, cancellation);
            return new CheckResult(code, Report(request, Subject(request, origin), saved.ToModules(), [.. said, .. saved.ToFindings()]),
                locked.Commit, origin.Commit, [], [], null);
        }

        var which = snapshot.Origin.Commit is not { } commit ? ""
            : commit == locked.Commit ? $" of commit {commit}, the locked one" : $" of commit {commit}";
        request.Progress.Note($"fetch: {snapshot.Files.Count} files{which}");
        return await CheckAsync(request, locked, snapshot, context, cancellation);
    }

    /// <summary>Writes page, reports and patch.</summary>
    public static void Write(CheckResult result, AtomicFolder folder)
    {
        folder.Write("check.md", Encoding.UTF8.GetBytes(CheckPage.Write(result)));
        folder.Write("check.json", ReportWriter.Write(result.Report, ReportFormat.Json));
        folder.Write("check.sarif", ReportWriter.Write(result.Report, ReportFormat.Sarif));
        folder.Write("check.xml", ReportWriter.Write(result.Report, ReportFormat.JUnit));
        if (result.Patch is not null)
        {
            folder.Write("lock.patch", Encoding.UTF8.GetBytes(result.Patch));
        }
    }

    private static async Task<CheckResult> CheckAsync(CheckRequest request, LockFile locked, Snapshot snapshot, FetchContext context,
        CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var (verified, code) = Verify(request, snapshot, findings);
        var unchanged = (snapshot.Origin.Commit ?? locked.Commit) == locked.Commit && locked.Compare(snapshot).Count == 0;
        var (drift, plans) = unchanged ? ([], []) : await CompareAsync(request, locked, snapshot, verified, cancellation);
        var next = unchanged || LockUpdateStage.CommitOf(snapshot, request.Reference) is null || verified is null ? null
            : LockUpdateStage.Next(locked, snapshot, null, request.Reference, request.Now);
        if (next is not null && await BackwardAsync(request, locked, next, context, cancellation) is { } backward)
        {
            drift = [backward, .. drift];
        }

        var differences = drift.Count == 1 ? "1 difference" : $"{drift.Count} differences";
        request.Progress.Note(drift.Count == 0 ? "diff: nothing differs from the lock"
            : $"diff: {differences} from the lock, {plans.Count} plans change");
        if (code == ExitCode.Success && drift.Any(f => f.Fails))
        {
            code = drift.Any(f => f.Rule == CheckRules.Unreachable) ? ExitCode.Io : ExitCode.Drift;
        }

        if (unchanged && code == ExitCode.Success && request.Cache is not null)
        {
            SavedVerdict.Of(verified!, findings.Distinct()).Write(request.Cache, locked, request.Policy, request.Strictness);
        }

        var (said, told) = await WitnessAsync(request, [.. verified?.Modules.Select(m => m.Facts).OfType<ModuleFacts>() ?? []], code,
            cancellation);
        code = told;
        var patch = code == ExitCode.Success && next is not null
            ? LockPatch.Write(LockPatch.PathInRepository(request.Lock),
                Encoding.UTF8.GetString(InputFile.Read(request.Lock, LockFile.MaxLength)), Encoding.UTF8.GetString(next.ToJson()))
            : null;

        var report = Report(request, Subject(request, snapshot.Origin),
            verified is null ? []
            : Checks.Of(verified, request.Strictness, request.Now).Modules, [.. drift, .. said, .. findings.Distinct()]);
        return new CheckResult(code, report, locked.Commit, snapshot.Origin.Commit, drift, plans, patch);
    }

    /// <summary>Validation first; a mapping file that cannot be read leaves nothing to verify.</summary>
    private static (VerifiedSnapshot? Verified, ExitCode Code) Verify(CheckRequest request, Snapshot snapshot, List<Finding> findings)
    {
        try
        {
            var validation = ValidateStage.Run(snapshot, request.Strictness);
            findings.AddRange(validation.Findings);
            request.Progress.Note($"validate: {validation.Mapping?.Releases.Count ?? 0} releases, {validation.Findings.Count} findings");
            if (validation.Mapping is null)
            {
                return (null, ExitCode.BadInput);
            }

            var verified = VerifyStage.Run(snapshot, request.Policy, request.Strictness);
            findings.AddRange(verified.Findings);
            request.Progress.Note($"verify: {verified.Modules.Count(m => m.Verified)} of {verified.Modules.Count} modules");
            return (verified, validation.Valid && OnlyLicense(verified) ? ExitCode.Drift
                : verified.ExitCode != ExitCode.Success ? verified.ExitCode : validation.Valid ? ExitCode.Success : ExitCode.BadInput);
        }
        catch (TdxException e)
        {
            findings.Add(new Finding(CheckRules.Unreadable, e.Message, new Location(request.Source ?? UpstreamLayout.Mapping)));
            return (null, e.Code);
        }
    }

    // A licence that the policy does not expect is for lawyers, not for security: no byte that runs is in doubt.
    private static bool OnlyLicense(VerifiedSnapshot verified) =>
        !verified.Verified && verified.Findings.Where(f => f.Fails).All(f => f.Rule == TrustRules.License);

    private static async Task<(IReadOnlyList<Finding> Drift, IReadOnlyList<PlanChange> Plans)> CompareAsync(
        CheckRequest request, LockFile locked, Snapshot snapshot, VerifiedSnapshot? verified, CancellationToken cancellation)
    {
        if (verified is null)
        {
            return ([], []);
        }

        using var aside = new StagingFolder();
        var before = await LockedState.OfAsync(locked, request.Lock, new FetchContext(aside.Path, request.Cache), cancellation);
        var after = DriftState.Of(snapshot);
        after = after with { Side = after.Side with { Name = UpstreamLayout.Mapping } };
        IReadOnlyList<PlanChange> plans = before.Side.Mapping is not { } mapping ? []
            : PlanDrift.Between(ReleaseSet.Join(mapping, before.Facts.Values), GraphStage.Releases(verified));
        return ([.. DriftStage.Run(before, after).Select(f => Relative(f, snapshot.Folder))], plans);
    }

    // The snapshot lies in a folder that is gone when the report is read.
    private static Finding Relative(Finding finding, string folder) =>
        finding with
        {
            Location = finding.Location with
            {
                File = finding.Location.File.StartsWith($"{folder}/", StringComparison.Ordinal)
            ? finding.Location.File[(folder.Length + 1)..] : finding.Location.File
            }
        };

    private static async Task<Finding?> BackwardAsync(CheckRequest request, LockFile locked, LockFile next, FetchContext context,
        CancellationToken cancellation)
    {
        try
        {
            LockMove.RequireForward(locked, next, await LockUpdateStage.DescendsAsync(locked, next, request.Source, context, cancellation));
            return null;
        }
        catch (TdxException e) when (e.Code is ExitCode.Drift or ExitCode.Io)
        {
            return new Finding(e.Code == ExitCode.Drift ? CheckRules.Backward : CheckRules.Unreachable, e.Message,
                new Location(request.Lock));
        }
    }

    /// <summary>What the witness says, and the exit code with it: a contradiction is a failed verification.</summary>
    private static async Task<(IReadOnlyList<Finding> Findings, ExitCode Code)> WitnessAsync(CheckRequest request,
        IReadOnlyList<ModuleFacts> modules, ExitCode code, CancellationToken cancellation)
    {
        if (request.Witness is null || modules.Count == 0)
        {
            return ([], code);
        }

        try
        {
            var findings = await request.Witness.RunAsync(modules, cancellation);
            request.Progress.Note($"witness: {findings.Count(f => f.Fails)} contradictions");
            return (findings, findings.Any(f => f.Fails) ? ExitCode.VerificationFailed : code);
        }
        catch (TdxException e) when (e.Code == ExitCode.Io)
        {
            return ([new Finding(CheckRules.Unreachable, e.Message, new Location("witness"))],
                code == ExitCode.Success ? ExitCode.Io : code);
        }
    }

    private static string Subject(CheckRequest request, Origin origin) => (origin.Url ?? Credentials.Strip(request.Source))
        + (origin.Commit is { } commit ? $" at {commit}"
            : origin.ClaimedCommit is { } claimed ? $", which says that it is {claimed}" : "");

    private static CheckReport Report(CheckRequest request, string subject, IReadOnlyList<ModuleResult> modules,
        IReadOnlyList<Finding> findings) => new()
        {
            ToolVersion = TdxRelease.Core.ToolVersion.Number,
            Subject = subject,
            Mode = request.Strictness == Strictness.Strict ? "strict" : "lenient",
            PolicyName = request.Policy.Name,
            PolicySha256 = request.Policy.Sha256,
            Modules = modules,
            Findings = findings,
            Rules = AllRules.All,
            Time = request.Now,
        };
}
