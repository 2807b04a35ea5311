using System.Diagnostics;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Site;
using TdxRelease.Release.Manifests;
using TdxRelease.Testing;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Fuzzing;

/// <summary>A parser under fuzzing.</summary>
/// <param name="Name">Also the folder of its corpus: tests/fixtures/corpus/NAME.</param>
/// <param name="Run">Takes any bytes; returns whether it accepted them. Throws only if a property does not hold; TdxException and
/// FormatException count as refusals.</param>
/// <param name="Text">Whether the input is text, so that mutations know words.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], bool> Run, bool Text);

/// <summary>What a run did.</summary>
internal sealed record FuzzResult(string Name, long Runs, long Accepted, long LargestAllocation, TimeSpan Slowest);

/// <summary>The registry of fuzz targets. To add one, add a line to <see cref="All"/> and a folder to the corpus.</summary>
internal static class FuzzTargets
{
    private const long AllocationCeiling = 64L << 20;
    private static readonly TimeSpan TimeCeiling = TimeSpan.FromSeconds(20);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("sigstruct", Sigstructs, Text: false),
        new("image-v1", bytes => Images(bytes, ImageFormat.V1), Text: false),
        new("image-v2", bytes => Images(bytes, ImageFormat.V2), Text: false),
        new("mapping", Mappings, Text: true),
        new("policy", Policies, Text: true),
        new("published", PublishedLists, Text: true),
        new("lock", Locks, Text: true),
        new("snapshot", Records, Text: true),
        new("manifest", Manifests, Text: true),
        new("site-policy", SitePolicies, Text: true),
        new("inventory", Inventories, Text: true),
    ];

    public static FuzzTarget Find(string name) => All.Single(t => t.Name == name);

    public static IReadOnlyList<byte[]> Corpus(string name) =>
        [.. Directory.GetFiles(Path.Combine(TestData.Checkout, "tests", "fixtures", "corpus", name)).Order(StringComparer.Ordinal)
            .Select(Unpacked)];

    /// <summary>Fuzzes for that long: what <c>./build.sh --target=Fuzz --minutes=N</c> calls for each target.</summary>
    public static FuzzResult Run(string name, double minutes) =>
        Run(name, long.MaxValue, TimeSpan.FromMinutes(minutes), Environment.TickCount);

    /// <summary>Fuzzes for a number of runs or a time, whichever ends first.</summary>
    /// <exception cref="InvalidOperationException">A property does not hold; the message holds seed and input.</exception>
    public static FuzzResult Run(string name, long runs, TimeSpan time, int seed) => Run(Find(name), runs, time, seed);

    internal static FuzzResult Run(FuzzTarget target, long runs, TimeSpan time, int seed)
    {
        var name = target.Name;
        var corpus = Corpus(name).ToList();
        var clock = Stopwatch.StartNew();
        var (done, accepted, largest, slowest) = (0L, 0L, 0L, TimeSpan.Zero);
        for (; done < runs && clock.Elapsed < time; done++)
        {
            var random = new Random(unchecked((int)(seed + done)));
            var input = done < corpus.Count ? corpus[(int)done] : Mutator.Mutate(corpus, target.Text, random);
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), clock.Elapsed);
            try
            {
                accepted += Once(target, input) ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"{name}: run {done} of seed {seed}: {e.Message}\ninput (base64): {Convert.ToBase64String(input)}", e);
            }

            var (allocated, took) = (GC.GetAllocatedBytesForCurrentThread() - before, clock.Elapsed - start);
            (largest, slowest) = (Math.Max(largest, allocated), took > slowest ? took : slowest);
            Assert.True(allocated <= AllocationCeiling,
                $"{name}: {allocated} bytes allocated for {input.Length} bytes: {Convert.ToBase64String(input)}");
            Assert.True(took <= TimeCeiling, $"{name}: {took} for {input.Length} bytes: {Convert.ToBase64String(input)}");
        }

        return new FuzzResult(name, done, accepted, largest, slowest);
    }

    private static bool Once(FuzzTarget target, byte[] input)
    {
        try
        {
            return target.Run(input);
        }
        catch (Exception e) when (e is TdxException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Images are committed gzipped: they are mostly zeros.</summary>
    private static byte[] Unpacked(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(path);
        }

        using var packed = new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }

    private static bool Sigstructs(byte[] bytes)
    {
        var findings = new List<Finding>();
        if (Sigstruct.Read(bytes) is not { } sigstruct)
        {
            return false;
        }

        new SigstructChecker(sigstruct, "fuzz", "1.5.00", findings).Check(1 << 16, new(1, 5, 0));
        new SigstructChecker(sigstruct, "fuzz", "2.0.00", []).Check(1 << 16, new(2, 0, 0));
        _ = (sigstruct.Date, sigstruct.Cpus.Count, TrustPolicy.Default.SignerOf(sigstruct.Modulus));
        Assert.Equal(SigstructSignature.VerifyPlatform(sigstruct), SigstructSignature.VerifyBouncyCastle(bytes));
        Assert.True(SigstructEncoder.Encode(sigstruct).AsSpan().SequenceEqual(bytes), "encoding the decoded fields gives other bytes");
        return !findings.Exists(f => f.Fails);
    }

    private static bool Images(byte[] bytes, ImageFormat format)
    {
        var findings = new List<Finding>();
        if (!ImageChecker.Check(bytes, "fuzz", null, findings))
        {
            Assert.NotEmpty(findings);
            return false;
        }

        Assert.True(Image.TryRead(bytes, out var image));
        var sigstruct = image.SigstructPart[..ImageChecker.SigstructLength(image.SigstructPart)];
        ImageChecker.CheckJoined(bytes, image.ModulePart, sigstruct, "fuzz", null, findings);
        Assert.Empty(findings);
        Assert.True(ImageWriter.Join(image.ModulePart, sigstruct, image.Format).AsSpan().SequenceEqual(bytes),
            "joining the parts gives other bytes");
        return image.Format == format;
    }

    private static bool Mappings(byte[] bytes)
    {
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(bytes, "fuzz", Strictness.Lenient, findings);
        Assert.Equal(mapping is null, findings.Exists(f => f.Fails));
        Assert.All(findings, f => Assert.InRange(f.Location.Line, 1, 1 + bytes.Count(b => b == '\n')));
        if (mapping is null)
        {
            return false;
        }

        Assert.Equal(mapping.Releases.Select(r => r.Version).Distinct().Order(), mapping.Releases.Select(r => r.Version));
        Assert.Equal(mapping.Releases.Count, mapping.Releases.Count(r => mapping.Find(r.Version) == r));
        SnapshotRules.Check([], mapping, "fuzz");
        return true;
    }

    private static bool Policies(byte[] bytes)
    {
        var policy = TrustPolicy.Read(bytes, "fuzz");
        policy.Refusal(new(1, 5, 5), new string('0', 96));
        return policy.Signers.Count > 0;
    }

    private static bool Locks(byte[] bytes)
    {
        var wanted = LockFile.Parse(bytes, "fuzz");
        Assert.Equal(wanted.ToJson(), LockFile.Parse(wanted.ToJson(), "fuzz").ToJson());
        return true;
    }

    private static bool Records(byte[] bytes)
    {
        var record = SnapshotRecord.Parse(bytes, "fuzz");
        Assert.Equal(record.ToJson(), SnapshotRecord.Parse(record.ToJson(), "fuzz").ToJson());
        return true;
    }

    private static bool Manifests(byte[] bytes)
    {
        var manifest = Manifest.Parse(bytes);
        Assert.All(manifest.Files, f => Assert.True(f.Length >= 0 && f.Sha256.Length == 64, f.Path));
        return manifest.Files.Count > 0;
    }

    private static bool SitePolicies(byte[] bytes)
    {
        var findings = new List<Finding>();
        var policy = SitePolicyReader.Read(bytes, "fuzz", findings);
        Assert.Equal(policy is null, findings.Exists(f => f.Fails));
        return policy is not null;
    }

    /// <summary>The first byte chooses the format.</summary>
    private static bool Inventories(byte[] bytes)
    {
        var reader = new InventoryReader(bytes.Length > 0 && bytes[0] == '{' ? InventoryFormat.Jsonl : InventoryFormat.Csv);
        var accepted = 0;
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            var good = reader.Read(bytes.AsSpan(range), out var row, out var error);
            Assert.False(good && (error is not null || row.Host.Length == 0));
            accepted += good ? 1 : 0;
        }

        return accepted > 0;
    }

    private static bool PublishedLists(byte[] bytes) => PublishedList.Read(bytes, "fuzz").Source.Length > 0;
}
