using System.Text;
using TdxRelease.Packages;

namespace TdxRelease.Testing;

/// <summary>A package of made-up firmware: seeded bytes, the same in every run.</summary>
internal static class SamplePackage
{
    public const string Name = "intel-tdx-module";

    public const string License =
        "Copyright (C) 2026 Nobody in particular\n\nPermission is granted to test packaging with this made-up firmware.\n";

    public static DateTimeOffset Time { get; } = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);

    public static PackageSpec Spec(string version = "20260210", string revision = "1", PackageScripts? scripts = null) => new(
        Name,
        version,
        revision,
        "Intel TDX module images for runtime update",
        "Images of the Intel TDX module in the form that the Linux kernel's firmware\n"
        + "upload interface takes.\n\nNothing is loaded at installation.",
        "Test Maintainer <test@tdxrel.invalid>",
        "https://example.invalid/tdx",
        "LicenseRef-Test",
        "non-free-firmware/admin",
        Time,
        Files(version),
        [new ChangelogEntry($"{version}-{revision}", Time,
            ["Module 1.5.05 joins, with enough words in one sentence that the line has to be broken somewhere.", "Module 2.0.08 joins."]),
         new ChangelogEntry("20250811-1", Time.AddDays(-180), ["First release."])],
        scripts ?? new PackageScripts());

    public static byte[] Firmware(string version, int seed)
    {
        var bytes = new byte[20_000 + (seed * 4096)];
        new Random(seed).NextBytes(bytes);
        Encoding.ASCII.GetBytes($"{version} {seed}", bytes);
        return bytes;
    }

    private static PackageFile[] Files(string version) =>
    [
        new("usr/lib/firmware/intel/tdx-module/joined_files/1.5/tdx_module_1.5.05.blob", Firmware("any", 1)),
        new("usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob", Firmware(version, 2)),
        new("usr/lib/firmware/intel/tdx-module/mapping_file.json", Encoding.UTF8.GetBytes($"{{\"made\":\"up\",\"of\":\"{version}\"}}\n")),
        new("usr/share/licenses/BINARIES_LICENSE", Encoding.UTF8.GetBytes(License), Role: FileRole.License),
    ];
}
