using System.Reflection;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Release.Manifests;
using TdxRelease.Testing;
using TdxRelease.Upstream.Drift;
using TdxRelease.Verification;

namespace TdxRelease.Tests.Core;

public partial class RuleCatalogTests
{
    [Fact]
    public void Every_rule_of_the_assembly_is_in_the_catalog_once()
    {
        var declared = new[] { typeof(RuleCatalog), typeof(SiteRules), typeof(DriftRules), typeof(ManifestRules),
            typeof(AllRules) }.SelectMany(t => t.Assembly.GetTypes())
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(f => f.FieldType == typeof(Rule))
            .Select(f => (Rule)f.GetValue(null)!)
            .Concat(StepRules.All.Select(r => r.Rule))
            .ToList();
        Assert.True(declared.Count > 100, $"{declared.Count} rules declared");
        Assert.Equal(declared.Select(r => r.Id).Order(StringComparer.Ordinal),
            AllRules.All.Select(r => r.Id).Order(StringComparer.Ordinal));
        Assert.Equal(AllRules.All.Count, AllRules.All.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public void Ids_ascend_without_gaps_in_each_prefix()
    {
        // Steps have two rows: from 1 what the rules say, from 101 what an operator wishes.
        foreach (var group in AllRules.All.Where(r => !r.Id.StartsWith("STEP-", StringComparison.Ordinal))
            .GroupBy(r => r.Id[..r.Id.IndexOf('-', StringComparison.Ordinal)]))
        {
            Assert.Equal(Enumerable.Range(1, group.Count()).Select(n => $"{group.Key}-{n:000}"), group.Select(r => r.Id));
        }
    }

    [Fact]
    public void Every_rule_says_in_one_line_what_must_hold_and_where_it_comes_from() => Assert.All(AllRules.All, r =>
    {
        Assert.Matches(Id(), r.Id);
        Assert.False(r.Title.EndsWith('.') || r.Title.Contains('\n', StringComparison.Ordinal) || r.Title.Length < 10, r.Id);
        Assert.NotEmpty(r.Source);
    });

    [Fact]
    public void The_committed_documentation_is_what_the_code_generates() => GoldenFile.Equal("docs/rules.md", AllRules.ToMarkdown());

    [GeneratedRegex("^[A-Z]{3,6}-[0-9]{3}$")]
    private static partial Regex Id();
}
