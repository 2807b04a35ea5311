using System.Text;

namespace TdxRelease.Pipeline.Reports;

/// <summary>The report for people: what was checked, each module, each finding, the verdict last.</summary>
public static class TextReport
{
    /// <summary>Writes the report.</summary>
    public static string Write(CheckReport report)
    {
        var text = new StringBuilder();
        text.Append($"checked {report.Subject} ({report.Mode}, {report.Rules.Count} rules)\n");
        text.Append($"against policy \"{report.PolicyName}\" ({report.PolicySha256})\n");
        if (report.Published is not null)
        {
            text.Append($"against published list: {report.Published}\n");
        }

        foreach (var module in report.Modules)
        {
            text.Append($"  {module.Version}  {(module.Verified ? "verified" : "REFUSED ")}");
            text.Append(module.Facts is { } f ? $"  svn {f.Svn}  RSA-{f.KeyBits}  {f.Signer}{(f.IsDebug ? "  DEBUG" : "")}\n" : "\n");
        }

        foreach (var finding in report.Findings)
        {
            text.Append($"{CheckReport.Word(finding.Severity)}: {finding}\n");
        }

        return text.Append($"{(report.Passed ? "passed" : "FAILED")}: {report.Summary()}\n").ToString();
    }
}
