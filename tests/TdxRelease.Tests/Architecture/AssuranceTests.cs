using System.Globalization;
using System.Text.RegularExpressions;
using TdxRelease.Build;
using TdxRelease.Fuzz;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;
using TdxRelease.Verification;

namespace TdxRelease.Tests.Architecture;

/// <summary>The figures of docs/assurance.md are those that can be counted here.</summary>
public partial class AssuranceTests
{
    private const string Page = "docs/assurance.md";

    [Fact]
    public void Every_figure_of_the_page_is_the_counted_one()
    {
        var figures = Count();
        var text = File.ReadAllText(Path.Combine(TestData.Checkout, Page));
        Assert.Equal(figures.Keys.Order(StringComparer.Ordinal),
            Figure().Matches(text).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal));
        GoldenFile.Equal(Page, Figure().Replace(text, m => $"<!--n:{m.Groups["name"].Value}-->{figures[m.Groups["name"].Value]}<!--/-->"));
    }

    /// <summary>./build.sh --target=Mutate writes the record; no area of the settings is missing in it, and none is under 90 %.</summary>
    [Fact]
    public void The_table_of_mutation_testing_is_the_record()
    {
        var folder = Path.Combine(TestData.Checkout, "tests/mutation");
        var record = MutationRecord.Read(Path.Combine(folder, "measured.json"));
        Assert.Equal(MutationArea.Read(Path.Combine(folder, "areas"), TestData.Checkout).Select(a => a.Name), record.Areas.Keys);
        Assert.All(record.Areas, area => Assert.InRange(area.Value.Score, 90, 100));
        var rows = record.Areas.Select(a => string.Create(CultureInfo.InvariantCulture,
            $"| {a.Key} | {a.Value.Changes} | {a.Value.Noticed} | {a.Value.Equivalent} | {a.Value.Score:0.0} % | {a.Value.Date}, {a.Value.Commit[..8]} |\n"));
        var text = File.ReadAllText(Path.Combine(TestData.Checkout, Page));
        GoldenFile.Equal(Page, Table().Replace(text, m => $"{m.Groups["head"].Value}{string.Concat(rows)}\n"));
    }

    private static Dictionary<string, string> Count()
    {
        var cases = Directory.GetDirectories(Path.Combine(TestData.Checkout, "tests/cases"));
        var verdicts = PgpVerdict.Read();
        var figures = new Dictionary<string, int>
        {
            ["rules"] = RuleCatalog.All.Count,
            ["cases"] = cases.Length,
            ["cases-fail"] = cases.Count(path => path.EndsWith("_fail", StringComparison.Ordinal)),
            ["oracle"] = Oracle(),
            ["openpgp"] = verdicts.Count,
            ["openpgp-differ"] = verdicts.Count(v => !v.Agrees),
            ["openpgp-worse"] = verdicts.Count(v => v.Good && !v.Gpgv && !v.Sqv),
            ["parsers"] = FuzzTargets.All.Count,
            ["corpus"] = Directory.GetFiles(Path.Combine(TestData.Checkout, "tests/fixtures/corpus"), "*", SearchOption.AllDirectories)
                .Length,
            ["fast"] = Methods("TdxRelease.Tests"),
            ["acceptance"] = Methods("TdxRelease.AcceptanceTests"),
        };
        return figures.ToDictionary(f => f.Key, f => f.Value.ToString("N0", CultureInfo.InvariantCulture));
    }

    /// <summary>How many cases the loader's oracle judges where nobody asks for another number.</summary>
    private static int Oracle()
    {
        var source = File.ReadAllText(
            Path.Combine(TestData.Checkout, "tests/TdxRelease.AcceptanceTests/Verification/LoaderChecksTests.cs"));
        return int.Parse(OracleDefault().Match(source).Groups["count"].Value, CultureInfo.InvariantCulture);
    }

    private static int Methods(string project) =>
        Directory.GetFiles(Path.Combine(TestData.Checkout, "tests", project), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(File.ReadLines).Count(line => TestAttribute().IsMatch(line));

    [GeneratedRegex("<!--n:(?<name>[a-z-]+)-->[0-9,]*<!--/-->")]
    private static partial Regex Figure();

    [GeneratedRegex("(?<head>\\| area \\|[^\\n]*\\n[|-]*\\n)(\\|[^\\n]*\\n)*\\n")]
    private static partial Regex Table();

    [GeneratedRegex("TDXREL_ORACLE_CASES\"\\) \\?\\? \"(?<count>[0-9]+)\"")]
    private static partial Regex OracleDefault();

    [GeneratedRegex("^\\s*\\[[A-Za-z]*(Fact|Theory)[\\](]")]
    private static partial Regex TestAttribute();
}
