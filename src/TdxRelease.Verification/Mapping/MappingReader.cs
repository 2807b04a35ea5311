using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Mapping;

/// <summary>Reads mapping_file.json: every finding with line and column, and a model only if nothing failed.</summary>
public sealed class MappingReader
{
    /// <summary>The largest mapping file taken, in bytes (published ones: under 5 kB).</summary>
    public const int MaxLength = 1 << 20;

    private readonly JsonChecker json;
    private readonly MappingChecks checks;
    private readonly ICollection<Finding> findings;
    private readonly Strictness strictness;
    private readonly int length;

    /// <summary>Versions of all releases, those with other errors included: one error must not cause others elsewhere.</summary>
    private readonly HashSet<ModuleVersion> released = [];

    private MappingReader(ReadOnlyMemory<byte> utf8, string file, Strictness strictness, ICollection<Finding> findings)
    {
        this.findings = findings;
        this.strictness = strictness;
        length = utf8.Length;
        json = new JsonChecker(utf8, file, MappingRules.Json, strictness, findings, PositionedJson.SmallFile);
        checks = new MappingChecks(json);
    }

    /// <summary>Parses and checks the whole file.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="file">Its name in findings.</param>
    /// <param name="strictness">What unknown keys and header values weigh.</param>
    /// <param name="findings">Where findings go, in file order.</param>
    /// <returns>The model, or null if a finding at or above <see cref="Severity.Error"/> was added.</returns>
    public static MappingFile? Read(ReadOnlyMemory<byte> utf8, string file, Strictness strictness, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var mapping = new MappingReader(utf8, file, strictness, own).Read();
        foreach (var finding in own.OrderBy(f => f.Location.Line).ThenBy(f => f.Location.Column))
        {
            findings.Add(finding);
        }

        return own.Exists(f => f.Fails) ? null : mapping;
    }

    private MappingFile? Read()
    {
        if (length > MaxLength)
        {
            json.Add(MappingRules.Syntax, 0, $"the file has {length} bytes, the limit is {MaxLength}");
            return null;
        }

        if (json.Root() is not { } root)
        {
            return null;
        }

        json.Keys(root, "the document", ["Header", "tdx_module_releases"]);
        var header = Header(root);
        if (json.Member(root, "tdx_module_releases", JsonKind.Array, "the document") is not { } array)
        {
            return null;
        }

        if (array.Items.Count == 0)
        {
            json.Add(MappingRules.NoReleases, array.Offset, "tdx_module_releases is empty");
        }

        var releases = new List<(ModuleRelease Release, LocatedValue Json)>(array.Items.Count);
        foreach (var item in array.Items)
        {
            if (json.Require(item, JsonKind.Object, "a release") is { } value && Release(value) is { } release)
            {
                releases.Add((release, value));
            }
        }

        checks.Together(releases, released);
        return new MappingFile(header!, [.. releases.Select(r => r.Release).OrderBy(r => r.Version)]);
    }

    // Null where a finding says why, so that Read returns none.
    private string? Header(LocatedValue root)
    {
        if (json.Member(root, "Header", JsonKind.Object, "the document") is not { } header)
        {
            return null;
        }

        json.Keys(header, "Header", ["Copyright", "Info", "Version"]);
        json.Member(header, "Copyright", JsonKind.String, "Header");
        json.Member(header, "Info", JsonKind.String, "Header");
        if (json.Member(header, "Version", JsonKind.String, "Header") is not { } version)
        {
            return null;
        }

        if (version.Text != "1.0")
        {
            var severity = strictness == Strictness.Strict ? Severity.Error : Severity.Warning;
            findings.Add(new(MappingRules.HeaderVersion, severity, $"Header.Version is \"{version.Text}\", want \"1.0\"",
                json.At(version.Offset)));
        }

        return version.Text;
    }

    private ModuleRelease? Release(LocatedValue value)
    {
        var spelling = value["version"]?.Value is { Kind: JsonKind.String } named ? named.Text : null;
        var where = spelling is null ? "a release" : $"release \"{spelling}\"";
        json.Keys(value, where, ["version", "min_module_version_for_td_preserving", "min_seamldr_versions", "tdx_feature0"],
            ["strict_compat_versions"], spelling);

        var version = Version(value, "version", where, spelling);
        var minimum = Version(value, "min_module_version_for_td_preserving", where, spelling);
        var loaders = Versions(value, "min_seamldr_versions", where, spelling);
        var strict = Versions(value, "strict_compat_versions", where, spelling);
        var features = Features(value, where, spelling);
        if (version is not { } v)
        {
            return null;
        }

        released.Add(v.Version);
        checks.Minimum(v, minimum, where, spelling);
        checks.Loaders(loaders, where, spelling);
        checks.Strict(v, minimum, strict, where, spelling);
        return minimum is null || loaders is null || features is null || (strict is null && value["strict_compat_versions"] is not null)
            ? null
            : new ModuleRelease(v.Version, spelling!, minimum.Value.Version, [.. loaders.Select(l => l.Version).Order()], features.Value,
                strict is null ? null : [.. strict.Select(s => s.Version).Distinct().Order()], json.At(value.Offset));
    }

    private Located? Version(LocatedValue owner, string name, string where, string? spelling) =>
        json.Member(owner, name, JsonKind.String, where, spelling) is { } value ? ParseVersion(value, name, where, spelling) : null;

    private Located? ParseVersion(LocatedValue value, string name, string where, string? spelling)
    {
        if (!ModuleVersion.TryParse(value.Text, out var version))
        {
            json.Add(MappingRules.VersionSyntax, value.Offset,
                $"{where}: {name}: \"{value.Text}\" is not a version of the form major.minor.update", spelling);
            return null;
        }

        if (version.ToString() != value.Text)
        {
            json.Add(MappingRules.VersionSpelling, value.Offset, $"{where}: {name}: \"{value.Text}\" is spelled \"{version}\" by Linux",
                spelling);
        }

        return new Located(version, value.Offset);
    }

    private List<Located>? Versions(LocatedValue owner, string name, string where, string? spelling)
    {
        if (json.Member(owner, name, JsonKind.Array, where, spelling) is not { } array)
        {
            return null;
        }

        var versions = new List<Located>(array.Items.Count);
        var good = true;
        foreach (var item in array.Items)
        {
            if (json.Require(item, JsonKind.String, $"{where}: an item of \"{name}\"", spelling) is { } text
                && ParseVersion(text, name, where, spelling) is { } version)
            {
                versions.Add(version);
            }
            else
            {
                good = false;
            }
        }

        if (good && versions.Count == 0 && name == "min_seamldr_versions")
        {
            json.Add(MappingRules.LoadersEmpty, array.Offset, $"{where}: min_seamldr_versions is empty", spelling);
        }

        return good ? versions : null;
    }

    private ulong? Features(LocatedValue owner, string where, string? spelling)
    {
        if (json.Member(owner, "tdx_feature0", JsonKind.String, where, spelling) is not { } value)
        {
            return null;
        }

        if (!value.Text.StartsWith("0x", StringComparison.Ordinal) || value.Text.Length is < 3 or > 18
            || !ulong.TryParse(value.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var features))
        {
            json.Add(MappingRules.FeaturesSyntax, value.Offset,
                $"{where}: tdx_feature0: \"{value.Text}\" is not 0x and 1 to 16 hexadecimal digits", spelling);
            return null;
        }

        if ((features & TdxFeatures0.TdPreserving) == 0)
        {
            json.Add(MappingRules.NotPreserving, value.Offset, $"{where}: tdx_feature0 {value.Text} lacks bit 1 (TD_PRESERVING)", spelling);
        }

        return features;
    }
}
