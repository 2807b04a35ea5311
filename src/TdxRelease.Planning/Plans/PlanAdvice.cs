using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Plans;

/// <summary>The remarks on an answer, and what would change it.</summary>
internal sealed class PlanAdvice(ReleaseSet releases, PlanSearch search, IReadOnlyList<PlanStep> path, PlanOutcome outcome)
{
    private PlanRequest Request => search.Request;

    public IEnumerable<PlanNote> Notes()
    {
        if (!releases.Families.Any(f => f.Signature.SameFamily(Request.Cpu)))
        {
            yield return new("cpu-unknown",
                $"no release is made for {TdxRelease.Verification.Cpu.CpuFamily.Of(Request.Cpu).Name}; "
                + $"releases are made for {string.Join(", ", releases.Families.Select(f => f.Name))}");
        }

        yield return TierNote();
        if (releases.Find(search.Source.Running) is null)
        {
            var svn = search.Source.Svn is { } given ? $"its SVN was given as {given}" : "its SVN is unknown and not checked";
            yield return new("running-unlisted", $"upstream does not list {search.Source.Running}: {svn}, its features are unknown");
        }

        if (path.Count > 0 && Request.Remaining is { } left && search.PathWithoutBudget(path[^1].To) is var free && free.Count > left)
        {
            yield return new("budget",
                $"{Request.Policy.Prefer.Word()} steps would take {free.Count} updates ({Print(free)}), {Left(left)}: "
                + $"the path has the {PlanConstraints.Count(path.Count, "step")} that fit best");
        }

        if (search.Target is null && search.Newer.LastOrDefault() is { } newest && (path.Count == 0 || path[^1].To != newest))
        {
            yield return new("newest",
                $"the newest release for this processor on line {newest.Version.LineName} is {newest.Spelling}, "
                + $"which this request does not reach{Because(newest)}");
        }
        else if (outcome == PlanOutcome.NoPath && search.Target is { } target)
        {
            yield return new("target", $"nothing leads to {target.Spelling}{Because(target)}");
        }
    }

    public IEnumerable<string> Hints()
    {
        var wanted = search.Target ?? search.Newer.LastOrDefault();
        if (wanted is null || outcome == PlanOutcome.UpToDate || (path.Count > 0 && path[^1].To == wanted))
        {
            yield break;
        }

        var found = false;
        foreach (var (relaxed, words) in Relaxations.Of(Request))
        {
            var other = new PlanSearch(releases, relaxed).Path();
            if (other.Count > 0 && (path.Count == 0 || other[^1].To.Version > path[^1].To.Version))
            {
                found = true;
                yield return $"{words} the path would be {Print(other)}";
            }
        }

        if (found)
        {
            yield break;
        }

        var free = Relaxations.All(Request);
        if (new PlanSearch(releases, free).Path() is { Count: > 0 } any && (path.Count == 0 || any[^1].To.Version > path[^1].To.Version))
        {
            yield return $"without any constraint the path would be {Print(any)}";
        }
        else if (StepRules.Runs(search.Source, wanted, Request.Policy.AllowDebug))
        {
            yield return $"{wanted.Spelling} can only be loaded at boot (cold): every TD on the host ends";
        }
        else if (!StepRules.Seamldr.Holds(search.Source, wanted) && StepRules.Cpu.Holds(search.Source, wanted))
        {
            yield return $"{wanted.Spelling} needs P-SEAMLDR {string.Join(" or ", wanted.MinSeamldr)}: update the firmware first";
        }
    }

    /// <summary><c>1.5.16 -> 1.5.20 -> 1.5.24 (strict)</c>; the tiers are named one by one where they differ.</summary>
    public static string Print(IReadOnlyList<PlanStep> path)
    {
        if (path.Count == 0)
        {
            return "none";
        }

        var same = path.All(s => s.Tier == path[0].Tier);
        var steps = path.Select(s => same ? s.To.Spelling : $"{s.To.Spelling} ({s.Tier.Word()})");
        return $"{path[0].From} -> {string.Join(" -> ", steps)}{(same ? $" ({path[0].Tier.Word()})" : "")}";
    }

    private PlanNote TierNote()
    {
        return Request.Policy.Tier switch
        {
            TierPolicy.Strict => new("tier", "only strict steps are allowed, as asked"),
            TierPolicy.TdPreserving => new("tier", "TD-preserving steps are allowed, as asked"),
            _ when StrictIsDefined =>
                new("tier", "only strict steps are allowed: the default where the mapping defines strict_compat_versions"),
            _ => new("tier", "TD-preserving steps are allowed: the default where the mapping predates strict_compat_versions"),
        };
    }

    private string Because(ReleaseFacts wanted)
    {
        if (search.Distance(wanted) is { } updates && Request.Remaining is { } left && updates > left)
        {
            return $": it takes at least {PlanConstraints.Count(updates, "update")}, {Left(left)}";
        }

        var reasons = search.Refuse(wanted).Reasons;
        var tail = $": {string.Join("; ", reasons.Select(r => r.Message))}";
        return !reasons.Any(r => r.Rule == PlanConstraints.Tier) ? tail
            : !StrictIsDefined ? $"{tail} (the mapping file predates strict_compat_versions: no step of this line is strict)"
            : search.IsIsland() ? $"{tail} ({search.Source.Running} is an island: no strict step leaves it)"
            : tail;
    }

    private bool StrictIsDefined =>
        releases.Releases.Where(r => r.Version.SameLine(search.Source.Running)).Any(r => r.StrictCompat is not null);

    private static string Left(long left) => left == 0 ? "none is left" : left == 1 ? "1 is left" : $"{left} are left";
}
