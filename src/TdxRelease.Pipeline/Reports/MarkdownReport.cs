using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Pipeline.Reports;

/// <summary>The summary for the page of a CI job.</summary>
internal static class MarkdownReport
{
    public static string Write(CheckReport report)
    {
        var text = new StringBuilder();
        text.Append($"## {(report.Passed ? "Passed" : "Failed")}: {report.Summary()}\n\n");
        text.Append($"Checked {Cell(report.Subject)} ({report.Mode}, {report.Rules.Count} rules) "
            + $"against policy {Cell(report.PolicyName)} (`{report.PolicySha256}`).\n");
        if (report.Published is not null)
        {
            text.Append($"Published list: {Cell(report.Published)}.\n");
        }

        if (report.Modules.Count > 0)
        {
            text.Append("\n| module | verdict | SVN | key | MRSEAM |\n|---|---|---|---|---|\n");
            foreach (var module in report.Modules)
            {
                var facts = module.Facts is { } f ? $"{f.Svn} | RSA-{f.KeyBits}, {Cell(f.Signer)} | `{f.MrSeam}`" : " | | ";
                text.Append($"| {Cell(module.Version)} | {(module.Verified ? "verified" : "**refused**")} | {facts} |\n");
            }
        }

        if (report.Findings.Count > 0)
        {
            text.Append("\n| severity | rule | where | what |\n|---|---|---|---|\n");
            foreach (var finding in report.Findings)
            {
                var place = Cell(finding.Location.ToString());
                text.Append($"| {CheckReport.Word(finding.Severity)} | {finding.Rule.Id} | {place} | {Cell(finding.Message)} |\n");
            }
        }

        return text.ToString();
    }

    /// <summary>Text from inputs must neither end the cell nor become markup.</summary>
    internal static string Cell(string text)
    {
        var cell = new StringBuilder();
        var visible = UntrustedText.Visible(text);
        for (var i = 0; i < visible.Length; i++)
        {
            var c = visible[i];
            cell.Append(c switch
            {
                // A bare URL becomes a link, and a name behind @ a message to somebody.
                ':' when visible.AsSpan(i).StartsWith("://", StringComparison.Ordinal) => "\\:",
                '.' when visible.AsSpan(0, i).EndsWith("www", StringComparison.OrdinalIgnoreCase) => "\\.",
                '@' => "\\@",
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '|' or '`' or '*' or '_' or '[' or ']' or '\\' or '#' or '!' => $"\\{c}",
                _ => c.ToString(),
            });
        }

        return cell.ToString();
    }
}
