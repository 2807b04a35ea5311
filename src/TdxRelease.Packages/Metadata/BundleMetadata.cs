using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Metadata;

/// <summary>What one family of distributions wants.</summary>
/// <param name="License">Licence tag, an SPDX expression.</param>
/// <param name="Section">Debian section, rpm group.</param>
/// <param name="Recommends">Packages that should be installed beside it.</param>
/// <param name="Compression">gzip, zstd or xz.</param>
public sealed record BundleDistribution(string License, string Section, IReadOnlyList<string> Recommends, string Compression)
{
    /// <summary>The compression at its usual level.</summary>
    [JsonIgnore]
    public Compression Chosen => Compression switch
    {
        "gzip" => TdxRelease.Archives.Codecs.Compression.Gzip,
        "zstd" => TdxRelease.Archives.Codecs.Compression.Zstd,
        _ => TdxRelease.Archives.Codecs.Compression.Xz,
    };
}

/// <summary>bundle.json: names, sections, licence tags and maintainer of the packages (schemas/bundle.schema.json).</summary>
/// <param name="Format"><c>tdxrel-bundle/1</c>.</param>
/// <param name="Name">Package name.</param>
/// <param name="Maintainer"><c>Name &lt;mail&gt;</c>.</param>
/// <param name="Homepage">URL.</param>
/// <param name="Summary">One line.</param>
/// <param name="Description">Lines of the long text.</param>
public sealed partial record BundleMetadata(
    string Format,
    string Name,
    string Maintainer,
    string Homepage,
    string Summary,
    IReadOnlyList<string> Description)
{
    /// <summary>The largest file taken, in bytes.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>The defaults that are embedded here.</summary>
    public static BundleMetadata Default { get; } = ReadDefault();

    /// <summary>Whether the maintainer is still the placeholder of the defaults.</summary>
    [JsonIgnore]
    public bool HasPlaceholderMaintainer => Maintainer == Default.Maintainer;

    /// <summary>What the file says of single formats, by their names; formats that it leaves out have their defaults.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, BundleDistribution> Formats { get; private set; } = new Dictionary<string, BundleDistribution>();

    private JsonNode? document;

    /// <summary>All that the file says, as JSON.</summary>
    public JsonObject ToJson() => (JsonObject)document!.DeepClone();

    /// <summary>The same as it stands in the file.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; set; }

    /// <summary>A file, or the defaults where none is named.</summary>
    /// <exception cref="TdxException">Exit 3 or 6.</exception>
    public static BundleMetadata Load(string? file) => file is null ? Default : Parse(InputFile.Read(file, MaxLength), file);

    /// <summary>What a format's packages say.</summary>
    public BundleDistribution Of(DistributionFormat format) => Formats.GetValueOrDefault(format.Name) ?? format.Defaults;

    /// <summary>Reads bundle.json; unknown, missing and repeated keys, comments and trailing commas are refused.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="TdxException">Exit 3, with line and column where JSON itself is wrong.</exception>
    public static BundleMetadata Parse(ReadOnlySpan<byte> json, string name = "bundle.json")
    {
        if (json.Length > MaxLength)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: {json.Length} bytes, the limit is {MaxLength}");
        }

        try
        {
            var metadata = JsonSerializer.Deserialize(json, BundleJson.Default.BundleMetadata) ?? throw new TdxException(ExitCode.BadInput, $"{name}: is null");
            metadata.Formats = (metadata.Others ?? new Dictionary<string, JsonElement>()).ToDictionary(o => o.Key, o => Distribution(o.Key, o.Value, name));
            metadata.Require(name);
            metadata.document = JsonNode.Parse(json);
            return metadata;
        }
        catch (JsonException e)
        {
            var at = e.LineNumber is { } line ? $":{line + 1}:{(e.BytePositionInLine ?? 0) + 1}" : "";
            throw new TdxException(ExitCode.BadInput, $"{name}{at}: {Reason(e)}", inner: e);
        }
    }

    private static BundleDistribution Distribution(string key, JsonElement value, string name) =>
        !PackageFormats.All.Any(f => f is DistributionFormat && f.Name == key) ? throw new TdxException(ExitCode.BadInput, $"{name}: unknown key \"{SafePath.Printable(key)}\"")
        : value.Deserialize(BundleJson.Default.BundleDistribution) ?? throw new TdxException(ExitCode.BadInput, $"{name}: \"{key}\" is null");

    private void Require(string name)
    {
        Check(name, "format", Format, FormatPattern(), "\"tdxrel-bundle/1\"");
        Check(name, "name", Name, NamePattern(), "lower-case letters, digits, \"+\", \"-\" and \".\"");
        Check(name, "maintainer", Maintainer, MaintainerPattern(), "\"Name <mail@host>\"");
        Check(name, "homepage", Homepage, UrlPattern(), "a http or https URL");
        Check(name, "summary", Summary, SummaryPattern(), "one line of at most 80 characters without a full stop at the end");
        foreach (var line in Description ?? [])
        {
            Check(name, "description", line, LinePattern(), "lines without control characters");
        }

        if (Description is null or [])
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: \"description\" is empty or missing");
        }

        foreach (var (key, distribution) in Formats)
        {
            Check(name, $"{key}.license", distribution.License, LicensePattern(), "an SPDX expression");
            Check(name, $"{key}.section", distribution.Section, SectionPattern(), "letters, digits, blanks, \"/\" and \"-\"");
            Check(name, $"{key}.compression", distribution.Compression, CompressionPattern(), "\"gzip\", \"zstd\" or \"xz\"");
            foreach (var package in distribution.Recommends ?? throw new TdxException(ExitCode.BadInput, $"{name}: \"{key}.recommends\" is missing"))
            {
                Check(name, $"{key}.recommends", package, NamePattern(), "package names");
            }

            if (distribution.Recommends.GroupBy(p => p, StringComparer.Ordinal).FirstOrDefault(p => p.Count() > 1) is { } twice)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: \"{key}.recommends\" names \"{twice.Key}\" twice");
            }
        }
    }

    // The serializer takes null for an item of a list of texts, and gives it for what is missing: unknown keys are told of first.
    private static void Check(string file, string key, string? value, Regex pattern, string want)
    {
        if (value is null || !pattern.IsMatch(value))
        {
            throw new TdxException(ExitCode.BadInput, $"{file}: \"{key}\" is {(value is null ? "null or missing" : $"\"{SafePath.Printable(value)}\"")}, want {want}");
        }
    }

    private static string Reason(JsonException e)
    {
        var text = e.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.', ' ');
        return text.Length == 0 ? "is not JSON" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    private static BundleMetadata ReadDefault()
    {
        using var stream = typeof(BundleMetadata).Assembly.GetManifestResourceStream("bundle.json")
            ?? throw new TdxException(ExitCode.InternalError, "the embedded bundle.json is missing");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Parse(bytes.ToArray(), "embedded bundle.json");
    }

    [GeneratedRegex(@"\Atdxrel-bundle/1\z")]
    private static partial Regex FormatPattern();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]+\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[^<>\s,][^<>\x00-\x1f,]* <[^<>@\s]+@[^<>@\s]+>\z")]
    private static partial Regex MaintainerPattern();

    [GeneratedRegex(@"\Ahttps?://[!-~]+\z")]
    private static partial Regex UrlPattern();

    [GeneratedRegex(@"\A[^\x00-\x20][^\x00-\x1f]{0,78}[^\x00-\x20.]\z")]
    private static partial Regex SummaryPattern();

    [GeneratedRegex(@"\A[^\x00-\x1f]*\z")]
    private static partial Regex LinePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*\z")]
    private static partial Regex LicensePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9 /-]+\z")]
    private static partial Regex SectionPattern();

    [GeneratedRegex(@"\A(gzip|zstd|xz)\z")]
    private static partial Regex CompressionPattern();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BundleMetadata))]
[JsonSerializable(typeof(BundleDistribution))]
internal sealed partial class BundleJson : JsonSerializerContext;
