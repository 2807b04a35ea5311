using System.IO.Compression;
using System.Text;
using TdxRelease.Modules.Images;
using TdxRelease.Modules.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Cases;
using TdxRelease.Tests.Samples;

namespace TdxRelease.Tests.Fuzzing;

/// <summary>The seed corpus: sound and nearly sound inputs from the synthetic upstream. Further finds are added to the folders by hand.</summary>
internal static class CorpusFiles
{
    public static void Check()
    {
        foreach (var (path, bytes) in Seeds())
        {
            var full = Path.Combine(Upstream.Checkout, "tests", "fixtures", "corpus", path);
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
        yield return ("mapping/old.json", """{"Header":{"Copyright":"TEST","Info":"TEST","Version":"1.0"},"tdx_module_releases":[{"version":"1.5.51","min_module_version_for_td_preserving":"1.5.51","min_seamldr_versions":["1.5.00"],"tdx_feature0":"0xF0FBF"}]}"""u8.ToArray());
        yield return ("policy/sample.json", SampleUpstream.PolicyBytes);
        var full = Encoding.UTF8.GetString(SampleUpstream.PolicyBytes).Replace(
            "\"allowDebug\": true,",
            "\"allowDebug\": false, \"allowedVersions\": [\"[1.5.0,1.6.0)\"], \"deniedVersions\": [{\"range\": \"[1.5.1]\", \"reason\": \"TEST\"}],",
            StringComparison.Ordinal);
        yield return ("policy/full.json", Encoding.UTF8.GetBytes(full));
        yield return ("published/one.json", Encoding.UTF8.GetBytes($$$"""{"format":"tdxrel-published/1","source":"TEST","date":"2030-01-01","signer":"{{{new string('0', 96)}}}","modules":{"1.5.51":"{{{new string('1', 96)}}}"}}"""));
        yield return ("published/empty.json", Encoding.UTF8.GetBytes($$$"""{"format":"tdxrel-published/1","source":"TEST","date":"2030-01-01","signer":"{{{new string('0', 96)}}}","modules":{}}"""));
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
