using System.Security.Cryptography;
using System.Text;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Testing;

/// <summary>A small made-up bundle: two modules, a licence, a graph. Good as it is; tests break one thing at a time.</summary>
internal static class SampleBundle
{
    public const string License = "You may test with these bytes. “Nothing” else.\n\tThat is all.\n";

    public static DateTimeOffset Created => TestRelease.Later;

    public static DateTimeOffset Now { get; } = TestRelease.Later.AddDays(3);

    public static SortedDictionary<string, byte[]> Contents() => new(StringComparer.Ordinal)
    {
        ["BINARIES_LICENSE"] = Encoding.UTF8.GetBytes(License),
        ["graph.json"] = "{}\n"u8.ToArray(),
        ["joined_files/1.5/tdx_module_1.5.05.blob"] = [.. Enumerable.Range(0, 8192).Select(i => (byte)(i * 7 % 251))],
        ["joined_files/2.0/tdx_module_2.0.08.blob"] = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 5 % 251))],
    };

    public static ManifestFile FileOf(string path, byte[] content) =>
        new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), Convert.ToHexStringLower(SHA384.HashData(content)));

    public static IReadOnlyList<ManifestFile> Files(IReadOnlyDictionary<string, byte[]> contents) =>
        [.. contents.Select(c => FileOf(c.Key, c.Value))];

    public static Manifest Manifest(IReadOnlyList<ManifestFile>? files = null)
    {
        files ??= Files(Contents());
        return new Manifest(
            "tdx-module-test",
            7,
            Created,
            Created.AddDays(180),
            false,
            new ManifestSource("https://example.invalid/tdx-module.binaries", new string('a', 40), new string('b', 40)),
            new ManifestLicense("BINARIES_LICENSE", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(License)))),
            new string('c', 64),
            "tdxrel 0.1.0",
            files,
            [Module("1.5.05", 1, 5, [0x806F0, 0xC06F0]), Module("2.0.08", 3, 5, [0xA06D0])]);
    }

    public static IReadOnlyList<ModuleReference> References(Manifest manifest) =>
        [.. manifest.Modules.Select(m => new ModuleReference(m.Version.ToString(), m.MrSeam, m.Svn, m.Cpus))];

    public static IReadOnlyList<Subject> Subjects(Manifest manifest) =>
        [.. manifest.Files.Select(f => new Subject(f.Path, f.Sha256, f.Sha384))];

    public static SlsaProvenance Provenance() => new(
        "https://example.invalid/tdxrel/build/v1",
        new() { ["source"] = "https://example.invalid/tdx-module.binaries", ["sequence"] = 7 },
        [],
        [new ResourceDescriptor("upstream", "git+https://example.invalid/tdx-module.binaries",
            new Dictionary<string, string> { ["gitCommit"] = new string('a', 40) })],
        "https://example.invalid/tdxrel/maintainer",
        "0.1.0",
        Created,
        []);

    public static SlsaVerificationSummary Summary() => new(
        "https://example.invalid/tdxrel/maintainer",
        Created,
        "pkg:generic/tdx-module-test@7",
        "https://example.invalid/policy.json",
        new string('c', 64),
        [new ResourceDescriptor(null, "provenance.intoto.json", new Dictionary<string, string> { ["sha256"] = new string('d', 64) })],
        true,
        ["SLSA_BUILD_LEVEL_1"]);

    private static ManifestModule Module(string version, byte svnMajor, byte svnMinor, uint[] cpus)
    {
        var parsed = ModuleVersion.Parse(version);
        return new ManifestModule(
            parsed,
            Convert.ToHexStringLower(SHA384.HashData(Encoding.ASCII.GetBytes(version))),
            new SeamSvn(svnMajor, svnMinor),
            [.. cpus.Select(c => new TdxRelease.Verification.Cpu.CpuSignature(c))],
            0x61F0FBF,
            new string('e', 96),
            3072,
            false,
            new DateOnly(2025, 3, 25),
            $"joined_files/{parsed.LineName}/tdx_module_{version}.blob",
            31);
    }
}
