using System.Text.Encodings.Web;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Pipeline.Reports;

/// <summary>The report of schemas/findings.schema.json.</summary>
internal static class JsonReport
{
    /// <summary>Indented, line feeds, and quotation marks left readable: the file goes to no browser.</summary>
    internal static JsonWriterOptions Options { get; } =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(CheckReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("format", "tdxrel-findings/1");
            json.WriteString("tool", $"tdxrel {report.ToolVersion}");
            json.WriteString("time", report.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
            json.WriteString("subject", report.Subject);
            json.WriteString("mode", report.Mode);
            json.WriteBoolean("passed", report.Passed);
            WriteWitnesses(json, report);
            json.WriteStartObject("counts");
            json.WriteNumber("rules", report.Rules.Count);
            foreach (var severity in Enum.GetValues<Severity>())
            {
                json.WriteNumber(CheckReport.Word(severity), report.Count(severity));
            }

            json.WriteEndObject();
            json.Array("modules", report.Modules, module => WriteModule(json, module));
            json.Array("findings", report.Findings, finding => WriteFinding(json, finding));
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteWitnesses(Utf8JsonWriter json, CheckReport report)
    {
        json.WriteStartObject("policy");
        json.WriteString("name", report.PolicyName);
        json.WriteString("sha256", report.PolicySha256);
        json.WriteEndObject();
        if (report.Published is not null)
        {
            json.WriteString("published", report.Published);
        }
    }

    private static void WriteModule(Utf8JsonWriter json, ModuleResult module)
    {
        json.WriteStartObject();
        json.WriteString("version", module.Version);
        json.WriteBoolean("verified", module.Verified);
        if (module.Facts is { } facts)
        {
            json.WriteString("mrseam", facts.MrSeam);
            json.WriteString("svn", facts.Svn.ToString());
            json.Strings("cpus", facts.Cpus.Select(cpu => cpu.ToString()));
            json.WriteString("signer", facts.Signer);
            json.WriteString("signerSha384", facts.SignerSha384);
            json.WriteNumber("keyBits", facts.KeyBits);
            json.WriteBoolean("debug", facts.IsDebug);
            if (facts.Date is { } date)
            {
                json.WriteString("date", date.ToString("yyyy-MM-dd"));
            }
        }

        json.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("rule", finding.Rule.Id);
        json.WriteString("severity", CheckReport.Word(finding.Severity));
        json.WriteString("message", finding.Message);
        json.WriteString("file", finding.Location.File);
        if (finding.Location.Line > 0)
        {
            json.WriteNumber("line", finding.Location.Line);
            json.WriteNumber("column", finding.Location.Column);
        }

        if (finding.Version is not null)
        {
            json.WriteString("version", finding.Version);
        }

        json.WriteEndObject();
    }
}
