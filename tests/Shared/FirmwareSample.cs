using System.Buffers.Binary;
using TdxRelease.Packages;
using TdxRelease.SourcePackages;

namespace TdxRelease.Testing;

/// <summary>
/// A firmware package of synthetic, seeded content, shaped as the real one, with "upstream's" files that its images are made of.
/// </summary>
internal static class FirmwareSample
{
    public const string Name = "tdx-module-firmware";
    public const string Folder = "usr/lib/firmware/intel/tdx-module";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const int Page = 4096;

    public static PackageSpec Spec(string version, int seed = 1, PackageScripts? scripts = null) => Source(version, seed, scripts).Package;

    public static SourceSpec Source(string version, int seed = 1, PackageScripts? scripts = null, bool withBinaries = true)
    {
        var files = Images(seed);
        files.Add(new SourceFile(new PackageFile("usr/share/licenses/x/BINARIES_LICENSE", Licence, Role: FileRole.License),
            [Part("BINARIES_LICENSE", Licence)]));
        files.Add(new SourceFile(new PackageFile($"{Folder}/graph.json", "{}\n"u8.ToArray()), []));
        files.Add(new SourceFile(
            new PackageFile($"usr/share/doc/{Name}/README.md", "Firmware images.\n"u8.ToArray(), Role: FileRole.Documentation), []));
        var time = TestRelease.Later;
        var spec = new PackageSpec(
            Name, version, "1", "Intel TDX module firmware",
            "Firmware images of the Intel TDX module,\nready for the Linux firmware upload interface.",
            "TDX Release <release@tdxrel.invalid>", "https://tdxrel.invalid/firmware", "LicenseRef-Fedora-Firmware",
            "non-free-firmware/admin", time, [.. files.Select(f => f.File)],
            [new ChangelogEntry($"{version}-1", time, ["Add module 2.0.08: 100% synthetic"]),
                new ChangelogEntry("20250101-1", time.AddDays(-300), ["First release"])],
            scripts ?? new PackageScripts());
        return new SourceSpec(spec, files, $"https://tdxrel.invalid/upstream/{Commit}", withBinaries);
    }

    /// <summary>Content of every upstream file of the source, by path.</summary>
    public static IReadOnlyDictionary<string, byte[]> Upstream(int seed = 1)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["BINARIES_LICENSE"] = Licence };
        foreach (var version in Versions)
        {
            var random = new Random(seed + version[^1]);
            var module = new byte[50_000];
            var sigstruct = new byte[2048];
            random.NextBytes(module);
            random.NextBytes(sigstruct);
            files[$"separate_files/{version}/tdx_module_{version}.bin"] = module;
            files[$"separate_files/{version}/tdx_module_{version}.sigstruct"] = sigstruct;
        }

        return files;
    }

    private static readonly string[] Versions = ["1.5.05", "2.0.08"];

    private static readonly byte[] Licence = "Synthetic licence: test data only.\n"u8.ToArray();

    private static List<SourceFile> Images(int seed)
    {
        var upstream = Upstream(seed);
        List<SourceFile> files = [];
        foreach (var version in Versions)
        {
            UpstreamPart[] parts =
                [.. new[] { "sigstruct", "bin" }.Select(e => $"separate_files/{version}/tdx_module_{version}.{e}")
                .Select(p => Part(p, upstream[p]))];
            var image = new byte[Page * 15];
            BinaryPrimitives.WriteUInt16LittleEndian(image, 0x200);
            "TDX-BLOB"u8.CopyTo(image.AsSpan(4));
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(12), 1);
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(16), 13);
            upstream[parts[0].Path].CopyTo(image, Page);
            upstream[parts[1].Path].CopyTo(image, 2 * Page);
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), Checksum(image));
            files.Add(new SourceFile(new PackageFile($"{Folder}/joined_files/{version[..3]}/tdx_module_{version}.blob", image), parts));
        }

        return files;
    }

    // The 16-bit words of an image add up to zero.
    private static ushort Checksum(byte[] image)
    {
        var sum = 0;
        for (var i = 0; i < image.Length; i += 2)
        {
            sum = (sum + BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(i))) & 0xFFFF;
        }

        return (ushort)(0x10000 - sum);
    }

    private static UpstreamPart Part(string path, byte[] content) => new(path, content);
}
