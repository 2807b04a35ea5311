using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Pipeline.Reports;

/// <summary>The formats in which findings are written.</summary>
public enum ReportFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>schemas/findings.schema.json.</summary>
    Json,

    /// <summary>SARIF 2.1.0, for code scanning.</summary>
    Sarif,

    /// <summary>JUnit XML, for CI.</summary>
    JUnit,

    /// <summary>A summary for the page of a CI job.</summary>
    Markdown,
}

/// <summary>
/// Writes a <see cref="CheckReport"/>. The same findings in the same order whatever the format; the bytes depend on the report alone.
/// </summary>
public static class ReportWriter
{
    /// <summary>The report as UTF-8 without a byte-order mark, with a line feed at the end.</summary>
    public static byte[] Write(CheckReport report, ReportFormat format)
    {
        var text = format switch
        {
            ReportFormat.Text => TextReport.Write(report),
            ReportFormat.Json => Encoding.UTF8.GetString(JsonReport.Write(report)),
            ReportFormat.Sarif => Encoding.UTF8.GetString(SarifReport.Write(report)),
            ReportFormat.JUnit => Encoding.UTF8.GetString(JUnitReport.Write(report)),
            ReportFormat.Markdown => MarkdownReport.Write(report),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        return Encoding.UTF8.GetBytes(UntrustedText.Document(text));
    }

    /// <summary>The format of that name: text, json, sarif, junit, markdown.</summary>
    /// <exception cref="TdxException">Exit 2, the name quoted.</exception>
    public static ReportFormat Parse(string name)
    {
        foreach (var format in Enum.GetValues<ReportFormat>())
        {
            if (format.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        throw new TdxException(ExitCode.Usage, $"\"{name}\" is not a report format, want text, json, sarif, junit or markdown");
    }
}
