using System.CommandLine;
using System.Globalization;
using NuGet.Versioning;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Site;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Cli.Commands;

/// <summary>The options that say which of the allowed paths an operator wants.</summary>
internal sealed class PlanPolicyOptions
{
    private const int MaxSitePolicy = 1 << 20;

    private readonly Option<string?> tier =
        new("--tier")
        {
            HelpName = "strict|td-preserving|default",
            Description = "which steps are allowed; default: strict where the mapping defines it, td-preserving where it predates it"
        };
    private readonly Option<string?> prefer =
        new("--prefer") { HelpName = "fewest|smallest", Description = "fewest updates (default) or smallest steps" };
    private readonly Option<string?> target =
        new("--to") { HelpName = "VERSION", Description = "the version to reach; default: the newest reachable" };
    private readonly Option<string?> required =
        new("--require-features") { HelpName = "HEX", Description = "TDX_FEATURES0 bits that every module of the path must have" };
    private readonly Option<string?> used =
        new("--used-features") { HelpName = "HEX", Description = "TDX_FEATURES0 bits that running TDs use" };
    private readonly Option<bool> keep = new("--keep-features") { Description = "lose no feature bit on the way" };
    private readonly Option<string[]> allow =
        new("--allow")
        {
            HelpName = "RANGE",
            Description = "allowed versions: one (1.5.16) or a NuGet range ([1.5.13,1.6.0)); may be repeated"
        };
    private readonly Option<string[]> deny =
        new("--deny") { HelpName = "RANGE", Description = "denied versions: one or a NuGet range; may be repeated" };
    private readonly Option<string?> site =
        new("--site-policy")
        {
            HelpName = "FILE",
            Description = "blocked steps, barriers, dead ends, denied versions (schemas/site-policy.schema.json)"
        };

    public PlanPolicyOptions()
    {
        tier.AcceptOnlyFromAmong("strict", "td-preserving", "default");
        prefer.AcceptOnlyFromAmong("fewest", "smallest");
    }

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { tier, prefer, target, required, used, keep, allow, deny, site })
        {
            command.Add(option);
        }
    }

    public PlanPolicy Read(ParseResult parse)
    {
        var sitePolicy = parse.GetValue(site) is { } path ? Site(path) : null;
        return new PlanPolicy
        {
            Tier = parse.GetValue(tier) switch
            {
                "strict" => TierPolicy.Strict,
                "td-preserving" => TierPolicy.TdPreserving,
                "default" => TierPolicy.Default,
                _ => sitePolicy?.Tier ?? TierPolicy.Default
            },
            Prefer = parse.GetValue(prefer) switch
            {
                "smallest" => Preference.Smallest,
                "fewest" => Preference.Fewest,
                _ => sitePolicy?.Prefer ?? Preference.Fewest
            },
            Target = parse.GetValue(target) is { } version ? Options.Version(version, "--to") : null,
            RequiredFeatures = Mask(parse.GetValue(required), "--require-features"),
            UsedFeatures = Mask(parse.GetValue(used), "--used-features"),
            KeepAllFeatures = parse.GetValue(keep),
            Allowed = Ranges(parse.GetValue(allow), "--allow"),
            Denied = Ranges(parse.GetValue(deny), "--deny"),
            Site = sitePolicy,
        };
    }

    private static SitePolicy Site(string path)
    {
        var findings = new List<Finding>();
        return SitePolicy.Read(InputFile.Read(path, MaxSitePolicy), path, findings)
            ?? throw new TdxException(ExitCode.BadInput, findings.First(f => f.Fails).ToString(),
                "schemas/site-policy.schema.json describes the file");
    }

    private static ulong Mask(string? text, string option)
    {
        if (text is null)
        {
            return 0;
        }

        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return digits.Length is > 0 and <= 16
            && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask)
            ? mask
            : throw new TdxException(ExitCode.BadInput, $"{option}: \"{text}\" is not a hexadecimal mask of at most 64 bits");
    }

    private static List<VersionRange> Ranges(string[]? texts, string option) => [.. (texts ?? []).Select(text =>
        VersionRanges.Parse(text, out var problem)
        ?? throw new TdxException(ExitCode.BadInput, $"{option}: \"{text}\" {problem.Words()}"))];
}
