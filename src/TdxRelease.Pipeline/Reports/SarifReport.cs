using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Pipeline.Reports;

/// <summary>SARIF 2.1.0: one run, the metadata of every rule, a result for each finding.</summary>
internal static class SarifReport
{
    public static byte[] Write(CheckReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonReport.Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            var rules = Rules(report);
            WriteDriver(json, report, rules);
            WriteInvocation(json, report);
            json.Array("results", report.Findings, finding => WriteResult(json, finding, rules.IndexOf(finding.Rule)));
            json.WriteString("columnKind", "unicodeCodePoints");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>The rules applied, and those that findings bring from elsewhere.</summary>
    private static List<Rule> Rules(CheckReport report) => [.. report.Rules.Concat(report.Findings.Select(f => f.Rule)).Distinct()];

    private static void WriteDriver(Utf8JsonWriter json, CheckReport report, List<Rule> rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "tdxrel");
        json.WriteString("version", report.ToolVersion);
        json.Objects("rules", rules, rule =>
        {
            json.WriteString("id", rule.Id);
            WriteText(json, "shortDescription", rule.Title);
            WriteText(json, "fullDescription", $"{rule.Title}. Source: {rule.Source}.");
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", Level(rule.Severity));
            json.WriteEndObject();
            if (rule.Severity >= Severity.Error)
            {
                // Code scanning ranks by this number: 9 and above is critical, 7 and above high.
                json.WriteStartObject("properties");
                json.WriteString("security-severity", rule.Severity == Severity.Critical ? "9.5" : "7.5");
                json.WriteEndObject();
            }
        });
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInvocation(Utf8JsonWriter json, CheckReport report)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", true);
        json.WriteString("endTimeUtc", report.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        json.WriteStartObject("properties");
        json.WriteString("subject", report.Subject);
        json.WriteString("mode", report.Mode);
        json.WriteString("policy", report.PolicyName);
        json.WriteString("policySha256", report.PolicySha256);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteResult(Utf8JsonWriter json, Finding finding, int index)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Rule.Id);
        json.WriteNumber("ruleIndex", index);
        json.WriteString("level", Level(finding.Severity));
        WriteText(json, "message", finding.Message);
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Uri(finding.Location.File));
        json.WriteEndObject();
        if (finding.Location.Line > 0)
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", finding.Location.Line);
            json.WriteNumber("startColumn", Math.Max(1, finding.Location.Column));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        if (finding.Version is not null)
        {
            json.WriteStartObject("properties");
            json.WriteString("version", finding.Version);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static string Level(Severity severity) => severity switch
    {
        Severity.Note => "note",
        Severity.Warning => "warning",
        _ => "error",
    };

    /// <summary>A URI reference: each byte that RFC 3986 does not take in a path is percent-encoded.</summary>
    private static string Uri(string file)
    {
        var uri = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(file))
        {
            var plain = char.IsAsciiLetterOrDigit((char)b) || "/._-~+".Contains((char)b, StringComparison.Ordinal);
            uri.Append(plain ? ((char)b).ToString() : $"%{b:X2}");
        }

        return uri.ToString();
    }
}
