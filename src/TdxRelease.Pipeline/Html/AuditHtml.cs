using TdxRelease.Release.Audit;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Pipeline.Html;

/// <summary>
/// The audit as one HTML page: no script, no font, no picture, nothing fetched. Everything that came from the input is escaped.
/// </summary>
public static class AuditHtml
{
    /// <summary>The page as UTF-8. The bytes depend on the report alone.</summary>
    public static byte[] Write(AuditReport report)
    {
        var page = new HtmlPage();
        Verdict(page, report);
        if (report.Manifest is { } manifest)
        {
            page.Section("modules", "Modules")
                .Table("Modules of the newest bundle", ["Version", "SVN", "CPUs", "Date", "MRSEAM"], manifest.Modules.Select(m => (Cell[])
            [
                m.Version.ToString(), m.Svn.ToString(),
                string.Join(", ", m.Cpus.Select(c => CpuFamily.Of(c).Name)), new($"{m.Date:yyyy-MM-dd}", "keep"), new(m.MrSeam, "hash"),
            ])).EndSection();
        }

        page.Section("findings", "Findings");
        ReportSections.Findings(page, "Everything that was found", report.Findings);
        page.EndSection();
        return page.ToBytes(report.Passed ? "Audit passed" : "Audit FAILED", $"<p>{HtmlPage.Escape(report.Subject)}</p>\n", report.Passed,
            PageStyle.Text);
    }

    internal static void Verdict(HtmlPage page, AuditReport report)
    {
        page.Section("verdict", "Verdict")
            .Table("What a receiver wants to know", ["Question", "Answer", "Why"], report.Answers.Select(a => (Cell[])
        [
            new(a.Question, "keep"), new(a.Verdict == AuditVerdict.No ? "NO" : a.Word, a.Word), new(a.Reason, "long"),
        ])).EndSection();
        page.Section("audited", "What was audited")
            .Table("Everything that holds a bundle", ["Part", "Kind", "Result", "Bundle", "Sequence", "Expires", "Modules"],
            report.Parts.Select(p => (Cell[])
        [
            p.Name, p.Kind, p.Passed ? new Cell("passed", "yes") : new Cell("FAILED", "no"), p.Manifest?.Name ?? "not accepted",
            $"{p.Manifest?.Sequence}", new($"{p.Manifest?.Expires:yyyy-MM-dd}", "keep"), $"{p.Modules}",
        ])).EndSection();
    }
}
