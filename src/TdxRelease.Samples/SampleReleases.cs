using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;

namespace TdxRelease.Samples;

/// <summary>
/// The made-up releases. They repeat what was hard in the real ones: siblings for
/// different processors and loaders (1.5.62 and 1.5.63, as Intel's 1.5.24 and 1.5.25),
/// islands of strict compatibility, two modules with one SVN, a line whose first module preserves nothing, both image formats.
/// </summary>
internal static class SampleReleases
{
    private static readonly CpuSignature SapphireRapids = new(0x806F8);
    private static readonly CpuSignature EmeraldRapids = new(0xC06F0);
    private static readonly CpuSignature SierraForest = new(0xA06F0);
    private static readonly CpuSignature GraniteRapids = new(0xA06D0);
    private static readonly CpuSignature GraniteRapidsD = new(0xA06E0);

    public static IReadOnlyList<SampleRelease> All { get; } =
    [
        Line15(51, 4, 0xF0FBF, 2, [SapphireRapids, EmeraldRapids], ["1.5.00"], []),
        Line15(53, 5, 0x1F0FBF, 2, [SapphireRapids, EmeraldRapids, SierraForest], ["1.5.00", "2.0.00"], ["1.5.51"]),
        Line15(56, 6, 0x2E1F0FBF, 3, [SapphireRapids, EmeraldRapids, SierraForest], ["1.5.00", "2.0.00"], []),
        Line15(58, 6, 0x2E1F0FBF, 3, [SapphireRapids, EmeraldRapids, SierraForest], ["1.5.00", "2.0.00"], ["1.5.56"]) with { Debug = true },
        Line15(62, 7, 0x22E1F0FBF, 4, [SapphireRapids, EmeraldRapids], ["1.5.00"], ["1.5.56", "1.5.58"]),
        Line15(63, 7, 0x22E1F0FBF, 4, [SierraForest], ["2.0.00"], ["1.5.56", "1.5.58", "1.5.62"]),
        Line15(67, 8, 0x26F1F0FBF | 0x22E1F0FBF, 4, [SapphireRapids, EmeraldRapids, SierraForest], ["1.5.00", "2.0.00"],
            ["1.5.62", "1.5.63"]) with { Format = ImageFormat.V2 },
        Line20(51, 3, 0x22E1F0FBF, 6, [GraniteRapids], "2.0.51", []),
        Line20(52, 4, 0x22E1F0FBF, 6, [GraniteRapids, GraniteRapidsD], "2.0.52", []),
        Line20(53, 4, 0x22E1F0FBF, 6, [GraniteRapids, GraniteRapidsD], "2.0.52", ["2.0.52"]),
        Line20(56, 5, 0x22EFF0FBF, 16, [GraniteRapids, GraniteRapidsD], "2.0.52", []) with { Format = ImageFormat.V2, Rsa4096 = true },
        Line20(60, 6, 0x22EFF0FBF, 7, [GraniteRapids, GraniteRapidsD], "2.0.52", ["2.0.56"]) with { Format = ImageFormat.V2 },
    ];

    private static SampleRelease Line15(ushort update, byte svn, ulong features, int pages, CpuSignature[] cpus, string[] loaders,
        string[] strict) => new()
        {
            Version = new(1, 5, update),
            Svn = new(1, svn),
            Cpus = cpus,
            Minimum = "1.5.51",
            Loaders = loaders,
            Strict = strict,
            Features0 = features,
            Date = new DateOnly(2030, 1, 1).AddDays(7 * (update - 50)),
            Pages = pages,
        };

    private static SampleRelease Line20(ushort update, byte svn, ulong features, int pages, CpuSignature[] cpus, string minimum,
        string[] strict) => new()
        {
            Version = new(2, 0, update),
            Svn = new(3, svn),
            Cpus = cpus,
            Minimum = minimum,
            Loaders = ["2.0.00"],
            Strict = strict,
            Features0 = features,
            Date = new DateOnly(2030, 1, 4).AddDays(7 * (update - 50)),
            Pages = pages,
            Build = (ushort)(10 * update),
        };
}
