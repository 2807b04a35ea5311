using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Oci;
using TdxRelease.Testing;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Packages;

/// <summary>What the reader of OCI layouts says, word for word, of a layout in which one text stands in the place of another.</summary>
public sealed class OciMessagesTests : IDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string BundleType = "application/vnd.tdxrel.bundle.v1+json";

    private readonly TempFolder temp = new();
    private readonly string bundle;

    public OciMessagesTests()
    {
        using var folder = new AtomicFolder(temp["o"], FolderState.Of(temp["o"]));
        bundle = OciLayoutWriter.Write(new OciFormat(), (file, content) => folder.Write(file, content),
            [("a/b", "abc"u8.ToArray()), ("c", "d"u8.ToArray())], "v1", TestRelease.Later, "{}"u8.ToArray(),
            payload => TestRelease.Signer.Sign(payload, HashAlgorithmName.SHA256));
        folder.Commit();
    }

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("1.0.0", "1.0.0", null)]
    [InlineData("1.0.0", "1.0.1", "@O/oci-layout: version \"1.0.1\", want 1.0.0")]
    [InlineData("{", "", "@O/oci-layout: ")]
    [InlineData("{\"imageLayoutVersion\":\"1.0.0\"}", "null", "@O/oci-layout: is null")]
    public void The_version_of_the_layout(string old, string text, string? want)
    {
        Replace("oci-layout", old, text);
        Check(want);
    }

    [Theory]
    [InlineData("{\"schemaVersion\":2", "{\"schemaVersion\":1",
        "@O/index.json: schema 1 with 4 manifests, want schema 2 and at most 10000")]
    [InlineData("\"manifests\":[", "\"manifests\":[null,", "@O/index.json: a manifest is null")]
    [InlineData("[{\"mediaType\":\"" + ManifestType, "[{\"mediaType\":\"application/x",
        "@O/index.json: media type \"application/x\", want a manifest or an index")]
    [InlineData("[{\"mediaType\":\"" + ManifestType, "[{\"mediaType\":\"application/vnd.oci.image.index.v1+json",
        "@O/index.json: 0 bundles, want one")]
    [InlineData("\"v1\"", "\"v2\"", null)]
    [InlineData("[{", "[{\"x\":1,", "@O/index.json: ")]
    public void The_index(string old, string text, string? want)
    {
        Replace("index.json", old, text);
        Check(want);
    }

    [Fact]
    public void A_tag_chooses_and_two_bundles_are_not_one()
    {
        var index = File.ReadAllText(temp["o/index.json"]);
        var first = index.IndexOf('[', StringComparison.Ordinal) + 1;
        var entry = index[first..(index.IndexOf('}', index.IndexOf("\"v1\"", StringComparison.Ordinal)) + 2)];
        Replace("index.json", "[", $"[{entry.Replace("\"v1\"", "\"v2\"", StringComparison.Ordinal)},");
        Check("@O/index.json: 2 bundles, want one");
        Assert.Equal(2, OciLayoutReader.Read(temp["o"], "v2").Files.Count);
        Says($"{temp["o"]}/index.json: 0 bundles with the tag \"v\\x0a3\", want one", () => OciLayoutReader.Read(temp["o"], "v\n3"));
    }

    /// <summary>A text in the index's entry of the bundle; @O is the layout, @D the digest, @N the length.</summary>
    [Theory]
    [InlineData("sha256:", "sha512:", "@O: digest \"sha512:@D\", want sha256: and 64 lower-case hex digits")]
    [InlineData("sha256:", "sha256:0", "@O: digest \"sha256:0@D\", want sha256: and 64 lower-case hex digits")]
    [InlineData("sha256:", "sha256:/../", "@O: digest \"sha256:/../@D\", want sha256: and 64 lower-case hex digits")]
    [InlineData("\",\"size\":", "\",\"size\":-", "@O: sha256:@D: -@N bytes, the limit is 4194304")]
    [InlineData("\",\"size\":", "\",\"size\":4194304,\"artifactType\":\"x\",\"urls\":", "@O/index.json: ")]
    public void What_points_to_a_manifest(string old, string text, string? want)
    {
        var digest = bundle[7..];
        var length = new FileInfo(temp[$"o/blobs/sha256/{digest}"]).Length;
        Replace("index.json", old.Contains("sha", StringComparison.Ordinal) ? $"{old}{digest}" : $"{digest}{old}",
            old.Contains("sha", StringComparison.Ordinal) ? $"{text}{digest}" : $"{digest}{text}");
        Check(want?.Replace("@D", digest, StringComparison.Ordinal).Replace("@N", $"{length}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("4194304", "@O: blob @D of 4194304 bytes is @D of @N bytes", ExitCode.VerificationFailed)]
    [InlineData("4194305", "@O: @D: 4194305 bytes, the limit is 4194304", ExitCode.BadInput)]
    [InlineData("0", "@O: blob @D of 0 bytes is @D of @N bytes", ExitCode.VerificationFailed)]
    public void The_length_of_a_manifest(string size, string want, ExitCode code)
    {
        var length = new FileInfo(temp[$"o/blobs/sha256/{bundle[7..]}"]).Length;
        Replace("index.json", $"{bundle}\",\"size\":{length}", $"{bundle}\",\"size\":{size}");
        Refused(code, want.Replace("@O", temp["o"], StringComparison.Ordinal).Replace("@D", bundle, StringComparison.Ordinal)
            .Replace("@N", $"{length}", StringComparison.Ordinal), null, () => OciLayoutReader.Read(temp["o"]));
    }

    [Fact]
    public void A_digest_is_64_lower_case_digits()
    {
        foreach (var last in "GA/")
        {
            Replace("index.json", bundle, $"{bundle[..^1]}{last}");
            Check($"@O: digest \"{bundle[..^1]}{last}\", want sha256: and 64 lower-case hex digits");
            Replace("index.json", $"{bundle[..^1]}{last}", bundle);
        }
    }

    [Fact]
    public void Manifests_and_layers_are_counted()
    {
        var index = File.ReadAllText(temp["o/index.json"]);
        var entry = $"{{\"mediaType\":\"x\",\"digest\":\"{bundle}\",\"size\":1}}";
        string Many(int count) => string.Join(',', Enumerable.Repeat(entry, count));
        File.WriteAllText(temp["o/index.json"], $"{{\"schemaVersion\":2,\"manifests\":[{Many(10_000)}]}}");
        Check("@O/index.json: media type \"x\", want a manifest or an index");
        File.WriteAllText(temp["o/index.json"], $"{{\"schemaVersion\":2,\"manifests\":[{Many(10_001)}]}}");
        Check("@O/index.json: schema 2 with 10001 manifests, want schema 2 and at most 10000");
        File.WriteAllText(temp["o/index.json"], index);
        var digest = ReplaceManifest(bundle, "\"layers\":[", $"\"layers\":[{Many(9_998)},");
        var length = new FileInfo(temp[$"o/blobs/sha256/{bundle[7..]}"]).Length;
        Refused(ExitCode.VerificationFailed, $"{temp["o"]}: blob {bundle} of 1 bytes is {bundle} of {length} bytes", null,
            () => OciLayoutReader.Read(temp["o"]));
        digest = ReplaceManifest(digest, "\"layers\":[", $"\"layers\":[{entry},");
        Check($"{digest}: schema 2, 10001 layers, config \"application/vnd.oci.image.config.v1+json\": "
            + "this artifact manifest is not supported");
    }

    [Theory]
    [InlineData(16, 0, 67108865, "@O: sha256:@B: 67108865 bytes, the limit is 67108864")]
    [InlineData(16, 0, 67108864, "")]
    [InlineData(17, 0, 67108864, "@D: layers of more than 1073741824 bytes in all")]
    [InlineData(16, 1, 67108864, "@D: layers of more than 1073741824 bytes in all")]
    [InlineData(16, -1, 67108864, "")]
    public void Layers_have_a_limit_together(int count, int more, int size, string want)
    {
        var blob = Convert.ToHexStringLower(SHA256.HashData("abc"u8));
        string Layer(int bytes) => $"{{\"mediaType\":\"application/octet-stream\",\"digest\":\"sha256:{blob}\",\"size\":{bytes},"
            + "\"annotations\":{\"org.opencontainers.image.title\":\"t\"}}";
        var layers = string.Join(',', Enumerable.Repeat(Layer(size), count).Append(Layer(more)));
        var manifest = File.ReadAllText(temp[$"o/blobs/sha256/{bundle[7..]}"]);
        var first = manifest.IndexOf("\"layers\":[", StringComparison.Ordinal) + 10;
        var digest = ReplaceManifest(bundle, manifest[first..manifest.IndexOf(']', first)], layers);
        Refused(want.Length == 0 ? ExitCode.VerificationFailed : ExitCode.BadInput,
            (want.Length == 0 ? $"@O: blob sha256:@B of {size} bytes is sha256:@B of 3 bytes" : want)
                .Replace("@O", temp["o"], StringComparison.Ordinal).Replace("@B", blob, StringComparison.Ordinal)
                .Replace("@D", digest, StringComparison.Ordinal), null, () => OciLayoutReader.Read(temp["o"]));
    }

    /// <summary>A text of the bundle's manifest, which gets its new digest, @D.</summary>
    [Theory]
    [InlineData("\"schemaVersion\":2", "\"schemaVersion\":3",
        "@D: schema 3, 2 layers, config \"application/vnd.oci.image.config.v1+json\": this artifact manifest is not supported")]
    [InlineData("\"mediaType\":\"" + ManifestType + "\"", "\"mediaType\":\"application/x\"",
        "@D: schema 2, 2 layers, config \"application/vnd.oci.image.config.v1+json\": this artifact manifest is not supported")]
    [InlineData("application/vnd.oci.image.config.v1+json", "application/x",
        "@D: schema 2, 2 layers, config \"application/x\": this artifact manifest is not supported")]
    [InlineData("application/vnd.oci.image.config.v1+json", "application/vnd.oci.empty.v1+json", null)]
    [InlineData("\"layers\":[", "\"layers\":[null,", "@D: a layer is null")]
    [InlineData("title\":\"c\"", "title\":\"a/b\"", "@D: \"a/b\" comes twice")]
    [InlineData("title\":\"c\"", "title\":\"../c\"", "\"../c\" is not a safe relative path")]
    [InlineData("title\":\"c\"", "other\":\"c\"", "@D: a layer has no org.opencontainers.image.title")]
    [InlineData("artifactType\":\"" + BundleType, "artifactType\":\"application/x", "@O/index.json: 0 bundles, want one")]
    [InlineData("application/octet-stream", "application/vnd.dev.cosign.simplesigning.v1+json", "@O/index.json: 0 bundles, want one")]
    [InlineData("{\"schemaVersion\"", "{\"x\":1,\"schemaVersion\"", "@D: ")]
    public void The_manifest_of_a_bundle(string old, string text, string? want)
    {
        var digest = ReplaceManifest(bundle, old, text);
        Check(want?.Replace("@D", digest, StringComparison.Ordinal));
    }

    /// <summary>A text of the referrer's manifest.</summary>
    [Theory]
    [InlineData("\"layers\":[", "\"layers\":[", null, 1)]
    [InlineData("\"size\":@N},\"annotations\"", "\"size\":1},\"annotations\"", null, 0)]
    [InlineData("\"digest\":\"@B\"", "\"digest\":\"sha256:0\"", null, 0)]
    [InlineData("\"artifactType\":\"application/vnd.dev.sigstore", "\"artifactType\":\"application/x", null, 0)]
    [InlineData("\"layers\":[{", "\"layers\":[],\"x\":[{", "@D: ", 0)]
    public void What_refers_to_a_bundle(string old, string text, string? want, int referrers)
    {
        var digest = Digest("application/vnd.dev.sigstore.bundle.v0.3+json");
        var manifest = File.ReadAllText(temp[$"o/blobs/sha256/{digest[7..]}"]);
        var subject = manifest[manifest.IndexOf("\"subject\"", StringComparison.Ordinal)..];
        Assert.Contains(bundle, subject, StringComparison.Ordinal);
        string Filled(string pattern) => pattern.Replace("@B", bundle, StringComparison.Ordinal)
            .Replace("@N", $"{new FileInfo(temp[$"o/blobs/sha256/{bundle[7..]}"]).Length}", StringComparison.Ordinal);
        var changed = ReplaceManifest(digest, Filled(old), Filled(text));
        Check(want?.Replace("@D", changed, StringComparison.Ordinal));
        if (want is null)
        {
            Assert.Equal(referrers, OciLayoutReader.Read(temp["o"]).SigstoreBundles.Count);
        }
    }

    [Fact]
    public void A_referrer_has_one_layer()
    {
        var digest = Digest("application/vnd.dev.sigstore.bundle.v0.3+json");
        var manifest = File.ReadAllText(temp[$"o/blobs/sha256/{digest[7..]}"]);
        var from = manifest.IndexOf("\"layers\":[", StringComparison.Ordinal) + 10;
        var layer = manifest[from..manifest.IndexOf(']', from)];
        var changed = ReplaceManifest(digest, layer, $"{layer},{layer}");
        Check($"{changed}: a Sigstore referrer with 2 layers, want one");
        Check($"{ReplaceManifest(changed, $"{layer},{layer}", "")}: a Sigstore referrer with 0 layers, want one");
    }

    [Theory]
    [InlineData("cosign/signature\":\"", "cosign/signature\":\"!", "@T: dev.cosignproject.cosign/signature is not base64")]
    [InlineData("cosign/signature\":\"", "cosign/x\":\"", "@T: dev.cosignproject.cosign/signature is not base64")]
    [InlineData("\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json",
        "\"layers\":[{\"mediaType\":\"application/x", "@O/index.json: 2 bundles, want one")]
    [InlineData("\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json", "\"layers\":[{\"mediaType\":\""
        + "application/vnd.dev.cosign.simplesigning.v1+json\",\"digest\":\"@B\",\"size\":1},{\"mediaType\":\"application/x",
        "@T: 2 layers, want one of type application/vnd.dev.cosign.simplesigning.v1+json")]
    public void The_signature_beside_a_bundle(string old, string text, string want)
    {
        var tag = $"{bundle.Replace(':', '-')}.sig";
        var index = File.ReadAllText(temp["o/index.json"]);
        var end = index.IndexOf(tag, StringComparison.Ordinal);
        var at = index.LastIndexOf("sha256:", end, StringComparison.Ordinal);
        ReplaceManifest(index[at..(at + 71)], old, text.Replace("@B", bundle, StringComparison.Ordinal));
        Check(want.Replace("@T", tag, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_signed_names_the_bundle()
    {
        var payload = OciLayoutReader.Read(temp["o"]).Signature!.Payload.ToArray();
        var digest = Convert.ToHexStringLower(SHA256.HashData(payload));
        payload[payload.AsSpan().IndexOf(Encoding.ASCII.GetBytes(bundle)) + 10] ^= 1;
        var other = Convert.ToHexStringLower(SHA256.HashData(payload));
        File.WriteAllBytes(temp[$"o/blobs/sha256/{other}"], payload);
        var index = File.ReadAllText(temp["o/index.json"]);
        var tag = $"{bundle.Replace(':', '-')}.sig";
        var at = index.LastIndexOf("sha256:", index.IndexOf(tag, StringComparison.Ordinal), StringComparison.Ordinal);
        ReplaceManifest(index[at..(at + 71)], digest, other);
        Refused(ExitCode.VerificationFailed, $"{tag}: what is signed does not name the image {bundle}", null,
            () => OciLayoutReader.Read(temp["o"]));
    }

    [Fact]
    public void What_a_layout_holds_besides_is_told()
    {
        var read = OciLayoutReader.Read(temp["o"]);
        IEnumerable<string> Differences() =>
            OciLayoutReader.Compare(temp["o"], read, "v1", TestRelease.Later).Select(d => $"{d.Path} {d.Problem}");
        Assert.Empty(Differences());
        File.WriteAllText(temp["o/more"], "");
        File.AppendAllText(temp["o/oci-layout"], "\n");
        File.Delete(temp[$"o/blobs/sha256/{bundle[7..]}"]);
        Assert.Equal([$"blobs/sha256/{bundle[7..]} is missing", "more is not expected here",
            "oci-layout differs from byte 30 on from the one that the bundle gives"], Differences());
        Refused(ExitCode.VerificationFailed, $"{temp["o"]}: blob {bundle} is missing", null, () => OciLayoutReader.Read(temp["o"]));
        File.Delete(temp["o/oci-layout"]);
        Refused(ExitCode.VerificationFailed, $"{temp["o"]}: oci-layout is missing", null, () => OciLayoutReader.Read(temp["o"]));
    }

    // A message that ends in a blank is the beginning of what .NET's reader of JSON says.
    private void Check(string? want)
    {
        want = want?.Replace("@O", temp["o"], StringComparison.Ordinal);
        if (want?.EndsWith(' ') != true)
        {
            Says(want, () => OciLayoutReader.Read(temp["o"]));
            return;
        }

        var error = Assert.Throws<TdxException>(() => OciLayoutReader.Read(temp["o"]));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.StartsWith(want, error.Message, StringComparison.Ordinal);
    }

    // The digest of the manifest with this type of artifact.
    private string Digest(string type)
    {
        var index = File.ReadAllText(temp["o/index.json"]);
        return Directory.GetFiles(temp["o/blobs/sha256"]).Select(path => $"sha256:{Path.GetFileName(path)}").Single(digest =>
            index.Contains(digest, StringComparison.Ordinal)
            && File.ReadAllText(temp[$"o/blobs/sha256/{digest[7..]}"])
                .StartsWith($"{{\"schemaVersion\":2,\"mediaType\":\"{ManifestType}\",\"artifactType\":\"{type}", StringComparison.Ordinal));
    }

    // Changes a manifest; the index gets its new digest and length.
    private string ReplaceManifest(string digest, string old, string text)
    {
        var path = temp[$"o/blobs/sha256/{digest[7..]}"];
        var manifest = File.ReadAllText(path);
        var changed = First(manifest, old, text);
        var next = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(changed)))}";
        File.WriteAllText(temp[$"o/blobs/sha256/{next[7..]}"], changed);
        Replace("index.json", $"{digest}\",\"size\":{Encoding.UTF8.GetByteCount(manifest)}",
            $"{next}\",\"size\":{Encoding.UTF8.GetByteCount(changed)}");
        return next;
    }

    private void Replace(string file, string old, string text) =>
        File.WriteAllText(temp[$"o/{file}"], First(File.ReadAllText(temp[$"o/{file}"]), old, text));

    private static string First(string whole, string old, string text)
    {
        var at = whole.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"\"{old}\" is not in {whole}");
        return $"{whole[..at]}{text}{whole[(at + old.Length)..]}";
    }
}
