using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Html;
using TdxRelease.Release.Audit;

namespace TdxRelease.Tests.Release;

public class AuditCaseTests(AuditSample sample) : IClassFixture<AuditSample>
{
    public static TheoryData<string> Names() => [.. Cases()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_tampered_release_is_refused_for_its_own_reason_and_a_good_one_passes(string name)
    {
        var file = AuditCase.Load(name, sample);
        var report = file.Run();
        var failing = report.Findings.Where(f => f.Fails).ToList();
        Assert.True(
            file.Expected.SequenceEqual(failing.Select(f => f.Rule.Id).Distinct().Order(StringComparer.Ordinal)),
            $"want {string.Join(" ", file.Expected)}, got:\n{string.Join("\n", report.Findings)}");
        Assert.Equal(name.EndsWith("_fail", StringComparison.Ordinal), !report.Passed);
        Assert.Equal(name.EndsWith("_fail", StringComparison.Ordinal), report.Answers.Any(a => a.Verdict == AuditVerdict.No));
        Assert.All(failing, f => Assert.False(f.Message.EndsWith('.') || f.Message.Length == 0, f.ToString()));
        var page = Encoding.UTF8.GetString(AuditHtml.Write(report));
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_at_least_forty_bad_cases_and_each_says_in_one_line_what_is_wrong()
    {
        Assert.True(Cases().Count(n => n.EndsWith("_fail", StringComparison.Ordinal)) >= 40);
        Assert.All(Cases(), n => Assert.True(File.ReadAllLines(Path.Combine(AuditCase.Folder, n, "README.md")) is [{ Length: > 20 }], n));
    }

    [Fact]
    public void What_nobody_checked_is_unknown()
    {
        var deb = AuditCase.Load("good-deb", sample).Run();
        Assert.Equal(AuditVerdict.Unknown, deb.Answers.Single(a => a.Id == AuditQuestion.Newest).Verdict);
        Assert.Equal(AuditVerdict.Yes, deb.Answers.Single(a => a.Id == AuditQuestion.Unchanged).Verdict);
        Assert.Equal(AuditVerdict.Yes, AuditCase.Load("good-seen", sample).Run().Answers.Single(a => a.Id == AuditQuestion.Newest).Verdict);
        Assert.All(AuditCase.Load("wrong-key_fail", sample).Run().Answers, a => Assert.NotEqual(AuditVerdict.Yes, a.Verdict));
    }

    private static IEnumerable<string> Cases() =>
        Directory.GetDirectories(AuditCase.Folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);
}
