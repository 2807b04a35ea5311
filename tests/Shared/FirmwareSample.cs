using System.Buffers.Binary;
using System.Security.Cryptography;
using TdxRelease.Bundles.Packages;
using TdxRelease.Bundles.Sources;

namespace TdxRelease.Testing;

/// <summary>A firmware package of synthetic, seeded content, shaped as the real one, with the recipes that make its images from "upstream's" files.</summary>
internal static class FirmwareSample
{
    public const string Name = "tdx-module-firmware";
    public const string Folder = "usr/lib/firmware/intel/tdx-module";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const int Page = 4096;

    public static PackageSpec Spec(string version, int seed = 1, PackageScripts? scripts = null) => Form(version, seed, scripts).Spec;

    public static SourceForm Form(string version, int seed = 1, PackageScripts? scripts = null)
    {
        var (files, recipes) = Images(seed);
        files.Add(new PackageFile("usr/share/licenses/x/BINARIES_LICENSE", Licence, Role: FileRole.License));
        files.Add(new PackageFile($"{Folder}/graph.json", "{}\n"u8.ToArray()));
        files.Add(new PackageFile($"usr/share/doc/{Name}/README.md", "Firmware images.\n"u8.ToArray(), Role: FileRole.Documentation));
        recipes.Add(new SourceRecipe($"usr/share/licenses/{Name}/BINARIES_LICENSE", default, [Part("BINARIES_LICENSE", Licence)]));
        var time = TestRelease.Later;
        var spec = new PackageSpec(
            Name, version, "1", "Intel TDX module firmware", "Firmware images of the Intel TDX module,\nready for the Linux firmware upload interface.",
            "TDX Release <release@tdxrel.invalid>", "https://tdxrel.invalid/firmware", "LicenseRef-Fedora-Firmware", "non-free-firmware/admin", time, files,
            [new ChangelogEntry($"{version}-1", time, ["Add module 2.0.08: 100% synthetic"]), new ChangelogEntry("20250101-1", time.AddDays(-300), ["First release"])],
            scripts ?? new PackageScripts());
        return new SourceForm(spec, $"https://tdxrel.invalid/upstream/{Commit}/", Commit, recipes);
    }

    /// <summary>Content of every upstream file of the form, by path.</summary>
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

    private static (List<PackageFile> Files, List<SourceRecipe> Recipes) Images(int seed)
    {
        var upstream = Upstream(seed);
        List<PackageFile> files = [];
        List<SourceRecipe> recipes = [];
        foreach (var version in Versions)
        {
            UpstreamFile[] parts = [.. new[] { "sigstruct", "bin" }.Select(e => $"separate_files/{version}/tdx_module_{version}.{e}").Select(p => Part(p, upstream[p]))];
            var header = new byte[20];
            BinaryPrimitives.WriteUInt16LittleEndian(header, 0x200);
            "TDX-BLOB"u8.CopyTo(header.AsSpan(4));
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), 1);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 13);
            var image = new byte[Page * 15];
            header.CopyTo(image, 0);
            upstream[parts[0].Path].CopyTo(image, Page);
            upstream[parts[1].Path].CopyTo(image, 2 * Page);
            var path = $"{Folder}/joined_files/{version[..3]}/tdx_module_{version}.blob";
            files.Add(new PackageFile(path, image));
            recipes.Add(new SourceRecipe(path, header, parts));
        }

        return (files, recipes);
    }

    private static UpstreamFile Part(string path, byte[] content) => new(path, Convert.ToHexStringLower(SHA256.HashData(content)));
}
