using System.Buffers.Binary;
using TdxRelease.Packages;
using TdxRelease.SourcePackages;

namespace TdxRelease.Testing;

/// <summary>The sample package as a source form, and the made-up upstream folder that its build fetches from.</summary>
internal static class SampleSource
{
    private const string Bin = "separate_files/2.0/2.0.08/tdx_module_2.0.08.bin";
    private const string Sigstruct = "separate_files/2.0/2.0.08/tdx_module_2.0.08.sigstruct";

    public static SourceSpec Spec(string baseUrl, bool withBinaries)
    {
        var package = SamplePackage.Spec();
        var files = new List<SourceFile>
        {
            new(new PackageFile("usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob",
                Join(Upstream(Sigstruct), Upstream(Bin))), [Part(Sigstruct), Part(Bin)]),
            new(new PackageFile("usr/lib/firmware/intel/tdx-module/mapping_file.json", Upstream("mapping_file.json")),
                [Part("mapping_file.json")]),
            new(new PackageFile("usr/lib/firmware/intel/tdx-module/steps.tsv", "tdxrel-steps\t1\n"u8.ToArray()), []),
            new(new PackageFile("usr/share/licenses/BINARIES_LICENSE", Upstream("BINARIES_LICENSE"), Role: FileRole.License),
                [Part("BINARIES_LICENSE")]),
        };
        return new SourceSpec(package, files, baseUrl, withBinaries);
    }

    /// <summary>The made-up upstream itself.</summary>
    public static UpstreamFiles Files(string? repository) => new(repository, null, _ => [])
    {
        Tree = () => [.. Paths.Select(Part)],
        Date = DateOnly.FromDateTime(SamplePackage.Time.UtcDateTime),
    };

    private static readonly string[] Paths = [Bin, Sigstruct, "mapping_file.json", "BINARIES_LICENSE"];

    public static void WriteUpstream(string folder)
    {
        foreach (var path in Paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            File.WriteAllBytes(Path.Combine(folder, path), Upstream(path));
        }
    }

    private static byte[] Upstream(string path) => path switch
    {
        Bin => SamplePackage.Firmware("bin", 5)[..^123],
        Sigstruct => SamplePackage.Firmware("sigstruct", 0)[..2048],
        "mapping_file.json" => "{\"made\":\"up\"}\n"u8.ToArray(),
        _ => System.Text.Encoding.UTF8.GetBytes(SamplePackage.License),
    };

    private static UpstreamPart Part(string path) => new(path, Upstream(path));

    // Written anew from facts: header page, sigstruct page, module pages, 16-bit sum zero.
    private static byte[] Join(byte[] sigstruct, byte[] module)
    {
        var pages = (module.Length + 4095) / 4096;
        var image = new byte[4096 * (2 + pages)];
        BinaryPrimitives.WriteUInt16LittleEndian(image, 0x200);
        "TDX-BLOB"u8.CopyTo(image.AsSpan(4));
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(12), 1);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(16), pages);
        sigstruct.CopyTo(image, 4096);
        module.CopyTo(image, 8192);
        var sum = 0;
        for (var i = 0; i < image.Length; i += 2)
        {
            sum = (sum + BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(i))) & 0xFFFF;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), (ushort)((0x10000 - sum) & 0xFFFF));
        return image;
    }
}
