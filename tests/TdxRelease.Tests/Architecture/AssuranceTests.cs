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

    /// <summary>The task Mutate writes the record. No area in it is under 90 %, and one that is not in it is named as such.</summary>
    [Fact]
    public void The_table_of_mutation_testing_is_the_record()
    {
        var record = Measurements.Read(Measurements.PathOf(TestData.Checkout, "mutation"),
            Measurements.Default.DictionaryStringMeasuredArea);
        var areas = MutationArea.Read(Path.Combine(TestData.Checkout, "tests/mutation/areas"), TestData.Checkout)
            .Select(a => a.Name).ToList();
        Assert.Empty(record.Keys.Except(areas));
        Assert.All(record.Values, area => Assert.InRange(area.Score, 90, 100));
        Table("area", areas.Select(name => !record.TryGetValue(name, out var a) ? $"{name} | | | | not measured | |"
            : string.Create(CultureInfo.InvariantCulture,
                $"{name} | {a.Changes} | {a.Noticed} | {a.Equivalent} | {a.Score:0.0} % | {a.Date} | {a.Commit[..8]}")));
    }

    /// <summary>The task Fuzz writes the record. No parser is missing in it.</summary>
    [Fact]
    public void The_table_of_fuzzing_is_the_record()
    {
        var record = Measurements.Read(Measurements.PathOf(TestData.Checkout, "fuzzing"),
            Measurements.Default.DictionaryStringMeasuredParser);
        Assert.Equal(FuzzTargets.All.Select(t => t.Name).Order(StringComparer.Ordinal), record.Keys);
        Table("parser", record.Select(p => string.Create(CultureInfo.InvariantCulture,
            $"{p.Key} | {p.Value.Date} | {p.Value.Seconds:N0} s | {p.Value.Executions:N0} | {p.Value.Edges:N0} | {p.Value.Inputs:N0}")));
    }

    // The rows below the head that begins with this column.
    private static void Table(string column, IEnumerable<string> rows)
    {
        var text = File.ReadAllText(Path.Combine(TestData.Checkout, Page));
        var head = text.IndexOf('\n', text.IndexOf($"\n| {column} |", StringComparison.Ordinal) + 1);
        var first = text.IndexOf('\n', head + 1) + 1;
        var end = text.IndexOf("\n\n", first - 1, StringComparison.Ordinal) + 1;
        GoldenFile.Equal(Page, string.Concat(text.AsSpan(0, first), string.Concat(rows.Select(r => $"| {r} |\n")), text.AsSpan(end)));
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

    [GeneratedRegex("TDXREL_ORACLE_CASES\"\\) \\?\\? \"(?<count>[0-9]+)\"")]
    private static partial Regex OracleDefault();

    [GeneratedRegex("^\\s*\\[[A-Za-z]*(Fact|Theory)[\\](]")]
    private static partial Regex TestAttribute();
}
