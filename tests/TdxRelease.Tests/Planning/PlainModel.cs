namespace TdxRelease.Tests.Planning;

/// <summary>A release as the plain model sees it: numbers as arrays [major, minor, update].</summary>
internal sealed record PlainRelease(
    int[] Version, int[] Svn, ulong Features, uint[] Cpus, int[] Minimum, int[][] Loaders, int[][]? Strict, bool Debug);

/// <summary>What runs on a host; null where nobody knows.</summary>
internal sealed record PlainState(int[] Running, int[]? Svn, ulong? Features);

/// <summary>A rule of a site: versions, and the families it is for (none = all).</summary>
internal sealed record PlainSiteRule(string Kind, string From, string To, uint[] Cpus);

/// <summary>A question.</summary>
internal sealed record PlainQuestion(
    uint Cpu, int[] Loader, int[] Running, int[]? RunningSvn, long? Remaining, string Tier, bool Smallest, int[]? Target,
    ulong Required, ulong Used, bool KeepAll, string[] Allowed, string[] Denied, bool AllowDebug, PlainSiteRule[] Site);

/// <summary>
/// The rules of docs/planning.md a second time, as plain loops over plain numbers: no line of src/TdxRelease.Planning takes part. Paths are
/// found by trying them all.
/// </summary>
internal sealed class PlainModel(PlainRelease[] releases, PlainQuestion question)
{
    public PlainState Start()
    {
        var listed = Listed(question.Running);
        return new(question.Running, listed?.Svn ?? question.RunningSvn, listed?.Features);
    }

    /// <summary>Ids of all rules and constraints that a step breaks, in order; a range or site rule counts once each.</summary>
    public List<string> Broken(PlainState state, PlainRelease to, long? remaining) =>
        [.. Rules(state, to), .. Constraints(state, to, remaining), .. SiteRules(state, to)];

    /// <summary>Ids of the rules of the step itself.</summary>
    public List<string> Rules(PlainState state, PlainRelease to)
    {
        var broken = new List<string>();
        void Check(string id, bool holds)
        {
            if (!holds)
            {
                broken.Add(id);
            }
        }

        Check("STEP-001", SameFamily(to.Cpus, question.Cpu));
        Check("STEP-002", to.Loaders.Any(l => l[0] == question.Loader[0] && l[1] == question.Loader[1] && l[2] <= question.Loader[2]));
        Check("STEP-003", question.AllowDebug || !to.Debug);
        Check("STEP-004", Bit(to.Features, 18));
        Check("STEP-005", state.Features is not { } features || Bit(features, 1));
        Check("STEP-006", SameLine(to.Version, state.Running));
        Check("STEP-007", Compare(to.Version, state.Running) >= 0);
        Check("STEP-008", Compare(state.Running, to.Minimum) >= 0);
        Check("STEP-009", state.Svn is null || state.Svn[0] == to.Svn[0]);
        Check("STEP-010", state.Svn is null || to.Svn[1] >= state.Svn[1]);
        return broken;
    }

    public string[] Eligible() =>
        [.. releases.Where(r => Compare(r.Version, question.Running) > 0 && Broken(Start(), r, question.Remaining).Count == 0)
            .Select(r => Text(r.Version))];

    public bool Reinstall() => Listed(question.Running) is { } listed && Rules(Start(), listed).Count == 0 && question.Remaining != 0;

    /// <summary>The best path by the table of docs/planning.md, by trying all.</summary>
    public string[] Path()
    {
        var all = new List<(PlainRelease[] Path, int Loose, long Squares)>();
        Walk(Start(), [], 0, 0, all);
        if (all.Count == 0)
        {
            return [];
        }

        var target = question.Target ?? all.Select(p => p.Path[^1].Version).MaxBy(v => (v[0], v[1], v[2]))!;
        var fitting = all.Where(p => Compare(p.Path[^1].Version, target) == 0);
        var ordered = question.Smallest
            ? fitting.OrderByDescending(p => p.Path.Length).ThenBy(p => p.Squares).ThenBy(p => p.Loose)
            : fitting.OrderBy(p => p.Path.Length).ThenBy(p => p.Loose).ThenBy(p => p.Squares);
        var best = ordered.ThenBy(p => string.Join(' ', p.Path.Select(r => $"{r.Version[2]:00000}")), StringComparer.Ordinal)
            .FirstOrDefault().Path ?? [];
        return [.. best.Select(r => Text(r.Version))];
    }

    public string Outcome()
    {
        if (Path().Length > 0)
        {
            return "Path";
        }

        if (question.Target is { } target)
        {
            return Compare(target, question.Running) == 0 ? "UpToDate" : "NoPath";
        }

        var line = releases.Where(r => SameLine(r.Version, question.Running) && SameFamily(r.Cpus, question.Cpu)).ToList();
        var newer = line.Any(r => Compare(r.Version, question.Running) > 0 && (question.AllowDebug || !r.Debug));
        return line.Count > 0 && !newer ? "UpToDate" : "NoPath";
    }

    public static bool InRange(string range, int[] version)
    {
        if (range == "*")
        {
            return true;
        }

        if (!range.Contains(',', StringComparison.Ordinal))
        {
            return Compare(Numbers(range.Trim('[', ']')), version) == 0;
        }

        var (low, high) = (range[1..range.IndexOf(',', StringComparison.Ordinal)],
            range[(range.IndexOf(',', StringComparison.Ordinal) + 1)..^1]);
        var above = low.Length == 0 || Compare(version, Numbers(low)) >= (range[0] == '[' ? 0 : 1);
        var below = high.Length == 0 || Compare(version, Numbers(high)) <= (range[^1] == ']' ? 0 : -1);
        return above && below;
    }

    public static int[] Numbers(string version) => [.. version.Split('.').Select(int.Parse)];

    public static string Text(int[] version) => $"{version[0]}.{version[1]}.{version[2]:00}";

    private List<string> Constraints(PlainState state, PlainRelease to, long? remaining)
    {
        var broken = new List<string>();
        if ((question.Tier == "strict" || (question.Tier == "default" && to.Strict is not null)) && !IsStrict(state, to))
        {
            broken.Add("STEP-101");
        }

        if ((question.Required & ~to.Features) != 0)
        {
            broken.Add("STEP-102");
        }

        if ((question.Used & ~to.Features) != 0)
        {
            broken.Add("STEP-103");
        }

        if (question.KeepAll && (state.Features is not { } features || (features & ~to.Features) != 0))
        {
            broken.Add("STEP-104");
        }

        if (question.Allowed.Length > 0 && !question.Allowed.Any(r => InRange(r, to.Version)))
        {
            broken.Add("STEP-105");
        }

        broken.AddRange(question.Denied.Where(r => InRange(r, to.Version)).Select(_ => "STEP-106"));
        if (remaining == 0)
        {
            broken.Add("STEP-107");
        }

        return broken;
    }

    private List<string> SiteRules(PlainState state, PlainRelease to)
    {
        var broken = new List<string>();
        foreach (var rule in question.Site.Where(r => r.Cpus.Length == 0 || SameFamily(r.Cpus, question.Cpu)))
        {
            var id = rule.Kind switch
            {
                "denied" => InRange(rule.To, to.Version) ? "STEP-108" : null,
                "blocked" => InRange(rule.From, state.Running) && InRange(rule.To, to.Version) ? "STEP-109" : null,
                "barrier" => JumpsOver(Numbers(rule.To), state.Running, to.Version) ? "STEP-110" : null,
                _ => Compare(Numbers(rule.From), state.Running) == 0 ? "STEP-111" : null,
            };
            if (id is not null)
            {
                broken.Add(id);
            }
        }

        broken.Sort(StringComparer.Ordinal);
        return broken;
    }

    /// <summary>A barrier stands between two versions of its own line.</summary>
    private static bool JumpsOver(int[] barrier, int[] from, int[] to) =>
        SameLine(barrier, from) && SameLine(barrier, to) && from[2] < barrier[2] && barrier[2] < to[2];

    private void Walk(PlainState state, PlainRelease[] path, int loose, long squares,
        List<(PlainRelease[] Path, int Loose, long Squares)> all)
    {
        if (path.Length > 0)
        {
            all.Add((path, loose, squares));
        }

        if (question.Remaining is { } left && path.Length >= left)
        {
            return;
        }

        foreach (var next in releases)
        {
            if (Compare(next.Version, state.Running) > 0 && Broken(state, next, null).Count == 0)
            {
                long size = next.Version[2] - state.Running[2];
                Walk(new(next.Version, next.Svn, next.Features), [.. path, next], loose + (IsStrict(state, next) ? 0 : 1),
                    squares + (size * size), all);
            }
        }
    }

    private PlainRelease? Listed(int[] version) => releases.FirstOrDefault(r => Compare(r.Version, version) == 0);

    private static bool IsStrict(PlainState state, PlainRelease to) =>
        to.Strict is not null && to.Strict.Any(s => Compare(s, state.Running) == 0);

    private static bool SameFamily(uint[] cpus, uint cpu) => cpus.Any(c => c >> 4 == cpu >> 4);

    private static bool SameLine(int[] a, int[] b) => a[0] == b[0] && a[1] == b[1];

    private static bool Bit(ulong features, int bit) => (features >> bit) % 2 == 1;

    private static int Compare(int[] a, int[] b) =>
        a[0] != b[0] ? a[0].CompareTo(b[0]) : a[1] != b[1] ? a[1].CompareTo(b[1]) : a[2].CompareTo(b[2]);
}
