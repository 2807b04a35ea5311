using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Modules;

/// <summary>
/// The measurements that a vendor publishes apart from the binaries: an independent witness. The embedded list holds Intel's.
/// The file: <c>format</c>, <c>source</c>, <c>date</c> (yyyy-mm-dd), <c>signer</c> (SHA-384 of the stored
/// modulus of the key that the list speaks about) and <c>modules</c>, an object from version to MRSEAM.
/// </summary>
public sealed record PublishedList
{
    /// <summary>Where the facts come from.</summary>
    public required string Source { get; init; }

    /// <summary>The day on which they were taken.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>The signer whose modules are listed: SHA-384 of the stored modulus, 96 hex digits.</summary>
    public required string Signer { get; init; }

    /// <summary>MRSEAM by version, sorted.</summary>
    public required IReadOnlyDictionary<ModuleVersion, string> Modules { get; init; }

    /// <summary>The embedded list of Intel's releases.</summary>
    public static PublishedList Default { get; } = Read(Resource(), "published-mrseam.json");

    /// <summary>Reads a list.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="file">Its name in messages.</param>
    /// <exception cref="TdxException">Exit 3 with the first finding.</exception>
    public static PublishedList Read(ReadOnlyMemory<byte> utf8, string file)
    {
        var findings = new List<Finding>();
        return Read(utf8, file, findings)
            ?? throw new TdxException(ExitCode.BadInput, findings.First(f => f.Fails).ToString(), "docs/published.md describes the file");
    }

    /// <summary>Reads a list and collects what is wrong with it.</summary>
    /// <returns>Null where a finding fails.</returns>
    public static PublishedList? Read(ReadOnlyMemory<byte> utf8, string file, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var list = Read(new JsonChecker(utf8, file, CrossRules.ListJson, Strictness.Strict, own, PositionedJson.SmallFile));
        foreach (var finding in own)
        {
            findings.Add(finding);
        }

        return own.Exists(f => f.Fails) ? null : list;
    }

    private static PublishedList? Read(JsonChecker json)
    {
        const string Where = "the published list";
        if (json.Root() is not { } root)
        {
            return null;
        }

        json.Keys(root, Where, ["format", "source", "date", "signer", "modules"]);
        Value(json, root, "format", t => t == "tdxrel-published/1", "want \"tdxrel-published/1\"");
        var source = Value(json, root, "source", t => t.Length > 0, "want a text");
        var date = Value(json, root, "date",
            t => DateOnly.TryParseExact(t, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), "want yyyy-mm-dd");
        var signer = Value(json, root, "signer", t => Hex.Is(t, 96), "want 96 lower-case hexadecimal digits");
        var modules = json.Member(root, "modules", JsonKind.Object, Where) is { } value ? ReadModules(json, value) : null;
        return source is null || date is null || signer is null || modules is null
            ? null
            : new PublishedList
            {
                Source = source,
                Date = DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture),
                Signer = signer,
                Modules = modules
            };
    }

    private static SortedDictionary<ModuleVersion, string> ReadModules(JsonChecker json, LocatedValue value)
    {
        var modules = new SortedDictionary<ModuleVersion, string>();
        foreach (var member in value.Members)
        {
            if (json.Require(member.Value, JsonKind.String, $"module \"{member.Name}\"") is not { } mrseam)
            {
                continue;
            }

            if (!ModuleVersion.TryParse(member.Name, out var version))
            {
                json.Add(CrossRules.ListValue, member.Offset, $"\"{member.Name}\" is not a version of the form major.minor.update");
            }
            else if (!Hex.Is(mrseam.Text, 96))
            {
                json.Add(CrossRules.ListValue, mrseam.Offset,
                    $"module \"{member.Name}\": \"{mrseam.Text}\" is not 96 lower-case hexadecimal digits");
            }
            else if (!modules.TryAdd(version, mrseam.Text))
            {
                json.Add(CrossRules.ListValue, member.Offset, $"module \"{member.Name}\" is listed twice");
            }
        }

        return modules;
    }

    private static string? Value(JsonChecker json, LocatedValue root, string name, Func<string, bool> holds, string want)
    {
        if (json.Member(root, name, JsonKind.String, "the published list") is not { } value)
        {
            return null;
        }

        if (holds(value.Text))
        {
            return value.Text;
        }

        json.Add(CrossRules.ListValue, value.Offset, $"\"{name}\" is \"{value.Text}\", {want}");
        return null;
    }

    internal static byte[] Resource()
    {
        using var stream = typeof(PublishedList).Assembly.GetManifestResourceStream("published-mrseam.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
