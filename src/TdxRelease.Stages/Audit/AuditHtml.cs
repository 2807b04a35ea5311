using System.Net;
using System.Text;
using TdxRelease.Bundles.Auditing;

namespace TdxRelease.Stages.Audit;

/// <summary>The audit as one HTML page: no script, no font, no picture, nothing fetched. Everything that came from the input is escaped.</summary>
public static class AuditHtml
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1a1a1a;background:#fff}
        table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ccc}
        td{overflow-wrap:anywhere}.yes{color:#05620f}.no{color:#a30000;font-weight:bold}.unknown{color:#6a4a00}code{font-size:13px}
        @media (prefers-color-scheme:dark){body{background:#161616;color:#eee}.yes{color:#6fdc7c}.no{color:#ff8a80}.unknown{color:#f1c40f}th,td{border-color:#444}}
        """;

    /// <summary>The page as UTF-8. The bytes depend on the report alone.</summary>
    public static byte[] Write(AuditReport report)
    {
        var verdict = report.Passed ? "Audit passed" : "Audit FAILED";
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append($"<title>{verdict}: {Text(report.Subject)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n")
            .Append($"<h1 class=\"{(report.Passed ? "yes" : "no")}\">{verdict}</h1>\n<p><code>{Text(report.Subject)}</code></p>\n");
        Table(page, "Verdict", ["Question", "Answer", "Why"], report.Answers.Select(a => ($"{a.Word}", (string[])[a.Question, a.Verdict == AuditVerdict.No ? "NO" : a.Word, a.Reason])));
        Table(page, "What was audited", ["Part", "Kind", "Bundle", "Sequence", "Expires", "Modules"], report.Parts.Select(p => (
            p.Passed ? "yes" : "no",
            (string[])[p.Name, p.Kind, p.Manifest?.Name ?? "not accepted", $"{p.Manifest?.Sequence}", $"{p.Manifest?.Expires:yyyy-MM-dd}", $"{p.Modules}"])));
        if (report.Manifest is { } manifest)
        {
            Table(page, "Modules", ["Version", "SVN", "CPUs", "Date", "MRSEAM"], manifest.Modules.Select(m => (
                "", (string[])[m.Version.ToString(), m.Svn.ToString(), string.Join(", ", m.Cpus.Select(c => Modules.Cpu.CpuFamily.Of(c).Name)), $"{m.Date:yyyy-MM-dd}", m.MrSeam])));
        }

        Table(page, "Findings", ["Severity", "Rule", "Place", "What was found"], report.Findings.Select(f => (
            f.Fails ? "no" : "unknown", (string[])[f.Severity.ToString().ToLowerInvariant(), f.Rule.Id, f.Place.ToString(), f.Message])));
        return Encoding.UTF8.GetBytes(page.Append($"<p>tdxrel {Text(ToolVersion.Text)}</p>\n</body>\n</html>\n").ToString());
    }

    private static void Table(StringBuilder page, string title, string[] heads, IEnumerable<(string Style, string[] Cells)> rows)
    {
        page.Append($"<h2>{title}</h2>\n<table>\n<tr>{string.Concat(heads.Select(h => $"<th scope=\"col\">{h}</th>"))}</tr>\n");
        var any = false;
        foreach (var (style, cells) in rows)
        {
            any = true;
            page.Append($"<tr>{string.Concat(cells.Select((c, i) => i == 1 && style.Length > 0 ? $"<td class=\"{style}\">{Text(c)}</td>" : $"<td>{Text(c)}</td>"))}</tr>\n");
        }

        page.Append(any ? "</table>\n" : $"<tr><td colspan=\"{heads.Length}\">none</td></tr>\n</table>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(Reports.TextReport.OneLine(text));
}
