using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Testing;

/// <summary>Releases made for tests.</summary>
internal static class SyntheticReleases
{
    public static readonly CpuSignature Red = new(0x806F0);
    public static readonly CpuSignature Blue = new(0xA06F0);

    /// <summary>
    /// Two lines, siblings for two processors, an island, a debug module, a feature lost, a fall of the SVN, a cold transition.
    /// </summary>
    public static ReleaseSet Small { get; } = new(
    [
        Release("1.5.01", "1.1", 0xF0FBF, [Red, Blue]),
        Release("1.5.02", "1.2", 0x2F0FBF, [Red, Blue], strict: ["1.5.01"]),
        Release("1.5.03", "1.2", 0x22F0FBF, [Red], strict: ["1.5.01", "1.5.02"], loaders: ["1.5.00"]),
        Release("1.5.04", "1.2", 0x22F0FBF, [Blue], strict: ["1.5.02"], loaders: ["2.0.00"]),
        Release("1.5.05", "1.3", 0x20F0FBF, [Red, Blue]),
        Release("1.5.06", "1.3", 0x20F0FBF, [Red, Blue], strict: ["1.5.05"], debug: true),
        Release("1.5.08", "1.4", 0x60F0FBF, [Red, Blue], strict: ["1.5.05"], loaders: ["1.5.04", "2.0.00"]),
        Release("1.5.10", "1.3", 0x60F0FBF, [Red, Blue], strict: ["1.5.05", "1.5.08"], minimum: "1.5.05"),
        Release("2.0.01", "3.1", 0xF0FBF, [Red]),
        Release("2.0.03", "3.2", 0xF0FBF, [Red], strict: ["2.0.01"], minimum: "2.0.02"),
    ]);

    public static ReleaseFacts Release(
        string version,
        string svn,
        ulong features,
        CpuSignature[] cpus,
        string[]? strict = null,
        string? minimum = null,
        string[]? loaders = null,
        bool debug = false,
        bool predates = false)
    {
        var parsed = ModuleVersion.Parse(version);
        var parts = svn.Split('.').Select(byte.Parse).ToArray();
        var mrseam = string.Concat(Enumerable.Repeat($"{parsed.Major:x2}{parsed.Minor:x2}{parsed.Update:x4}", 12));
        return new(
            parsed,
            version,
            new SeamSvn(parts[0], parts[1]),
            mrseam,
            features,
            cpus,
            minimum is null ? parsed with { Update = 1 } : ModuleVersion.Parse(minimum),
            [.. (loaders ?? ["1.5.00", "2.0.00"]).Select(ModuleVersion.Parse)],
            predates ? null : [.. (strict ?? []).Select(ModuleVersion.Parse)],
            debug,
            $"joined_files/{parsed.LineName}/tdx_module_{version}.blob");
    }

    /// <summary>One line of that many releases, most of them strict from the few before, with a new island now and then.</summary>
    public static ReleaseSet Row(int count, int seed = 1)
    {
        var random = new Random(seed);
        var island = 0;
        return new(Enumerable.Range(0, count).Select(i =>
        {
            var update = 1 + (2 * i);
            island = random.Next(7) == 0 ? i : island;
            var sources = Enumerable.Range(island, i - island).Where(_ => random.Next(5) > 0).Select(s => $"1.5.{1 + (2 * s):00}")
                .ToArray();
            return Release($"1.5.{update:00}", $"1.{1 + (i / 50)}", 0xF0FBFUL | (1UL << (20 + (i % 30))), [Red, Blue], sources,
                minimum: i % 11 == 10 ? $"1.5.{update:00}" : null);
        }));
    }

    /// <summary>A random line: features, SVNs, minima, strict sets and processors vary.</summary>
    public static ReleaseSet Any(Random random, int count)
    {
        var releases = new List<ReleaseFacts>();
        var update = 0;
        for (var i = 0; i < count; i++)
        {
            update += random.Next(1, 4);
            var sources = releases.Where(_ => random.Next(2) == 0).Select(r => r.Spelling).ToArray();
            var minimum = releases.Count > 0 && random.Next(3) == 0 ? releases[random.Next(releases.Count)].Spelling : "1.5.01";
            CpuSignature[] cpus = random.Next(5) switch { 0 => [Red], 1 => [Blue], _ => [Red, Blue] };
            string[] loaders = random.Next(4) == 0 ? ["1.5.04"] : ["1.5.00", "2.0.00"];
            releases.Add(Release($"1.5.{update:00}", $"1.{Math.Max(1, (i / 2) - random.Next(2) + 1)}",
                0xF0FBFUL | ((ulong)random.Next(8) << 24), cpus, sources, minimum, loaders, random.Next(8) == 0, random.Next(6) == 0));
        }

        return new(releases);
    }
}
