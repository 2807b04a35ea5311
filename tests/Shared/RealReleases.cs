using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Rules;
using TdxRelease.Testing;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Testing;

/// <summary>Intel's releases, as the snapshot holds them, and as the mapping file of mid-2026 lists them.</summary>
internal static class RealReleases
{
    private static readonly Lazy<ReleaseSet> SnapshotSet =
        new(() => ReleaseSet.Join(Read(Path.Combine(TestData.Snapshot, "mapping_file.json")), SnapshotFacts()));

    private static readonly Lazy<ReleaseSet> Mid2026Set = new(() =>
        ReleaseSet.Join(Read(Path.Combine(TestData.MappingHistory, "2026-mid-14c28ce0.json")), [.. SnapshotFacts(), .. LaterFacts()]));

    private static readonly Lazy<ReleaseSet> Early2025Set =
        new(() => ReleaseSet.Join(Read(Path.Combine(TestData.MappingHistory, "2025-04-29-547cbc75.json")), [.. SnapshotFacts()]));

    /// <summary>The 11 modules of 2026-02-10, sigstructs read from the files.</summary>
    public static ReleaseSet Snapshot => SnapshotSet.Value;

    /// <summary>The 20 releases of mid-2026.</summary>
    public static ReleaseSet Mid2026 => Mid2026Set.Value;

    /// <summary>What the mapping file of April 2025, older than strict sets, lists of the modules at hand.</summary>
    public static ReleaseSet Early2025 => Early2025Set.Value;

    public static MappingFile Read(string path)
    {
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(File.ReadAllBytes(path), Path.GetFileName(path), Strictness.Strict, findings);
        return mapping ?? throw new InvalidOperationException(string.Join('\n', findings));
    }

    private static IEnumerable<ModuleFacts> SnapshotFacts() =>
        Read(Path.Combine(TestData.Snapshot, "mapping_file.json")).Releases.Select(release =>
    {
        var sigstruct = Sigstruct.Read(File.ReadAllBytes(Path.Combine(TestData.Snapshot, release.SigstructPath)))!;
        return new ModuleFacts(release.Version, release.Spelling, Convert.ToHexStringLower(sigstruct.SeamHash), sigstruct.SeamSvn,
            [.. sigstruct.Cpus.Select(c => c.Family).Distinct().Order()], "", 3072, sigstruct.IsDebug, null, 0, 0);
    });

    /// <summary>
    /// Releases whose binaries are not at hand: SVNs from Intel's notes, processors from the loader lines (1.5.24: Sapphire and Emerald
    /// Rapids, 1.5.25: Sierra Forest, the rest
    /// of 1.5: all three; 2.0: both Granite Rapids). The SVN of 2.0.18 is not published here: 3.9 continues the row.
    /// </summary>
    private static IEnumerable<ModuleFacts> LaterFacts()
    {
        (string Version, string Svn, uint[] Cpus)[] later =
        [
            ("1.5.20", "1.12", [0x806F0, 0xA06F0, 0xC06F0]),
            ("1.5.24", "1.13", [0x806F0, 0xC06F0]),
            ("1.5.25", "1.13", [0xA06F0]),
            ("1.5.28", "1.14", [0x806F0, 0xA06F0, 0xC06F0]),
            ("1.5.34", "1.15", [0x806F0, 0xA06F0, 0xC06F0]),
            ("2.0.12", "3.6", [0xA06D0, 0xA06E0]),
            ("2.0.14", "3.7", [0xA06D0, 0xA06E0]),
            ("2.0.16", "3.8", [0xA06D0, 0xA06E0]),
            ("2.0.18", "3.9", [0xA06D0, 0xA06E0]),
        ];
        using var published =
            System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Shared!, "reference", "published-mrseam.json")));
        foreach (var (version, svn, cpus) in later)
        {
            var mrseam = published.RootElement.GetProperty("mrseam_sha384").GetProperty(version).GetString()!;
            var parts = svn.Split('.').Select(byte.Parse).ToArray();
            yield return new(ModuleVersion.Parse(version), version, mrseam, new SeamSvn(parts[0], parts[1]),
                [.. cpus.Select(c => new CpuSignature(c))], "", 3072, false, null, 0, 0);
        }
    }
}
