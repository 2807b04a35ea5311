using System.Text;
using BenchmarkDotNet.Attributes;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Samples;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Benchmarks;

/// <summary>The kernels of the work on the synthetic sample, the same bytes everywhere: allocations compare across machines.</summary>
[MemoryDiagnoser]
public class Kernels
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly byte[] mapping = SampleUpstream.Create().First(f => f.Path == "mapping_file.json").Bytes;
    private readonly List<ModuleInput> modules = [.. SampleUpstream.Releases.Select(SampleUpstream.Module)];
    private readonly ReleaseSet releases;
    private readonly PackageSpec spec;

    public Kernels()
    {
        var facts = modules.Select(m => ModuleVerifier.Verify(m, SampleUpstream.Policy).Facts!);
        releases = ReleaseSet.Join(ParseMapping()!, facts);
        spec = new PackageSpec(
            "tdx-module-sample", "20260101", "1", "Synthetic modules", "Synthetic modules.", "Test <test@tdxrel.invalid>",
            "https://example.invalid/", "MIT", "misc", Time,
            [.. modules.Select(m => new PackageFile($"usr/lib/firmware/intel/tdx-module/{m.Image!.Value.Path}", m.Image.Value.Bytes)),
                new PackageFile("usr/share/licenses/LICENSE", Encoding.UTF8.GetBytes(SampleUpstream.LicenseText), Role: FileRole.License)],
            [new ChangelogEntry("20260101-1", Time, ["First."])],
            new PackageScripts());
    }

    [Benchmark(Description = "parse the mapping file")]
    public MappingFile? ParseMapping() => MappingReader.Read(mapping, "mapping_file.json", Strictness.Strict, new List<Finding>());

    [Benchmark(Description = "parse a sigstruct")]
    public Sigstruct? ParseSigstruct() => Sigstruct.Read(modules[0].Sigstruct.Bytes);

    [Benchmark(Description = "verify a module")]
    public ModuleVerdict Verify() => ModuleVerifier.Verify(modules[0], SampleUpstream.Policy);

    [Benchmark(Description = "RSA, the platform's")]
    public bool VerifyPlatform() => SigstructSignature.VerifyPlatform(Sigstruct.Read(modules[0].Sigstruct.Bytes)!);

    [Benchmark(Description = "RSA, BouncyCastle's")]
    public bool VerifyBouncyCastle() => SigstructSignature.VerifyBouncyCastle(modules[0].Sigstruct.Bytes.Span);

    [Benchmark(Description = "join an image")]
    public byte[] Join() => ImageWriter.Join(modules[0].Module.Bytes.Span, modules[0].Sigstruct.Bytes.Span, ImageFormat.V2);

    [Benchmark(Description = "compute all graphs")]
    public int Graph() => StepGraph.All(releases).Sum(g => g.Edges.Count());

    [Benchmark(Description = "plan one host")]
    public PlanResult Plan() => new Planner(releases).Plan(new PlanRequest(new CpuSignature(0x806F8), new(1, 5, 2), new(1, 5, 51)));

    [Benchmark(Description = "write a tar")]
    public long Tar() =>
        Compressor.Compress(TarFormat.Archive("a", spec.Files.Select(f => (f.Path, f.Content)), spec.Time).Span, Compression.Gzip).Length;

    [Benchmark(Description = "write a deb")]
    public long Deb() => Write(new DebWriter(Compression.Gzip));

    [Benchmark(Description = "write an rpm")]
    public long Rpm() => Write(new RpmWriter(Compression.Gzip));

    [Benchmark(Description = "write an Arch package")]
    public long Arch() => Write(new ArchWriter(Compression.Gzip));

    private long Write(IPackageWriter writer)
    {
        using var output = new MemoryStream();
        writer.Write(spec, output);
        return output.Length;
    }
}
