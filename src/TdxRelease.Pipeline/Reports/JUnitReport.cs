using System.Text;
using System.Xml;
using TdxRelease.Core.Findings;

namespace TdxRelease.Pipeline.Reports;

/// <summary>
/// JUnit XML: a passed test case for each sound module, then one for each finding: a failure if it fails the run, output otherwise.
/// </summary>
internal static class JUnitReport
{
    private static readonly XmlWriterSettings Settings =
        new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n" };

    public static byte[] Write(CheckReport report)
    {
        var sound = report.Modules.Where(m => m.Verified).Select(m => m.Version).ToList();
        if (sound.Count == 0 && report.Findings.Count == 0)
        {
            sound.Add(report.Subject);
        }

        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, Settings))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", "tdxrel");
            xml.WriteAttributeString("tests", XmlConvert.ToString(sound.Count + report.Findings.Count));
            xml.WriteAttributeString("failures", XmlConvert.ToString(report.Findings.Count(f => f.Fails)));
            xml.WriteAttributeString("errors", "0");
            xml.WriteAttributeString("time", "0");
            xml.WriteAttributeString("timestamp", report.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss"));
            foreach (var name in sound)
            {
                WriteCase(xml, name, null);
            }

            foreach (var finding in report.Findings)
            {
                WriteCase(xml, $"{finding.Rule.Id} {finding.Location}", finding);
            }

            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteCase(XmlWriter xml, string name, Finding? finding)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", finding is null ? "tdxrel.modules" : "tdxrel.findings");
        xml.WriteAttributeString("name", Clean(name));
        xml.WriteAttributeString("time", "0");
        if (finding is { Fails: true })
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("type", finding.Rule.Id);
            xml.WriteAttributeString("message", Clean(finding.Message));
            xml.WriteString(Clean($"{CheckReport.Word(finding.Severity)}: {finding}"));
            xml.WriteEndElement();
        }
        else if (finding is not null)
        {
            xml.WriteElementString("system-out", Clean($"{CheckReport.Word(finding.Severity)}: {finding}"));
        }

        xml.WriteEndElement();
    }

    /// <summary>XML 1.0 has no way to write most control characters and lone surrogates.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
            {
                clean.Append(text, i++, 2);
            }
            else
            {
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i].ToString() : $"\\u{(int)text[i]:x4}");
            }
        }

        return clean.ToString();
    }
}
