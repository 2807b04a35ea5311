using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using TdxRelease.Core.Files;
using TdxRelease.Packages.Oci;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>
/// Both layouts go to a registry and come back with the signature beside them. Debian's skopeo has its verification of such signatures
/// disabled, so openssl and Sigstore's library have the word on them.
/// </summary>
public sealed class RegistryTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    public static TheoryData<string> Formats => [.. LayoutFormat.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_registry_carries_the_signature_beside_the_image(string name)
    {
        using var registry = new LoopbackRegistry(temp["registry"]);
        var digest = Write(name);
        var (signature, referrers) = (ImageSignature.TagOf(digest), digest.Replace(':', '-'));
        foreach (var tag in (string[])["20260210", signature])
        {
            Copy("--preserve-digests", $"oci:{temp["layout"]}:{tag}", $"{registry.Repository}:{tag}");
            Copy("--preserve-digests", $"{registry.Repository}:{tag}", $"oci:{temp["back"]}:{tag}");
        }

        // skopeo 1.9 does not know artifactType in an index and leaves it out: another digest, the same referrer.
        Copy("--all", $"oci:{temp["layout"]}:{referrers}", $"{registry.Repository}:{referrers}");
        using var index = JsonDocument.Parse(Inspect("--raw", $"{registry.Repository}:{referrers}"));
        Assert.Contains(index.RootElement.GetProperty("manifests")[0].GetProperty("digest").GetString()!,
            File.ReadAllText(temp["layout/index.json"]), StringComparison.Ordinal);

        var (sent, back) = (OciLayoutReader.Read(temp["layout"]), OciLayoutReader.Read(temp["back"]));
        Assert.Equal(sent.Files.Select(f => (f.Path, Convert.ToHexString(f.Content.Span))),
            back.Files.Select(f => (f.Path, Convert.ToHexString(f.Content.Span))));
        Assert.Equal(sent.Signature!.Signature.ToArray(), back.Signature!.Signature.ToArray());
        Assert.Equal(digest, Inspect("--format={{.Digest}}", $"{registry.Repository}:20260210").Trim());
        Assert.Equal($"verified {digest}\n", Sigstore("back").Ok().Output);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Sigstores_verifier_refuses_another_payload(string name)
    {
        var digest = Write(name);
        Assert.Equal($"verified {digest}\n", Sigstore("layout").Ok().Output);
        var payload = Directory.GetFiles(temp["layout/blobs/sha256"])
            .Single(f => File.ReadAllText(f).Contains("docker-manifest-digest", StringComparison.Ordinal));
        File.WriteAllText(payload, File.ReadAllText(payload).Replace(digest[^4..], "0000", StringComparison.Ordinal));
        Sigstore("layout").Refused("signature verification failed");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Openssl_verifies_the_payload_as_cosign_keeps_it(string name)
    {
        var digest = Write(name);
        var tag = ImageSignature.TagOf(digest);
        using var manifest = JsonDocument.Parse(Inspect("--raw", $"oci:{temp["layout"]}:{tag}"));
        var layer = Assert.Single(manifest.RootElement.GetProperty("layers").EnumerateArray());
        Assert.Equal("application/vnd.dev.cosign.simplesigning.v1+json", layer.GetProperty("mediaType").GetString());
        File.WriteAllBytes(temp["signature"],
            layer.GetProperty("annotations").GetProperty("dev.cosignproject.cosign/signature").GetBytesFromBase64());
        var payload = temp[$"layout/blobs/sha256/{layer.GetProperty("digest").GetString()![7..]}"];
        string[] verify = ["dgst", "-sha256", "-verify", TestRelease.PublicPemPath, "-signature", temp["signature"]];
        Assert.Equal("Verified OK\n", Tool.Run(temp.Path, "openssl", [.. verify, payload]).Ok().Output);
        using var said = JsonDocument.Parse(File.ReadAllBytes(payload));
        Assert.Equal(digest,
            said.RootElement.GetProperty("critical").GetProperty("image").GetProperty("docker-manifest-digest").GetString());
        File.WriteAllText(temp["changed"], File.ReadAllText(payload).Replace(digest[^4..], "0000", StringComparison.Ordinal));
        Tool.Run(temp.Path, "openssl", [.. verify, temp["changed"]]).Refused("Verification failure");
    }

    private ToolResult Sigstore(string layout) =>
        Npm.Run(temp.Path, "verify-cosign.mjs", TestRelease.PublicPemPath, temp[layout]);

    private string Inspect(string how, string image) =>
        Tool.Run(temp.Path, "skopeo", "inspect", "--tls-verify=false", how, image).Ok().Output;

    private void Copy(string how, string from, string to) => Tool.Run(temp.Path, "skopeo", "--insecure-policy", "copy", how,
        "--src-tls-verify=false", "--dest-tls-verify=false", from, to).Ok();

    private string Write(string name)
    {
        using var folder = new AtomicFolder(temp["layout"], FolderState.Of(temp["layout"]));
        var files = FirmwareSample.Spec("1").Files.Where(f => f.Path.StartsWith(FirmwareSample.Folder, StringComparison.Ordinal))
            .Select(f => (f.Path[(FirmwareSample.Folder.Length + 1)..], f.Content)).ToList();
        var digest = OciLayoutWriter.Write(LayoutFormat.All.Single(f => f.Name == name), (file, content) => folder.Write(file, content),
            files, "20260210", TestRelease.Later, "{\"provenance\":1}"u8.ToArray(),
            payload => TestRelease.Signer.Sign(payload, HashAlgorithmName.SHA256));
        folder.Commit();
        return digest;
    }
}

/// <summary>Debian's docker-registry on a free port of loopback, with storage of its own; ends with this object.</summary>
internal sealed class LoopbackRegistry : IDisposable
{
    private readonly Process process;

    public LoopbackRegistry(string folder)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = free.LocalEndpoint.ToString()!;
        }

        Tool.Write(Path.Combine(folder, "config.yml"),
            $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {folder}/storage\n"
                + $"http:\n  addr: {Address}\n");
        var command = $"exec docker-registry serve '{folder}/config.yml' >'{folder}/log' 2>&1";
        process = Process.Start(new ProcessStartInfo("sh", ["-c", command]))!;
        var clock = Stopwatch.StartNew();
        while (!Answers())
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                Dispose();
                Assert.Fail(File.ReadAllText(Path.Combine(folder, "log")));
            }

            Thread.Sleep(100);
        }
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>A repository in it, as skopeo names it, without a tag.</summary>
    public string Repository => $"docker://{Address}/tdx/module";

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPEndPoint.Parse(Address));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
