using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Metadata;

/// <summary>
/// What one family of distributions wants. In a file each may be left out, though not be null; <see cref="BundleMetadata.Of"/> fills in the
/// defaults.
/// </summary>
public sealed record BundleDistribution
{
    /// <summary>Licence tag, an SPDX expression.</summary>
    public string License { get; init; } = null!;

    /// <summary>Debian section; other distributions have none, and say it here in vain.</summary>
    public string Section { get; init; } = null!;

    /// <summary>
    /// Packages that must be installed beside it, besides those of the host updater; in the distribution's own notation, with versions and
    /// alternatives.
    /// </summary>
    public IReadOnlyList<string> Depends { get; init; } = null!;

    /// <summary>Packages that should be installed beside it.</summary>
    public IReadOnlyList<string> Recommends { get; init; } = null!;

    /// <summary>Packages that may be of use.</summary>
    public IReadOnlyList<string> Suggests { get; init; } = null!;

    /// <summary>gzip, zstd or xz.</summary>
    public string Compression { get; init; } = null!;

    /// <summary>Debian: the distribution that the changelog names, for example <c>unstable</c>.</summary>
    public string Distribution { get; init; } = null!;

    /// <summary>Debian: suite and codename of the repository.</summary>
    public string Suite { get; init; } = null!;

    /// <summary>Debian: the architectures of the repository's users, besides <c>all</c>.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = null!;

    /// <summary>Debian: URL of the git repository that <c>debian/</c> is kept in; empty for none.</summary>
    public string Vcs { get; init; } = null!;

    /// <summary>The compression at its usual level.</summary>
    [JsonIgnore]
    public Compression Chosen => Compression switch
    {
        "gzip" => TdxRelease.Archives.Codecs.Compression.Gzip,
        "zstd" => TdxRelease.Archives.Codecs.Compression.Zstd,
        _ => TdxRelease.Archives.Codecs.Compression.Xz,
    };

    /// <summary>The same with what it leaves out.</summary>
    internal BundleDistribution Or(BundleDistribution defaults) => new()
    {
        License = License ?? defaults.License,
        Section = Section ?? defaults.Section,
        Depends = Depends ?? defaults.Depends,
        Recommends = Recommends ?? defaults.Recommends,
        Suggests = Suggests ?? defaults.Suggests,
        Compression = Compression ?? defaults.Compression,
        Distribution = Distribution ?? defaults.Distribution,
        Suite = Suite ?? defaults.Suite,
        Architectures = Architectures ?? defaults.Architectures,
        Vcs = Vcs ?? defaults.Vcs,
    };
}

/// <summary>
/// bundle.json: names, sections, licence tags and maintainer of the packages (schemas/bundle.schema.json). What it leaves out is the
/// default.
/// </summary>
public sealed partial record BundleMetadata
{
    /// <summary><c>tdxrel-bundle/1</c>.</summary>
    public string Format { get; init; } = "";

    /// <summary>Package name.</summary>
    public string Name { get => field ?? Default.Name; init; }

    /// <summary><c>Name &lt;mail&gt;</c>.</summary>
    public string Maintainer { get => field ?? Default.Maintainer; init; }

    /// <summary>URL.</summary>
    public string Homepage { get => field ?? Default.Homepage; init; }

    /// <summary>One line.</summary>
    public string Summary { get => field ?? Default.Summary; init; }

    /// <summary>Lines of the long text.</summary>
    public IReadOnlyList<string> Description { get => field ?? Default.Description; init; }

    /// <summary>The largest file taken, in bytes.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>The defaults that are embedded here, which leave nothing out.</summary>
    public static BundleMetadata Default { get; } = Parse(DefaultText.Span, "embedded bundle.json");

    /// <summary>The embedded file itself: a complete example.</summary>
    public static ReadOnlyMemory<byte> DefaultText => ReadDefault();

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
    public BundleDistribution Of(DistributionFormat format) =>
        Formats.GetValueOrDefault(format.Name)?.Or(format.Defaults) ?? format.Defaults;

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
            var metadata = JsonSerializer.Deserialize(json, BundleJson.Default.BundleMetadata)
                ?? throw new TdxException(ExitCode.BadInput, $"{name}: is null");
            metadata.Formats = (metadata.Others ?? new Dictionary<string, JsonElement>())
                .ToDictionary(o => o.Key, o => Distribution(o.Key, o.Value, name));
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
        !DistributionFormats.All.Any(f => f.Name == key)
        ? throw new TdxException(ExitCode.BadInput, $"{name}: unknown key \"{SafePath.Printable(key)}\"")
        : value.Deserialize(BundleJson.Default.BundleDistribution)
        ?? throw new TdxException(ExitCode.BadInput, $"{name}: \"{key}\" is null");

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

        if (Description is [])
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: \"description\" is empty");
        }

        foreach (var (key, distribution) in Formats)
        {
            Require(name, key, distribution);
        }
    }

    private static void Require(string name, string key, BundleDistribution distribution)
    {
        Optional(name, $"{key}.license", distribution.License, LicensePattern(), "an SPDX expression");
        Optional(name, $"{key}.section", distribution.Section, SectionPattern(), "letters, digits, blanks, \"/\" and \"-\"");
        Optional(name, $"{key}.compression", distribution.Compression, CompressionPattern(), "\"gzip\", \"zstd\" or \"xz\"");
        Optional(name, $"{key}.distribution", distribution.Distribution, WordPattern(), "letters, digits, \".\", \"_\" and \"-\"");
        Optional(name, $"{key}.suite", distribution.Suite, WordPattern(), "letters, digits, \".\", \"_\" and \"-\"");
        Optional(name, $"{key}.vcs", distribution.Vcs, VcsPattern(), "a https URL, or \"\"");
        List(name, $"{key}.architectures", distribution.Architectures, ArchitecturePattern(), "names of architectures such as \"amd64\"");
        List(name, $"{key}.depends", distribution.Depends, RelationPattern(), "packages in the distribution's notation");
        List(name, $"{key}.recommends", distribution.Recommends, RelationPattern(), "packages in the distribution's notation");
        List(name, $"{key}.suggests", distribution.Suggests, RelationPattern(), "packages in the distribution's notation");
    }

    private static void Optional(string file, string key, string? value, Regex pattern, string want)
    {
        if (value is not null)
        {
            Check(file, key, value, pattern, want);
        }
    }

    private static void List(string file, string key, IReadOnlyList<string>? values, Regex pattern, string want)
    {
        foreach (var value in values ?? [])
        {
            Check(file, key, value, pattern, want);
        }

        if (values?.GroupBy(p => p, StringComparer.Ordinal).FirstOrDefault(p => p.Count() > 1) is { } twice)
        {
            throw new TdxException(ExitCode.BadInput, $"{file}: \"{key}\" names \"{SafePath.Printable(twice.Key)}\" twice");
        }
    }

    // The serializer takes null for an item of a list of texts, and gives it for what is missing: unknown keys are told of first.
    private static void Check(string file, string key, string? value, Regex pattern, string want)
    {
        if (value is null || !pattern.IsMatch(value))
        {
            throw new TdxException(ExitCode.BadInput,
                $"{file}: \"{key}\" is {(value is null ? "null or missing" : $"\"{SafePath.Printable(value)}\"")}, want {want}");
        }
    }

    private static string Reason(JsonException e)
    {
        var text = e.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.', ' ');
        return text.Length == 0 ? "is not JSON" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    private static byte[] ReadDefault()
    {
        using var stream = typeof(BundleMetadata).Assembly.GetManifestResourceStream("bundle.json")
            ?? throw new TdxException(ExitCode.InternalError, "the embedded bundle.json is missing");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
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

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"\A(https://[!-~]+)?\z")]
    private static partial Regex VcsPattern();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]*\z")]
    private static partial Regex ArchitecturePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+._~:()|<>= -]*\z")]
    private static partial Regex RelationPattern();

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
