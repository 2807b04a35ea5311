using System.Globalization;
using System.Xml;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Rpm;

namespace TdxRelease.Repositories;

/// <summary>Names of a dnf repository's files.</summary>
public static class DnfLayout
{
    /// <summary>Directory of the packages.</summary>
    public const string Packages = "Packages";
    /// <summary>Directory of the metadata.</summary>
    public const string Repodata = "repodata";
    /// <summary>The index.</summary>
    public const string Repomd = "repodata/repomd.xml";
    /// <summary>Armored signature of the index.</summary>
    public const string Signature = "repodata/repomd.xml.asc";
    /// <summary>Certificate of the signer.</summary>
    public const string Key = "repodata/repomd.xml.key";
    /// <summary>The metadata files that the index names.</summary>
    public static readonly string[] Kinds = ["filelists", "other", "primary"];
}

/// <summary>One metadata file as repomd.xml tells it.</summary>
/// <param name="Kind">primary, filelists or other.</param>
/// <param name="Path">Below the repository.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Length">Of the file.</param>
/// <param name="OpenSha256">Of its content.</param>
/// <param name="OpenLength">Of its content.</param>
internal sealed record DnfData(string Kind, string Path, string Sha256, long Length, string OpenSha256, long OpenLength)
{
    public static (DnfData Data, byte[] File) Make(string kind, byte[] content, Compression compression)
    {
        var file = Compressor.Compress(content, compression);
        var sha256 = RpmPackage.Hash(file);
        return (new DnfData(kind, $"{DnfLayout.Repodata}/{sha256}-{kind}.xml{compression.Extension}", sha256, file.Length,
            RpmPackage.Hash(content), content.Length), file);
    }
}

/// <summary>Writes and reads repomd.xml, the index that the signature covers.</summary>
internal static class DnfRepomd
{
    private const int MaxDepth = 32;

    public static byte[] Write(IEnumerable<DnfData> data, DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var xml = new DnfXml("repomd", DnfXml.Repo);
        xml.Text("revision", seconds);
        foreach (var item in data)
        {
            xml.Open("data", ("type", item.Kind));
            xml.Text("checksum", item.Sha256, ("type", "sha256"));
            xml.Text("open-checksum", item.OpenSha256, ("type", "sha256"));
            xml.Empty("location", ("href", item.Path));
            xml.Text("timestamp", seconds);
            xml.Text("size", item.Length.ToString(CultureInfo.InvariantCulture));
            xml.Text("open-size", item.OpenLength.ToString(CultureInfo.InvariantCulture));
            xml.Close();
        }

        return xml.ToArray();
    }

    /// <summary>Reads an index of our own form.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static IReadOnlyList<DnfData> Read(byte[] content, string name)
    {
        var document = Load(content, name);
        var data = new List<DnfData>();
        foreach (var item in document.DocumentElement!.ChildNodes.OfType<XmlElement>().Where(e => e.LocalName == "data"))
        {
            data.Add(new DnfData(
                item.GetAttribute("type"),
                Child(item, "location", name).GetAttribute("href"),
                Sha256(Child(item, "checksum", name), name),
                Length(Child(item, "size", name), name),
                Sha256(Child(item, "open-checksum", name), name),
                Length(Child(item, "open-size", name), name)));
        }

        var kinds = data.Select(d => d.Kind).Order(StringComparer.Ordinal).ToList();
        return kinds.SequenceEqual(DnfLayout.Kinds)
            ? data
            : throw new TdxException(ExitCode.BadInput,
                $"{name}: lists \"{string.Join(", ", kinds)}\", want {string.Join(", ", DnfLayout.Kinds)}: not a repository of tdxrel");
    }

    /// <summary>The packages that primary lists: path, SHA-256 and length.</summary>
    public static IReadOnlyList<(string Path, string Sha256, long Length)> ReadPrimary(byte[] content, string name)
    {
        var document = Load(content, name);
        return
        [
            .. document.DocumentElement!.ChildNodes.OfType<XmlElement>().Select(p => (
                Child(p, "location", name).GetAttribute("href"),
                Sha256(Child(p, "checksum", name), name),
                Length(Child(p, "size", name).GetAttribute("package"), name))),
        ];
    }

    private static XmlDocument Load(byte[] content, string name)
    {
        var document = new XmlDocument { XmlResolver = null };
        try
        {
            RequireShallow(content, name);
            using var reader = XmlReader.Create(new MemoryStream(content), DnfXml.Strict());
            document.Load(reader);
        }
        catch (Exception e) when (e is XmlException or ArgumentException)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: is not XML: {e.Message.TrimEnd('.')}", inner: e);
        }

        return document;
    }

    // XmlDocument reads the text of an element by recursion: what is deep enough would end the process.
    private static void RequireShallow(byte[] content, string name)
    {
        using var reader = XmlReader.Create(new MemoryStream(content), DnfXml.Strict());
        while (reader.Read())
        {
            if (reader.Depth > MaxDepth)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: elements are nested deeper than {MaxDepth}");
            }
        }
    }

    private static XmlElement Child(XmlElement parent, string child, string name)
    {
        var found = parent.ChildNodes.OfType<XmlElement>().Where(e => e.LocalName == child).ToList();
        return found.Count == 1 ? found[0]
            : throw new TdxException(ExitCode.BadInput, $"{name}: <{parent.LocalName}> has {found.Count} <{child}>, want one");
    }

    private static string Sha256(XmlElement checksum, string name) =>
        checksum.GetAttribute("type") == "sha256" && checksum.InnerText is { Length: 64 } hex && hex.All(char.IsAsciiHexDigitLower)
            ? hex
            : throw new TdxException(ExitCode.BadInput,
                $"{name}: \"{TdxRelease.Core.Files.SafePath.Printable(checksum.OuterXml)}\" is not a SHA-256");

    private static long Length(XmlElement element, string name) => Length(element.InnerText, name);

    private static long Length(string text, string name) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new TdxException(ExitCode.BadInput, $"{name}: \"{TdxRelease.Core.Files.SafePath.Printable(text)}\" is not a length");
}
