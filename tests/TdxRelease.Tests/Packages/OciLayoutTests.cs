using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Oci;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class OciLayoutTests
{
    [Fact]
    public void The_manifest_has_exactly_these_bytes()
    {
        using var temp = new TempFolder();
        var digest = Write(temp["a"]);
        Assert.Equal(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            + "\"artifactType\":\"application/vnd.tdxrel.bundle.v1+json\","
            + "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
            + "\"digest\":\"sha256:dafb86323f52c679f96140c988093a86ae501a5d466425ed160e9d7a1f02d35d\",\"size\":258},"
            + "\"layers\":[{\"mediaType\":\"application/octet-stream\","
            + "\"digest\":\"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"size\":3,"
            + "\"annotations\":{\"org.opencontainers.image.title\":\"a/b\"}},"
            + "{\"mediaType\":\"application/octet-stream\","
            + "\"digest\":\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"size\":0,"
            + "\"annotations\":{\"org.opencontainers.image.title\":\"empty\"}}],"
            + "\"annotations\":{\"org.opencontainers.image.created\":\"2026-02-10T12:00:00Z\"}}",
            File.ReadAllText(temp[$"a/blobs/sha256/{digest[7..]}"]));
        Assert.Equal("{\"imageLayoutVersion\":\"1.0.0\"}", File.ReadAllText(temp["a/oci-layout"]));
    }

    [Fact]
    public void Twice_gives_the_same_bytes_and_reads_back()
    {
        using var temp = new TempFolder();
        Write(temp["a"]);
        Write(temp["b"]);
        Assert.Equal(Contents(temp["a"]), Contents(temp["b"]));
        var bundle = OciLayoutReader.Read(temp["a"], "v1");
        Assert.Equal(["a/b", "empty"], bundle.Files.Select(f => f.Path));
        Assert.Equal("abc"u8.ToArray(), bundle.Files[0].Content);
        Assert.Equal("{}"u8.ToArray(), bundle.SigstoreBundles.Single());
        Assert.IsType<OciFormat>(bundle.Format);
        Assert.Contains("0 bundles", Assert.Throws<TdxException>(() => OciLayoutReader.Read(temp["a"], "v2")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_blob_that_is_changed_cut_or_lost_is_noticed()
    {
        using var temp = new TempFolder();
        Write(temp["a"]);
        var blobs = Directory.GetFiles(temp["a/blobs/sha256"]);
        Assert.Equal(10, blobs.Length);
        foreach (var blob in blobs)
        {
            var bytes = File.ReadAllBytes(blob);
            File.WriteAllBytes(blob, [.. bytes, 0]);
            Assert.Equal(ExitCode.VerificationFailed, Code(temp["a"]));
            File.Delete(blob);
            Assert.Equal(ExitCode.VerificationFailed, Code(temp["a"]));
            File.WriteAllBytes(blob, bytes);
        }

        Assert.Single(OciLayoutReader.Read(temp["a"]).SigstoreBundles);
    }

    [Fact]
    public void Mutated_indexes_end_in_our_error()
    {
        using var temp = new TempFolder();
        Write(temp["a"]);
        var index = File.ReadAllBytes(temp["a/index.json"]);
        Property.Check(300, (random, _) =>
        {
            var bytes = (byte[])index.Clone();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
            File.WriteAllBytes(temp["a/index.json"], bytes);
            try
            {
                OciLayoutReader.Read(temp["a"]);
            }
            catch (TdxException e)
            {
                Assert.True(e.Code is ExitCode.BadInput or ExitCode.VerificationFailed, $"{e.Code}");
            }
        });
        foreach (var json in new[] { "", "null", "[]", "{}", """{"schemaVersion":2,"manifests":null}""",
            """{"schemaVersion":2,"manifests":[null]}""", """{"schemaVersion":2,"schemaVersion":2,"manifests":[]}""" })
        {
            File.WriteAllText(temp["a/index.json"], json);
            Assert.Equal(ExitCode.BadInput, Code(temp["a"]));
        }
    }

    [Theory]
    [InlineData("v 1")]
    [InlineData("")]
    [InlineData("../x")]
    public void Bad_tags_are_refused(string tag)
    {
        using var temp = new TempFolder();
        using var folder = new AtomicFolder(temp["a"], FolderState.Of(temp["a"]));
        Assert.Equal(ExitCode.BadInput,
            Assert.Throws<TdxException>(() =>
            OciLayoutWriter.Write(new OciFormat(), (file, content) => folder.Write(file, content), [("a", default)], tag, TestRelease.Later,
            null)).Code);
    }

    [Theory]
    [InlineData("../a", "b")]
    [InlineData("a", "a")]
    public void Bad_paths_are_refused(string first, string second)
    {
        using var temp = new TempFolder();
        using var folder = new AtomicFolder(temp["a"], FolderState.Of(temp["a"]));
        Assert.Equal(ExitCode.BadInput,
            Assert.Throws<TdxException>(() =>
            OciLayoutWriter.Write(new OciFormat(), (file, content) => folder.Write(file, content), [(first, default), (second, default)],
            "v1", TestRelease.Later, null)).Code);
    }

    [Fact]
    public void The_signature_stands_beside_the_bundle_as_cosign_keeps_it()
    {
        using var temp = new TempFolder();
        var digest = Write(temp["a"]);
        var signature = OciLayoutReader.Read(temp["a"]).Signature!;
        Assert.Equal(
            "{\"critical\":{\"identity\":{\"docker-reference\":\"tdx-module\"},"
            + $"\"image\":{{\"docker-manifest-digest\":\"{digest}\"}},\"type\":\"cosign container image signature\"}},\"optional\":null}}",
            Encoding.UTF8.GetString(signature.Payload.Span));
        Assert.True(TestRelease.Signer.PublicKey.Verify(signature.Payload.Span, signature.Signature.Span, HashAlgorithmName.SHA256));
        var index = File.ReadAllText(temp["a/index.json"]);
        Assert.Contains($"\"org.opencontainers.image.ref.name\":\"{digest.Replace(':', '-')}.sig\"", index, StringComparison.Ordinal);
        Assert.Empty(OciLayoutReader.Compare(temp["a"], OciLayoutReader.Read(temp["a"]), "v1", TestRelease.Later));

        // Under the tag of another image it is none of this one.
        File.WriteAllText(temp["a/index.json"],
            index.Replace($"{digest[7..]}.sig", $"{new string('0', 64)}.sig", StringComparison.Ordinal));
        Assert.Null(OciLayoutReader.Read(temp["a"]).Signature);
    }

    private static byte[] Sign(byte[] payload) => TestRelease.Signer.Sign(payload, HashAlgorithmName.SHA256);

    private static ExitCode Code(string folder) => Assert.Throws<TdxException>(() => OciLayoutReader.Read(folder, "v1")).Code;

    private static List<string> Contents(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetRelativePath(folder, f)} {File.ReadAllText(f)}")];

    private static string Write(string path)
    {
        using var folder = new AtomicFolder(path, FolderState.Of(path));
        var digest = OciLayoutWriter.Write(new OciFormat(), (file, content) => folder.Write(file, content),
            [("empty", default), ("a/b", "abc"u8.ToArray())], "v1", TestRelease.Later, "{}"u8.ToArray(), Sign);
        folder.Commit();
        return digest;
    }
}
