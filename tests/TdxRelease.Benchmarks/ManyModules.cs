using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;

namespace TdxRelease.Benchmarks;

/// <summary>A synthetic upstream of any size in upstream's layout: seeded bytes, the test key, the same files in every run.</summary>
internal static class ManyModules
{
    /// <summary>512,000 bytes a module, about what a real one has: 5,000 make 2.5 GB.</summary>
    private const int Pages = 125;

    /// <summary>Above every version that Intel published.</summary>
    private const int First = 1001;

    private static readonly CpuSignature[] Cpus = [new(0x806F8), new(0xC06F0)];

    public static int Write(string folder, int count)
    {
        if (count is < 1 or > 60_000)
        {
            throw new TdxException(ExitCode.Usage, $"{count} modules: want 1 to 60000");
        }

        var releases = Enumerable.Range(First, count).Select(Release).ToList();
        Parallel.ForEach(releases, release => Write(folder, release));
        File.WriteAllBytes(Path.Combine(folder, "mapping_file.json"), Mapping(releases));
        File.WriteAllText(Path.Combine(folder, "BINARIES_LICENSE"), SampleUpstream.LicenseText);
        File.WriteAllText(Path.Combine(folder, "LICENSE"), SampleUpstream.LicenseText);
        return 0;
    }

    private static SampleRelease Release(int number) => new()
    {
        Version = new(1, 5, (ushort)number),
        Svn = new(1, 4),
        Cpus = Cpus,
        Minimum = $"1.5.{First}",
        Loaders = ["1.5.00"],
        Strict = number > First ? [$"1.5.{number - 1:00}"] : [],
        Features0 = 0xF0FBF,
        Date = new DateOnly(2030, 1, 1).AddDays(number / 10),
        Pages = Pages,
    };

    private static void Write(string folder, SampleRelease release)
    {
        var bytes = new byte[release.Pages * Image.Page];
#pragma warning disable CA5394 // The bytes stand for firmware; they must repeat, not be secret.
        new Random(release.Version.Update).NextBytes(bytes);
#pragma warning restore CA5394
        var sigstruct = SampleSigstruct.Write(release, bytes, SampleKeys.Rsa3072);
        var (line, version) = (release.Version.LineName, release.Version.ToString());
        var separate = Directory.CreateDirectory(Path.Combine(folder, "separate_files", line, version)).FullName;
        var joined = Directory.CreateDirectory(Path.Combine(folder, "joined_files", line)).FullName;
        File.WriteAllBytes(Path.Combine(separate, $"tdx_module_{version}.bin"), bytes);
        File.WriteAllBytes(Path.Combine(separate, $"tdx_module_{version}.sigstruct"), sigstruct);
        File.WriteAllBytes(Path.Combine(joined, $"tdx_module_{version}.blob"), ImageWriter.Join(bytes, sigstruct, ImageFormat.V1));
    }

    private static byte[] Mapping(IReadOnlyList<SampleRelease> releases)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            SampleUpstream.WriteMapping(json, releases);
        }

        return stream.ToArray();
    }
}
