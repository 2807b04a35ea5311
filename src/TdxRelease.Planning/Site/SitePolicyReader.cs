using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Plans;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Site;

/// <summary>Reads site-policy files, strictly.</summary>
internal sealed class SitePolicyReader
{
    private const string Format = "tdxrel-site-policy/1";

    private readonly JsonChecker json;

    private SitePolicyReader(JsonChecker json) => this.json = json;

    public static SitePolicy? Read(ReadOnlyMemory<byte> utf8, string file, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var checker = new JsonChecker(utf8, file, SiteRules.Json, Strictness.Strict, own);
        var policy = new SitePolicyReader(checker).Read();
        if (policy is not null && !own.Exists(f => f.Fails))
        {
            SiteContradictions.Check(policy, new Location(file), own);
        }

        foreach (var finding in own.OrderBy(f => f.Location.Line).ThenBy(f => f.Location.Column))
        {
            findings.Add(finding);
        }

        return own.Exists(f => f.Fails) ? null : policy;
    }

    private SitePolicy? Read()
    {
        if (json.Root() is not { } root)
        {
            return null;
        }

        json.Keys(root, "the policy", ["format", "name"], ["tier", "prefer", "blocked", "barriers", "deadEnds", "denied"]);
        Word(root, "format", [Format]);
        return new SitePolicy
        {
            Name = json.Member(root, "name", JsonKind.String, "the policy")?.Text ?? "",
            Tier = Word(root, "tier", ["default", "strict", "td-preserving"]) is { } tier and >= 0 ? (TierPolicy)tier : null,
            Prefer = Word(root, "prefer", ["fewest", "smallest"]) is { } prefer and >= 0 ? (Preference)prefer : null,
            Blocked = [.. Objects(root, "blocked").Select(Blocked).OfType<BlockedStep>()],
            Barriers = [.. Objects(root, "barriers").Select(v => Marked(v, "a barrier")).OfType<SiteVersion>()],
            DeadEnds = [.. Objects(root, "deadEnds").Select(v => Marked(v, "a dead end")).OfType<SiteVersion>()],
            Denied = [.. Objects(root, "denied").Select(Denied).OfType<SiteDenial>()],
        };
    }

    private BlockedStep? Blocked(LocatedValue value)
    {
        const string where = "a blocked step";
        json.Keys(value, where, ["from", "to", "reason"], ["fixedIn", "cpus"]);
        var solved = value["fixedIn"] is null ? null : Version(value, "fixedIn", where);
        var (from, to, reason, cpus) = (Range(value, "from", where), Range(value, "to", where), Reason(value, where), Cpus(value, where));
        return from is null || to is null || reason is null ? null : new BlockedStep(from, to, reason, solved, cpus);
    }

    private SiteVersion? Marked(LocatedValue value, string where)
    {
        json.Keys(value, where, ["version", "reason"], ["cpus"]);
        var (version, reason, cpus) = (Version(value, "version", where), Reason(value, where), Cpus(value, where));
        return version is null || reason is null ? null : new SiteVersion(version.Value, reason, cpus);
    }

    private SiteDenial? Denied(LocatedValue value)
    {
        const string where = "a denied version";
        json.Keys(value, where, ["range", "reason"], ["cpus"]);
        var (range, reason, cpus) = (Range(value, "range", where), Reason(value, where), Cpus(value, where));
        return range is null || reason is null ? null : new SiteDenial(range, reason, cpus);
    }

    private string? Reason(LocatedValue owner, string where)
    {
        var reason = json.Member(owner, "reason", JsonKind.String, where);
        if (reason is { Text.Length: 0 })
        {
            json.Add(SiteRules.Value, reason.Offset, $"{where}: \"reason\" is empty");
        }

        return reason?.Text;
    }

    private ModuleVersion? Version(LocatedValue owner, string name, string where)
    {
        if (json.Member(owner, name, JsonKind.String, where) is not { } value)
        {
            return null;
        }

        if (ModuleVersion.TryParse(value.Text, out var version))
        {
            return version;
        }

        json.Add(SiteRules.Value, value.Offset, $"{where}: {name}: \"{value.Text}\" is not a version of the form major.minor.update");
        return null;
    }

    private VersionRange? Range(LocatedValue owner, string name, string where)
    {
        if (json.Member(owner, name, JsonKind.String, where) is not { } value)
        {
            return null;
        }

        var range = VersionRanges.Parse(value.Text, out var problem);
        if (problem != RangeProblem.None)
        {
            json.Add(SiteRules.Value, value.Offset, $"{where}: {name}: \"{value.Text}\" {problem.Words()}");
        }

        return range;
    }

    private List<CpuSignature> Cpus(LocatedValue owner, string where)
    {
        var cpus = new List<CpuSignature>();
        foreach (var item in json.Member(owner, "cpus", JsonKind.Array, where)?.Items ?? [])
        {
            if (json.Require(item, JsonKind.String, $"{where}: an item of \"cpus\"") is not { } text)
            {
                continue;
            }

            if (CpuFamily.Parse(text.Text) is { } cpu)
            {
                cpus.Add(cpu.Family);
            }
            else
            {
                json.Add(SiteRules.Value, text.Offset,
                    $"{where}: \"{text.Text}\" is not a CPU family, "
                    + $"want {string.Join(", ", CpuFamily.Known.Select(f => f.Id))} or a hexadecimal signature");
            }
        }

        return cpus;
    }

    private int? Word(LocatedValue owner, string name, string[] words)
    {
        if (json.Member(owner, name, JsonKind.String, "the policy") is not { } value)
        {
            return null;
        }

        var index = Array.IndexOf(words, value.Text);
        if (index < 0)
        {
            json.Add(SiteRules.Value, value.Offset,
                $"\"{name}\" is \"{value.Text}\", want {string.Join(" or ", words.Select(w => $"\"{w}\""))}");
        }

        return index;
    }

    private IEnumerable<LocatedValue> Objects(LocatedValue owner, string name) =>
        (json.Member(owner, name, JsonKind.Array, "the policy")?.Items ?? [])
        .Select(i => json.Require(i, JsonKind.Object, $"an item of \"{name}\"")).OfType<LocatedValue>();
}
