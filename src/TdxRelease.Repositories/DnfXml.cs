using System.Globalization;
using System.Text;
using System.Xml;
using TdxRelease.Core.Findings;

namespace TdxRelease.Repositories;

/// <summary>XML as createrepo_c shapes it: UTF-8 without a byte-order mark, indented by two, LF.</summary>
internal sealed class DnfXml : IDisposable
{
    public const string Common = "http://linux.duke.edu/metadata/common";
    public const string Rpm = "http://linux.duke.edu/metadata/rpm";
    public const string FileLists = "http://linux.duke.edu/metadata/filelists";
    public const string Other = "http://linux.duke.edu/metadata/other";
    public const string Repo = "http://linux.duke.edu/metadata/repo";

    private readonly MemoryStream bytes = new();
    private readonly XmlWriter writer;
    private readonly string space;

    public DnfXml(string root, string space, int? packages = null)
    {
        this.space = space;
        writer = XmlWriter.Create(bytes,
            new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = "  ", NewLineChars = "\n" });
        writer.WriteStartElement(root, space);
        writer.WriteAttributeString(null, "xmlns", "http://www.w3.org/2000/xmlns/", space);
        if (space is Common or Repo)
        {
            writer.WriteAttributeString("xmlns", "rpm", null, Rpm);
        }

        if (packages is { } count)
        {
            Attribute("packages", count.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var parts = name.Split(':');
        if (parts.Length == 2)
        {
            writer.WriteStartElement(parts[0], parts[1], Rpm);
        }
        else
        {
            writer.WriteStartElement(name, space);
        }

        foreach (var (attribute, value) in attributes)
        {
            Attribute(attribute, value);
        }
    }

    public void Close() => writer.WriteEndElement();

    public void Empty(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        Close();
    }

    public void Text(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        writer.WriteString(Checked(text));
        Close();
    }

    public byte[] ToArray()
    {
        writer.WriteEndElement();
        writer.Flush();
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    public void Dispose()
    {
        writer.Dispose();
        bytes.Dispose();
    }

    /// <summary>A reader that follows nothing: no DTD, no entities, no resolver.</summary>
    public static XmlReaderSettings Strict() =>
        new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 64 << 20, IgnoreComments = true };

    private void Attribute(string name, string value) => writer.WriteAttributeString(name, Checked(value));

    private static string Checked(string text)
    {
        try
        {
            return XmlConvert.VerifyXmlChars(text);
        }
        catch (XmlException)
        {
            throw new TdxException(ExitCode.BadInput,
                $"\"{TdxRelease.Core.Files.SafePath.Printable(text)}\" holds a character that XML cannot");
        }
    }
}
