using System.IO.Compression;
using System.Text;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Samples;
using TdxRelease.Tests.Verification;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Images;

namespace TdxRelease.Tests.Fuzzing;

/// <summary>
/// The seed corpus: sound and nearly sound inputs from the synthetic upstream. Further finds are added to the folders by hand.
/// </summary>
internal static class CorpusFiles
{
    public static void Check()
    {
        foreach (var (path, bytes) in Seeds().Concat(Documents()).Concat(ContainerCorpus.Files()).Concat(SignedCorpus.Files()))
        {
            var full = Path.Combine(TestData.Checkout, "tests", "fixtures", "corpus", path);
            if (Environment.GetEnvironmentVariable("TDXREL_UPDATE") == "1")
            {
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.WriteAllBytes(full, path.EndsWith(".gz", StringComparison.Ordinal) ? Packed(bytes) : bytes);
            }

            Assert.True(File.Exists(full), path);
        }
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Seeds()
    {
        byte[] Sigstruct(string version) => SampleVerdicts.Of(version).Input.Sigstruct.Bytes.ToArray();
        yield return ("sigstruct/rsa3072", Sigstruct("1.5.56"));
        yield return ("sigstruct/rsa4096", Sigstruct("2.0.56"));
        yield return ("sigstruct/debug", Sigstruct("1.5.58"));
        yield return ("sigstruct/table-255", MutatedModule.Of("1.5.56").SigstructU32(1024, 255).Resign().Build().Sigstruct.Bytes.ToArray());
        foreach (var (name, format) in new[] { ("image-v1", ImageFormat.V1), ("image-v2", ImageFormat.V2) })
        {
            yield return ($"{name}/one-page.gz", ImageWriter.Join(new byte[4096], Sigstruct("1.5.56"), format));
            yield return ($"{name}/rsa4096.gz", ImageWriter.Join(new byte[8192], Sigstruct("2.0.56"), format));
            yield return ($"{name}/short.gz", ImageWriter.Join(new byte[4096], Sigstruct("1.5.56"), format)[..8192]);
        }

        yield return ("mapping/sample.json", SampleVerdicts.Files["mapping_file.json"]);
        yield return ("mapping/old.json",
            ("""{"Header":{"Copyright":"TEST","Info":"TEST","Version":"1.0"},"tdx_module_releases":"""u8
                + """[{"version":"1.5.51","min_module_version_for_td_preserving":"1.5.51","min_seamldr_versions":["1.5.00"]"""u8
                + ""","tdx_feature0":"0xF0FBF"}]}"""u8).ToArray());
        yield return ("policy/sample.json", SampleUpstream.PolicyBytes);
        var full = Encoding.UTF8.GetString(SampleUpstream.PolicyBytes).Replace(
            "\"allowDebug\": true,",
            "\"allowDebug\": false, \"allowedVersions\": [\"[1.5.0,1.6.0)\"], "
                + "\"deniedVersions\": [{\"range\": \"[1.5.1]\", \"reason\": \"TEST\"}],",
            StringComparison.Ordinal);
        yield return ("policy/full.json", Encoding.UTF8.GetBytes(full));
        var published =
            $$"""{"format":"tdxrel-published/1","source":"TEST","date":"2030-01-01","signer":"{{new string('0', 96)}}","modules":""";
        yield return ("published/one.json", Encoding.UTF8.GetBytes(published + $$$"""{"1.5.51":"{{{new string('1', 96)}}}"}}"""));
        yield return ("published/empty.json", Encoding.UTF8.GetBytes(published + "{}}"));
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Documents()
    {
        var (sha, git) = (new string('0', 64), new string('1', 40));
        var files = new[] { new LockedFile("BINARIES_LICENSE", 3, sha),
            new LockedFile("joined_files/1.5/tdx_module_1.5.51.blob", 4096, sha), new LockedFile("mapping_file.json", 5, sha) };
        var pin = new LockFile([new("git", "https://example.org/x.git"), new("archive", "https://example.org/{commit}.tar.gz")], "main",
            git, git, new DateOnly(2026, 1, 1), "1.0", sha, DateTimeOffset.UnixEpoch, "TEST", files);
        yield return ("lock/full.json", pin.ToJson());
        yield return ("lock/bare.json", (pin with { Tree = null, Date = null, Sources = [pin.Sources[0]], Files = [files[0]] }).ToJson());
        var record = new SnapshotRecord(new Origin(Origin.Git, "https://example.org/x.git", git, git, new DateOnly(2026, 1, 1)), 7,
            [new("LICENSE", 3, sha, git, "here"), new("mapping_file.json", 5, sha)]);
        yield return ("snapshot/full.json", record.ToJson());
        yield return ("snapshot/bare.json", new SnapshotRecord(new Origin(Origin.Folder), 0, []).ToJson());
        yield return ("manifest/full.json", SampleBundle.Manifest().ToJson());
        yield return ("manifest/unsigned.json", (SampleBundle.Manifest() with { Unsigned = true, Modules = [] }).ToJson());
        yield return ("inventory/hosts.csv",
            "host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.51,3\n\"b, c\",0xA06D1,2.0.00,2.0.51,\n"u8.ToArray());
        yield return ("inventory/short.csv", "host,cpu,seamldr,running\r\na,0x806F8,1.5.02,1.5.51\r\n"u8.ToArray());
        yield return ("inventory/hosts.jsonl",
            "{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.51\",\"remaining\":3}\n"u8.ToArray());
        yield return ("site-policy/empty.json", """{"format":"tdxrel-site-policy/1","name":""}"""u8.ToArray());
        yield return ("site-policy/full.json",
            ("""{"format":"tdxrel-site-policy/1","name":"TEST","tier":"strict","prefer":"smallest","blocked":"""u8
                + """[{"from":"[1.5.1,1.5.5)","to":"1.5.20","reason":"r","fixedIn":"1.5.24","cpus":["sapphire-rapids"]}]"""u8
                + ""","barriers":[{"version":"1.5.24","reason":"r"}],"deadEnds":[{"version":"1.5.9","reason":"r"}]"""u8
                + ""","denied":[{"range":"1.5.30","reason":"r"}]}"""u8).ToArray());
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }
}
