using System.Text;
using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Site;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Tests.Pipeline;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Verification;

public class VersionRangesTests
{
    private static readonly string[] Versions = ["1.4.65535", "1.5.00", "1.5.07", "1.5.08", "1.5.09", "1.5.16", "1.6.00", "2.0.00"];

    [Theory]
    [InlineData("1.5.08", "1.5.08")]
    [InlineData("1.5.8", "1.5.08")]
    [InlineData("1.5.00008", "1.5.08")]
    [InlineData("[1.5.08]", "1.5.08")]
    [InlineData("[1.5.8]", "1.5.08")]
    [InlineData("[1.5.08,1.5.16]", "1.5.08 1.5.09 1.5.16")]
    [InlineData("[1.5.8,1.5.16)", "1.5.08 1.5.09")]
    [InlineData("(1.5.08,1.5.16]", "1.5.09 1.5.16")]
    [InlineData("(1.5.08,1.5.16)", "1.5.09")]
    [InlineData("[1.5.08,1.5.8]", "1.5.08")]
    [InlineData("[1.5.09,)", "1.5.09 1.5.16 1.6.00 2.0.00")]
    [InlineData("(1.5.09,)", "1.5.16 1.6.00 2.0.00")]
    [InlineData("[1.5.09,]", "1.5.09 1.5.16 1.6.00 2.0.00")]
    [InlineData("(,1.5.00)", "1.4.65535")]
    [InlineData("(,1.5.00]", "1.4.65535 1.5.00")]
    [InlineData("[,1.5.00]", "1.4.65535 1.5.00")]
    [InlineData("(,)", "1.4.65535 1.5.00 1.5.07 1.5.08 1.5.09 1.5.16 1.6.00 2.0.00")]
    [InlineData("*", "1.4.65535 1.5.00 1.5.07 1.5.08 1.5.09 1.5.16 1.6.00 2.0.00")]
    public void Command_line_site_policy_and_trust_policy_let_in_the_same_versions(string text, string within)
    {
        Assert.Equal(within, Within(VersionRanges.Parse(text, out var problem)!));
        Assert.Equal(RangeProblem.None, problem);
        var site = Site(text, out _)!;
        Assert.Equal((within, within, within), (Within(site.Denied[0].Range), Within(site.Blocked[0].From), Within(site.Blocked[0].To)));
        var trust = Trust(text, out _)!;
        Assert.Equal((within, within), (Within(trust.AllowedVersions[0]), Within(trust.Denied[0].Range!)));
        Assert.Equal((true, true), SchemasAccept(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("()")]
    [InlineData("[]")]
    [InlineData("[1.5]")]
    [InlineData("1.5")]
    [InlineData("[1.5,1.6)")]
    [InlineData("1.5.*")]
    [InlineData("[1.5.*,)")]
    [InlineData("[*]")]
    [InlineData("**")]
    [InlineData("1.5.08-beta")]
    [InlineData("[1.5.08-beta,)")]
    [InlineData("1.5.08+build")]
    [InlineData("[1.5.08,1.5.16-0)")]
    [InlineData(" 1.5.08")]
    [InlineData("1.5.08 ")]
    [InlineData("1.5.08\n")]
    [InlineData("[1.5.08, 1.5.16]")]
    [InlineData("[ 1.5.08,1.5.16]")]
    [InlineData("(1.5.08)")]
    [InlineData("(1.5.08]")]
    [InlineData("1.5.08,1.5.16")]
    [InlineData("[1.5.08,1.5.16")]
    [InlineData("1.5.08,1.5.16]")]
    [InlineData("[1.5.08,1.5.09,1.5.16]")]
    [InlineData("[[1.5.08]]")]
    [InlineData("{1.5.08}")]
    [InlineData(">=1.5.08")]
    [InlineData("v1.5.08")]
    [InlineData("1.5.08.0")]
    [InlineData("1.5.65536")]
    [InlineData("[1.5.08,70000.0.0]")]
    [InlineData("[1.5.08,1.5.16] ")]
    public void What_is_no_range_is_refused_everywhere(string text)
    {
        Assert.Null(VersionRanges.Parse(text, out var problem));
        Assert.Equal(RangeProblem.Form, problem);
        Assert.Null(Site(text, out var site));
        Assert.Equal(["SITE-006", "SITE-006", "SITE-006"], site.Select(f => f.Rule.Id));
        Assert.Null(Trust(text, out var trust));
        Assert.Equal(["POL-006", "POL-006"], trust.Select(f => f.Rule.Id));
        Assert.Equal((false, false), SchemasAccept(text));
        CommandLineRefuses(text, "is neither a version nor a NuGet range such as [1.5.13,1.6.0)");
    }

    [Theory]
    [InlineData("[1.6.0,1.5.0]")]
    [InlineData("[1.5.08,1.5.08)")]
    [InlineData("(1.5.08,1.5.8]")]
    [InlineData("(1.5.08,1.5.8)")]
    [InlineData("(1.5.08,1.5.09)")]
    [InlineData("(,0.0.0)")]
    [InlineData("(65535.65535.65535,)")]
    public void An_empty_range_hides_a_mistake_and_is_refused_everywhere(string text)
    {
        Assert.Null(VersionRanges.Parse(text, out var problem));
        Assert.Equal(RangeProblem.Empty, problem);
        Assert.Null(Site(text, out _));
        Assert.Null(Trust(text, out var trust));
        Assert.Equal(["POL-007", "POL-007"], trust.Select(f => f.Rule.Id));
        CommandLineRefuses(text, "is an empty version range");
    }

    [Fact]
    public void A_range_holds_what_its_brackets_say() => Property.Check(2000, (random, _) =>
    {
        var (a, b) = (Any(random), Any(random));
        var (open, close) = (random.Next(2) == 0 ? '[' : '(', random.Next(2) == 0 ? ']' : ')');
        var (low, high) = (random.Next(4) > 0, random.Next(4) > 0);
        var text = $"{open}{(low ? Spell(random, a) : "")},{(high ? Spell(random, b) : "")}{close}";
        bool Holds(ModuleVersion v) => (!low || v > a || (v == a && open == '[')) && (!high || v < b || (v == b && close == ']'));
        var all = Enumerable.Range(0, 3 * 3 * 4).Select(i => new ModuleVersion((ushort)(i / 12), (ushort)(i / 4 % 3), (ushort)(i % 4)))
            .ToList();
        if (VersionRanges.Parse(text, out var problem) is { } range)
        {
            Assert.All(all, v => Assert.Equal(Holds(v), range.Satisfies(v.ToNuGet())));
        }
        else
        {
            Assert.Equal(RangeProblem.Empty, problem);
            Assert.DoesNotContain(all, Holds);
        }
    });

    [Fact]
    public void A_plan_that_allows_one_version_takes_no_later_one()
    {
        using var temp = new TempFolder();
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        string[] plan = ["plan", temp["sample"], "--policy", "sample", "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.53",
            "--tier", "td-preserving", "--json"];
        static string[] Path(Run run) =>
            [.. System.Text.Json.JsonDocument.Parse(run.Output).RootElement.GetProperty("path").EnumerateArray()
                .Select(s => s.GetProperty("to").GetString()!)];
        var free = Path(Run.Tdxrel([.. plan, "--prefer", "smallest"]).Ends(0));
        Assert.True(free.Length > 1);
        Assert.Equal([free[0]], Path(Run.Tdxrel([.. plan, "--allow", free[0]]).Ends(0)));
        Assert.Equal([free[0]], Path(Run.Tdxrel([.. plan, "--allow", $"[{free[0]}]"]).Ends(0)));
        Assert.NotEqual(free[^1], Path(Run.Tdxrel([.. plan, "--deny", free[^1]]).Ends(0))[^1]);
    }

    private static string Within(VersionRange range) =>
        string.Join(' ', Versions.Where(v => range.Satisfies(ModuleVersion.Parse(v).ToNuGet())));

    private static ModuleVersion Any(Random random) => new((ushort)random.Next(3), (ushort)random.Next(3), (ushort)random.Next(4));

    private static string Spell(Random random, ModuleVersion version) => random.Next(2) == 0 ? version.ToString() : version.ToSemVer();

    private static void CommandLineRefuses(string text, string why)
    {
        foreach (var option in new[] { "--allow", "--deny" })
        {
            var run = Run.Tdxrel("plan", "/nonexistent", "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.53", option, text)
                .Ends(text.Length == 0 ? 2 : 3);
            Assert.Contains(text.Length == 0 ? $"error: {option}: got \"\", want a value"
                : $"error: {option}: \"{UntrustedText.Visible(text)}\" {why}", run.Errors, StringComparison.Ordinal);
        }
    }

    private static SitePolicy? Site(string range, out List<Finding> findings)
    {
        findings = [];
        return SitePolicy.Read(Encoding.UTF8.GetBytes(SiteText(range)), "site.json", findings);
    }

    private static TrustPolicy? Trust(string range, out List<Finding> findings)
    {
        findings = [];
        return TrustPolicyReader.Read(Encoding.UTF8.GetBytes(TrustText(range)), "trust.json", findings);
    }

    private static (bool Site, bool Trust) SchemasAccept(string range) =>
        (SchemaVerdict.Accepts("site-policy.schema.json", SiteText(range)),
            SchemaVerdict.Accepts("trust-policy.schema.json", TrustText(range)));

    private static string SiteText(string range)
    {
        var text = System.Text.Json.JsonSerializer.Serialize(range);
        return $$"""{"format":"tdxrel-site-policy/1","name":"s","denied":[{"range":{{text}},"reason":"r"}],"blocked":"""
            + $$"""[{"from":{{text}},"to":{{text}},"reason":"r"}]}""";
    }

    private static string TrustText(string range)
    {
        var text = System.Text.Json.JsonSerializer.Serialize(range);
        return Encoding.UTF8.GetString(SampleUpstream.PolicyBytes).Replace(
            "\"allowDebug\": true,",
            $$"""  "allowDebug": true, "allowedVersions": [{{text}}], "deniedVersions": [{"range": {{text}}, "reason": "TEST"}],""",
            StringComparison.Ordinal);
    }
}
