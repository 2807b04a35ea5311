using System.Buffers.Binary;
using System.Diagnostics;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Verification;

/// <summary>Every single byte of a real sigstruct and image header, and 2,000 positions of the binary, flipped in turn.</summary>
public class MutationTests(ITestOutputHelper output)
{
    private const string Version = "1.5.06";
    private static readonly string Folder = TestData.Root is null
        ? "" : Path.Combine(TestData.Snapshot, "separate_files", "1.5", Version, $"tdx_module_{Version}");

    [UpstreamFact]
    public void Every_flipped_byte_is_detected()
    {
        var clock = Stopwatch.StartNew();
        var (bin, sigstruct) = (File.ReadAllBytes($"{Folder}.bin"), File.ReadAllBytes($"{Folder}.sigstruct"));
        var sigstructs = Detected(sigstruct.Length, at => Verify(bin, Flipped(sigstruct, at), SignatureVerifiers.Real));

        // The sigstruct stays as it is here, so its signature need not be checked 2,000 times more.
        var unchanged = new SignatureVerifiers(_ => true, _ => true);
        var random = new Random(384);
        var positions = Enumerable.Range(0, 2000).Select(i => i == 0 ? 0 : i == 1 ? bin.Length - 1 : random.Next(bin.Length)).ToArray();
        var modules = Detected(positions.Length, i => Verify(Flipped(bin, positions[i]), sigstruct, unchanged));
        output.WriteLine($"{Version}: {sigstructs + modules} of {sigstruct.Length + positions.Length} mutations detected "
            + $"({sigstructs} sigstruct, {modules} module), none by a crash, {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal((sigstruct.Length, positions.Length), (sigstructs, modules));
    }

    [UpstreamTheory]
    [InlineData(ImageFormat.V1)]
    [InlineData(ImageFormat.V2)]
    public void Every_flipped_byte_of_an_image_header_is_detected_even_with_a_checksum_made_right(ImageFormat format)
    {
        var (bin, sigstruct) = (File.ReadAllBytes($"{Folder}.bin"), File.ReadAllBytes($"{Folder}.sigstruct"));
        var image = ImageWriter.Join(bin, sigstruct, format);
        Assert.False(Found(image));
        var plain = Detected(Image.Page, at => Found(Flipped(image, at)));
        var repaired = Detected(Image.Page - 4, at => Found(Repaired(Flipped(image, 4 + at))));
        output.WriteLine($"{format}: {plain} of {Image.Page} header bytes, and {repaired} of {Image.Page - 4} with a repaired checksum");
        Assert.Equal((Image.Page, Image.Page - 4), (plain, repaired));

        bool Found(byte[] bytes)
        {
            var findings = new List<Finding>();
            if (ImageChecker.Check(bytes, "blob", Version, findings))
            {
                ImageChecker.CheckJoined(bytes, bin, sigstruct, "blob", Version, findings);
            }

            return findings.Exists(f => f.Fails);
        }
    }

    private static bool Verify(byte[] bin, byte[] sigstruct, SignatureVerifiers verifiers) =>
        !ModuleVerifier.Verify(new ModuleInput(ModuleVersion.Parse(Version), Version, new("bin", bin), new("sigstruct", sigstruct), null),
            TrustPolicy.Default, verifiers).Verified;

    private static int Detected(int count, Func<int, bool> detects)
    {
        var detected = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
        {
            if (detects(at))
            {
                Interlocked.Increment(ref detected);
            }
        });
        return detected;
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[at] ^= (byte)(1 << (at % 8));
        return flipped;
    }

    private static byte[] Repaired(byte[] image)
    {
        image.AsSpan(2, 2).Clear();
        var sum = unchecked((ushort)-ImageChecksum.Sum(image));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), sum);
        return image;
    }
}
