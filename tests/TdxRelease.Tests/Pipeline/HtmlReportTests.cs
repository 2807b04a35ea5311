using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Html;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Audit;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Pipeline;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&\u001b[31m</style>\u202e\ud800";

    [Fact]
    public void Hostile_text_in_every_field_stays_text()
    {
        var page = Print(Report(Hostile, Rename(SyntheticReleases.Small, Hostile[..^1])));
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', page);
        Assert.Equal(2, page.Split("<script").Length - 1);
        Assert.Single(page.Split("</style>")[1..]);
        var document = Parse(page);
        Assert.Equal(["application/json", ""], document.SelectNodes("//script")!.Cast<XmlElement>().Select(s => s.GetAttribute("type")));
        Assert.All(document.SelectNodes("//@*")!.Cast<XmlAttribute>(),
            a => Assert.False(a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase), a.Name));
        Assert.Contains("alert(2)", document.SelectSingleNode("//header/p")!.InnerText, StringComparison.Ordinal);

        var audit = Encoding.UTF8.GetString(
            AuditHtml.Write(new AuditReport(Hostile, [], [new(AuditQuestion.Origin, Hostile, AuditVerdict.No, Hostile)],
            [Finding(Hostile)])));
        Assert.Empty(Parse(audit).SelectNodes("//script|//img")!);
    }

    [Fact]
    public void The_page_is_well_formed_reachable_and_fetches_nothing()
    {
        var page = Print(Report("sample", SyntheticReleases.Small));
        var document = Parse(page);
        var ids = document.SelectNodes("//@id")!.Cast<XmlAttribute>().Select(a => a.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(document.SelectNodes("//@href")!.Cast<XmlAttribute>(), a => Assert.Contains(a.Value[1..], ids));
        Assert.All(document.SelectNodes("//@aria-labelledby")!.Cast<XmlAttribute>().SelectMany(a => a.Value.Split(' ')),
            id => Assert.Contains(id, ids));
        Assert.Empty(document.SelectNodes("//@src|//link|//iframe|//base")!);
        Assert.All(Urls().Matches(page), m => Assert.Contains(m.Groups[1].Value, ids));
        Assert.All(document.SelectNodes("//table")!.Cast<XmlElement>(), t => Assert.NotNull(t.SelectSingleNode("caption")));
        Assert.Empty(document.SelectNodes("//th[not(@scope)]")!);
        foreach (var landmark in new[] { "//header/h1", "//nav", "//main", "//footer", "/html[@lang='en']", "//a[@class='skip']" })
        {
            Assert.NotNull(document.SelectSingleNode(landmark));
        }

        var policy = ((XmlElement)document.SelectSingleNode("//meta[@http-equiv]")!).GetAttribute("content");
        var style = document.SelectSingleNode("//style")!.InnerText;
        var script = document.SelectSingleNode("//script[not(@type)]")!.InnerText;
        Assert.Equal(
            $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'",
            policy);
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes_whatever_its_order()
    {
        var turned = new ReleaseSet(SyntheticReleases.Small.Releases.Reverse());
        Assert.Equal(Print(Report("sample", SyntheticReleases.Small)), Print(Report("sample", turned)));
    }

    [Fact]
    public void Every_answer_in_the_page_is_the_planners()
    {
        var releases = SyntheticReleases.Small;
        using var json = JsonDocument.Parse(Parse(Print(Report("sample", releases))).SelectSingleNode("//script[@id='plans']")!.InnerText);
        var planner = new Planner(releases);
        var paths = 0;
        foreach (var (graph, shown) in StepGraph.All(releases).Zip(json.RootElement.GetProperty("graphs").EnumerateArray()))
        {
            var versions = shown.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("version").GetString()).ToList();
            foreach (var (policy, answers) in StepPlans.Policies.Zip(shown.GetProperty("plans").EnumerateArray()))
            {
                Assert.Equal(graph.Nodes.Count, answers.GetArrayLength());
                foreach (var (node, answer) in graph.Nodes.Zip(answers.EnumerateArray()))
                {
                    var plan = planner.Plan(
                        new PlanRequest(graph.Family.Signature, graph.Loader, node.Release.Version) { Policy = policy });
                    Assert.Equal(plan.Path.Select(s => s.To.Spelling),
                        answer.GetProperty("path").EnumerateArray().Select(s => versions[s.GetProperty("to").GetInt32()]));
                    var during = answer.GetProperty("during").EnumerateArray()
                        .Select(n => shown.GetProperty("nodes")[n.GetInt32()].GetProperty("mrseam").GetString());
                    Assert.Equal(AttestationEffect.Of(releases, plan).During, during);
                    paths += plan.Path.Count > 0 ? 1 : 0;
                }
            }
        }

        Assert.True(paths > 50, $"{paths} paths");
    }

    [Fact]
    public void The_command_writes_good_and_bad_news_and_spares_what_is_not_its_own()
    {
        using var temp = new TempFolder();
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        string[] arguments = ["report", "html", temp["sample"], "--policy", "sample", "--out", temp["out"]];
        Assert.Contains("verified", Run.Tdxrel(arguments).Ends(0).Output, StringComparison.Ordinal);
        var first = File.ReadAllBytes(temp["out/index.html"]);
        Run.Tdxrel(arguments).Ends(0);
        Assert.Equal(first, File.ReadAllBytes(temp["out/index.html"]));

        var module = Directory.EnumerateFiles(temp["sample"], "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        Directory.Delete(temp["sample/.tdxrel"], recursive: true);
        var bytes = File.ReadAllBytes(module);
        bytes[^1] ^= 1;
        File.WriteAllBytes(module, bytes);
        Run.Tdxrel(arguments).Ends(4);
        var bad = File.ReadAllText(temp["out/index.html"]);
        Assert.Contains("NOT verified", bad, StringComparison.Ordinal);
        Assert.Contains("nothing unverified is ever a step", bad, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"plans\"", bad, StringComparison.Ordinal);

        File.WriteAllText(temp["out/index.html"], "mine");
        Assert.Contains("has changed \"index.html\"", Run.Tdxrel(arguments).Ends(6).Errors, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(temp["out/index.html"]));
        Assert.Contains("no public key", Run.Tdxrel("report", "html", temp.Path, "--out", temp["other"]).Ends(2).Errors,
            StringComparison.Ordinal);
        Run.Tdxrel("report", "html", temp["nothing"], "--out", temp["other"]).Ends(6);
    }

    private static ReleaseReport Report(string text, ReleaseSet releases) => new(
        text,
        ExitCode.Success,
        [.. releases.Releases.Select(r =>
            new ReportModule(r.Spelling, true, r.Svn, r.Cpus, new DateOnly(2026, 1, 1), r.MrSeam, text, text, 3072, r.IsDebug))],
        releases,
        [Finding(text)],
        [(text, text)])
    {
        Drift = [Finding(text)],
        Lock = text,
    };

    private static Finding Finding(string text) => new(TrustRules.All[0], text, new Location(text, 1, 2), text);

    private static ReleaseSet Rename(ReleaseSet releases, string text) =>
        new(releases.Releases.Select(r => r with { Spelling = $"{r.Spelling}{text}", ImagePath = text }));

    private static string Print(ReleaseReport report) => Encoding.UTF8.GetString(ReportSections.Write(report));

    private static XmlDocument Parse(string page)
    {
        var document = new XmlDocument { XmlResolver = null };
        using var reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        document.Load(reader);
        return document;
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    [GeneratedRegex(@"url\(#?([^)]*)\)")]
    private static partial Regex Urls();
}
