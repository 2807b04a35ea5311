using System.Globalization;
using System.Text;
using System.Xml;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Metadata;

/// <summary>
/// AppStream metainfo, so that software centres can name the package. The type is "generic": the type "firmware" is for devices that fwupd
/// flashes.
/// </summary>
public static class AppStream
{
    /// <summary>The licence of the metadata itself, one that AppStream calls permissive.</summary>
    public const string License = "FSFAP";

    /// <summary>Its text.</summary>
    public const string LicenseText = """
        Copying and distribution of this file, with or without modification,
        are permitted in any medium without royalty provided the copyright
        notice and this notice are preserved. This file is offered as-is,
        without any warranty.
        """;

    /// <summary>Where distributions look for it, without the leading slash.</summary>
    public static string Path(string componentId) => $"usr/share/metainfo/{componentId}.metainfo.xml";

    /// <summary>The document, UTF-8.</summary>
    /// <param name="spec">The package; its changelog gives the releases.</param>
    /// <param name="componentId">Reverse-DNS id, for example <c>com.intel.tdx_module</c>.</param>
    /// <param name="metadataLicense">Licence of this metadata, one of AppStream's permissive ones.</param>
    /// <exception cref="TdxException">Exit 3: the id is none.</exception>
    public static byte[] Build(PackageSpec spec, string componentId, string metadataLicense = License)
    {
        if (!componentId.Contains('.', StringComparison.Ordinal)
            || componentId.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '.' and not '_'))
        {
            throw new TdxException(ExitCode.BadInput,
                $"AppStream id \"{SafePath.Printable(componentId)}\": want letters, digits, \"_\" and at least one \".\"");
        }

        using var output = new MemoryStream();
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n" };
        using (var xml = XmlWriter.Create(output, settings))
        {
            xml.WriteStartElement("component");
            xml.WriteAttributeString("type", "generic");
            xml.WriteElementString("id", componentId);
            xml.WriteElementString("metadata_license", metadataLicense);
            xml.WriteElementString("project_license", spec.License);
            xml.WriteElementString("name", spec.Name);
            xml.WriteElementString("summary", spec.Summary);
            Description(xml, spec.Description);
            xml.WriteStartElement("url");
            xml.WriteAttributeString("type", "homepage");
            xml.WriteString(spec.Homepage);
            xml.WriteEndElement();
            xml.WriteStartElement("developer");
            xml.WriteAttributeString("id", string.Join('.', componentId.Split('.').Take(2)));
            xml.WriteElementString("name", spec.Maintainer.Split(" <")[0]);
            xml.WriteEndElement();
            Releases(xml, spec);
            xml.WriteEndElement();
        }

        return [.. output.ToArray(), (byte)'\n'];
    }

    private static void Description(XmlWriter xml, string description)
    {
        xml.WriteStartElement("description");
        foreach (var paragraph in description.Trim().Split("\n\n"))
        {
            xml.WriteElementString("p",
                string.Join(' ', paragraph.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        }

        xml.WriteEndElement();
    }

    private static void Releases(XmlWriter xml, PackageSpec spec)
    {
        xml.WriteStartElement("releases");
        foreach (var entry in spec.Changelog)
        {
            xml.WriteStartElement("release");
            xml.WriteAttributeString("version", entry.Version);
            xml.WriteAttributeString("date", entry.Time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            xml.WriteStartElement("description");
            xml.WriteStartElement("ul");
            foreach (var line in entry.Lines)
            {
                xml.WriteElementString("li", line);
            }

            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }
}
