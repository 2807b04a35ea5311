using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.Manifests;

/// <summary>Canonical JSON to manifest, refusing everything that the writer would not write.</summary>
internal static partial class ManifestReader
{
    public static Manifest Read(ReadOnlySpan<byte> json, string name)
    {
        if (json.Length > Manifest.MaxLength)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: {json.Length} bytes, the limit is {Manifest.MaxLength}");
        }

        var root = StrictObject.Of(CanonicalJson.ReadCanonical(json, name), name);
        _ = root.Text("format", FormatPattern(), $"\"{Manifest.Format}\"");
        var manifest = new Manifest(
            root.Text("name", NamePattern(), "lower-case letters, digits and +-."),
            root.Number("sequence", 1, CanonicalJson.MaxInteger),
            root.Time("created"),
            root.Time("expires"),
            root.Has("unsigned") && (root.Flag("unsigned") ? true : throw root.Bad("unsigned", "true, or no such key")),
            Source(root.Object("source")),
            License(root.Object("license")),
            Policy(root.Object("policy")),
            root.Text("tool", LinePattern(), "printable text"),
            [.. root.Objects("files").Select(File)],
            [.. root.Objects("modules").Select(Module)]);
        root.Done();
        ManifestConsistency.Require(manifest, name);
        return manifest;
    }

    private static ManifestSource Source(StrictObject json)
    {
        var source = new ManifestSource(
            json.Text("url", LinePattern(), "a URL"),
            json.OptionalText("commit", CommitPattern(), "40 or 64 lower-case hex digits"),
            json.OptionalText("tree", CommitPattern(), "40 or 64 lower-case hex digits"))
        {
            ClaimedCommit = json.OptionalText("claimedCommit", CommitPattern(), "40 or 64 lower-case hex digits"),
            ModifiedFrom = json.OptionalText("modifiedFrom", CommitPattern(), "40 or 64 lower-case hex digits"),
        };
        json.Done();
        return source.Commit is null || (source.ClaimedCommit ?? source.ModifiedFrom) is null
            ? source
            : throw json.Bad(source.ClaimedCommit is null ? "modifiedFrom" : "claimedCommit", "no such key beside \"commit\"");
    }

    private static ManifestLicense License(StrictObject json)
    {
        var license = new ManifestLicense(SafeText(json, "path"), Sha256(json, "sha256"));
        json.Done();
        return license;
    }

    private static string Policy(StrictObject json)
    {
        var hash = Sha256(json, "sha256");
        json.Done();
        return hash;
    }

    private static ManifestFile File(StrictObject json)
    {
        var file = new ManifestFile(SafeText(json, "path"), json.Number("length", 0, CanonicalJson.MaxInteger), Sha256(json, "sha256"),
            Sha384(json, "sha384"));
        json.Done();
        return file;
    }

    private static ManifestModule Module(StrictObject json)
    {
        var module = new ManifestModule(
            Version(json),
            Sha384(json, "mrseam"),
            Svn(json),
            Cpus(json),
            ulong.Parse(json.Text("features0", FeaturesPattern(), "0x and upper-case hex digits").AsSpan(2), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture),
            Sha384(json, "signer"),
            (int)json.Number("keyBits", 1024, 16384),
            json.Flag("debug"),
            DateOnly.TryParseExact(json.Text("date", LinePattern(), "a date"), "yyyy-MM-dd", CultureInfo.InvariantCulture,
                DateTimeStyles.None, out var date) ? date : throw json.Bad("date", "a date such as 2025-03-25"),
            SafeText(json, "image"),
            (int)json.Number("rules", 0, int.MaxValue));
        json.Done();
        return module;
    }

    private static ModuleVersion Version(StrictObject json) =>
        ModuleVersion.TryParse(json.Text("version", LinePattern(), "a version"), out var version)
        && version.ToString() == json.Node("version").GetValue<string>()
            ? version
            : throw json.Bad("version", "a version such as 1.5.05");

    private static SeamSvn Svn(StrictObject json)
    {
        var parts = json.Text("svn", SvnPattern(), "major.minor").Split('.');
        return byte.TryParse(parts[0], out var major) && byte.TryParse(parts[1], out var minor)
            ? new SeamSvn(major, minor)
            : throw json.Bad("svn", "two numbers from 0 to 255");
    }

    private static List<CpuSignature> Cpus(StrictObject json)
    {
        var cpus = new List<CpuSignature>();
        foreach (var node in json.Array("cpus", limit: 255))
        {
            if (node is not JsonValue value || !value.TryGetValue<string>(out var text) || !CpuSignature.TryParse(text, out var cpu)
                || cpu.ToString() != text || cpu.Family != cpu || (cpus.Count > 0 && cpus[^1].CompareTo(cpu) >= 0))
            {
                throw json.Bad("cpus", "CPU signatures such as \"0x806F0\", sorted, each once, stepping masked");
            }

            cpus.Add(cpu);
        }

        return cpus.Count > 0 ? cpus : throw json.Bad("cpus", "at least one CPU signature");
    }

    private static string SafeText(StrictObject json, string key)
    {
        var path = json.Text(key, LinePattern(), "a path");
        return SafePath.IsSafe(path) ? path : throw json.Bad(key, "a safe relative path");
    }

    private static string Sha256(StrictObject json, string key) => json.Text(key, Sha256Pattern(), "64 lower-case hex digits");

    private static string Sha384(StrictObject json, string key) => json.Text(key, Sha384Pattern(), "96 lower-case hex digits");

    [GeneratedRegex(@"\Atdxrel-manifest/1\z")]
    private static partial Regex FormatPattern();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]{0,99}\z")]
    internal static partial Regex NamePattern();

    [GeneratedRegex(@"\A[^\p{C}]{1,1024}\z")]
    internal static partial Regex LinePattern();

    [GeneratedRegex(@"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex CommitPattern();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    internal static partial Regex Sha256Pattern();

    [GeneratedRegex(@"\A[0-9a-f]{96}\z")]
    internal static partial Regex Sha384Pattern();

    [GeneratedRegex(@"\A0x(?:0|[1-9A-F][0-9A-F]{0,15})\z")]
    private static partial Regex FeaturesPattern();

    [GeneratedRegex(@"\A(?:0|[1-9][0-9]{0,2})\.(?:0|[1-9][0-9]{0,2})\z")]
    private static partial Regex SvnPattern();
}
