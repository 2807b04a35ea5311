using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>
/// The real program and the pipeline with an encrypted key, right and wrong: neither passphrase nor key is in anything that they print or
/// leave behind.
/// </summary>
public sealed class SecretsInProcessesTests : IDisposable
{
    private const string Right = "correct-horse-battery-staple";
    private const string Wrong = "Tr0ub4dor-and-3-more-words";

    private readonly TempFolder temp = new();
    private readonly List<string> said = [];
    private readonly string sample;
    private readonly string license;

    public SecretsInProcessesTests()
    {
        sample = temp["sample"];
        Tdxrel("sample", "create", sample).Ok();
        license = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(sample, "BINARIES_LICENSE"))));
        File.WriteAllText(temp["right"], $"{Right}\n");
        File.WriteAllText(temp["wrong"], $"{Wrong}\n");
        var signer = new RsaKeySigner(SampleKeys.Rsa4096);
        using var passphrase = Passphrase.Open($"file:{temp["right"]}");
        ReleaseKey.Write(temp["k"], signer, new ReleaseKeyRequest(TestRelease.UserId, TestRelease.Created, WithOpenPgpSecret: true),
            passphrase);
        ReleaseKey.Write(temp["plain"], signer, new ReleaseKeyRequest(TestRelease.UserId, TestRelease.Created, WithOpenPgpSecret: true),
            null);
    }

    public void Dispose() => temp.Dispose();

    [Fact]
    public void No_passphrase_and_no_key_is_printed_or_left_behind()
    {
        var pem = File.ReadAllText(temp["plain.pem"]);
        File.WriteAllText(temp["cut.pem"], pem[..2000]);
        File.WriteAllText(temp["bent.pem"], pem.Replace("MII", "MIJ", StringComparison.Ordinal));
        File.WriteAllText(temp["other.pem"], pem.Replace("PRIVATE KEY", "EC PRIVATE KEY", StringComparison.Ordinal));
        Tdxrel("keys", "create", "--out", temp["new"], "--user-id", TestRelease.UserId, "--created", "2026-01-01", "--passphrase",
            $"file:{temp["right"]}", "--with-openpgp-secret").Ok();
        Tdxrel("keys", "create", "--out", temp["new"], "--user-id", TestRelease.UserId, "--passphrase", "env:RIGHT").Refused("exists");
        Bundle("good", "k.pem", $"file:{temp["right"]}").Ok();
        Bundle("again", "k.secret.asc", "env:RIGHT").Ok();
        Shell($"exec '{TdxrelProgram.Path}' bundle '{sample}' --policy sample --accept-license {license} --formats tar "
            + $"--out '{temp["fd"]}' --signing-key '{temp["k.pem"]}' --passphrase fd:3 3< '{temp["right"]}'").Ok();
        Bundle("bad", "k.pem", $"file:{temp["wrong"]}").Refused("passphrase");
        Bundle("bad", "k.secret.asc", "env:WRONG").Refused("passphrase");
        Bundle("bad", "k.pem", null).Refused("passphrase");
        Assert.Equal(2, Bundle("bad", "k.pem", $"pass:{Right}").Exit);
        Assert.Equal(2, Bundle("bad", "k.pem", Right).Exit);
        Bundle("bad", "k.pem", "env:NO_SUCH_VARIABLE").Refused("NO_SUCH_VARIABLE");
        foreach (var broken in (string[])["cut.pem", "bent.pem", "other.pem"])
        {
            Bundle("bad", broken, null).Refused(broken);
            Bundle("bad", broken, $"file:{temp["right"]}").Refused(broken);
        }

        Tdxrel("audit", temp["good"], "--key", temp["plain.pem"], "--policy", "sample").Refused("PUBLIC KEY");
        Tdxrel("audit", temp["good"], "--key", temp["k.pub.pem"], "--certificate", temp["plain.secret.asc"], "--policy", "sample")
            .Refused("secret");
        Assert.False(Path.Exists(temp["bad"]));

        List<string> artifacts = [temp["good"], temp["again"], temp["fd"]];
        Pipeline("pipeline", "k.pem", "env:RIGHT", artifacts).Ok();
        Pipeline("pipeline-bad", "k.pem", "env:WRONG", artifacts).Refused("passphrase");
        Search(artifacts);
    }

    private void Search(List<string> artifacts)
    {
        var files = artifacts.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories)).Concat(
            ((string[])["k.pub.pem", "k.pgp", "k.asc", "k.pem", "k.secret.asc"]).Select(n => temp[n])).ToList();
        Assert.True(files.Count > 60, $"{files.Count} files");
        var secrets = Secrets();
        foreach (var (name, bytes) in said.Select((s, i) => ($"output {i}", Encoding.UTF8.GetBytes(s)))
            .Concat(files.Select(f => (f, File.ReadAllBytes(f)))))
        {
            Assert.All(secrets, secret => Assert.True(bytes.AsSpan().IndexOf(secret) < 0, $"{name}: {Encoding.Latin1.GetString(secret)}"));
        }

        // The search finds what it looks for.
        var plain = File.ReadAllBytes(temp["plain.pem"]);
        Assert.Contains(secrets, secret => plain.AsSpan().IndexOf(secret) >= 0);
        Assert.Contains(secrets,
            secret => Convert.FromBase64String(string.Concat(File.ReadAllLines(temp["plain.pem"]).Where(l => l[0] != '-'))).AsSpan()
            .IndexOf(secret) >= 0);
    }

    /// <summary>Both passphrases, and pieces of the private numbers: raw, in hex and in base64 at each alignment.</summary>
    private static List<byte[]> Secrets()
    {
        var numbers = SampleKeys.Rsa4096.ExportParameters(includePrivateParameters: true);
        List<byte[]> secrets = [Encoding.ASCII.GetBytes(Right), Encoding.ASCII.GetBytes(Wrong)];
        foreach (var number in (byte[][])[numbers.D!, numbers.P!, numbers.Q!, numbers.DP!, numbers.InverseQ!])
        {
            for (var at = 8; at + 24 <= number.Length; at += 40)
            {
                var piece = number.AsSpan(at, 21);
                secrets.Add(piece.ToArray());
                secrets.Add(Encoding.ASCII.GetBytes(Convert.ToHexString(piece)));
                secrets.Add(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(piece)));
                for (var shift = 0; shift < 3; shift++)
                {
                    secrets.Add(Encoding.ASCII.GetBytes(Convert.ToBase64String(piece.Slice(shift, 18))));
                }
            }
        }

        return secrets;
    }

    private ToolResult Bundle(string output, string key, string? passphrase) => Tdxrel(
    [
        "bundle", sample, "--policy", "sample", "--accept-license", license, "--formats",
        output == "good" ? "tar,deb,rpm,arch,apt,dnf,pacman,oci" : "tar", "--out", temp[output], "--signing-key", temp[key],
        .. passphrase is null ? (string[])[] : ["--passphrase", passphrase],
    ]);

    private ToolResult Pipeline(string output, string key, string passphrase, List<string> artifacts)
    {
        artifacts.Add(temp[output]);
        return Said(Tool.RunWith(TestData.Checkout, Environment(), Path.Combine(TestData.Checkout, "build.sh"), $"--source={sample}",
            "--policy=sample", "--lock=none", "--formats=tar", "--target=Audit", $"--output={temp[output]}", $"--signing-key={temp[key]}",
            $"--passphrase={passphrase}", $"--accept-license={license}"));
    }

    private ToolResult Tdxrel(params string[] arguments) => Said(Tool.RunWith("/", Environment(), TdxrelProgram.Path, arguments));

    private ToolResult Shell(string command) => Said(Tool.RunWith("/", Environment(), "bash", "-c", command));

    private ToolResult Said(ToolResult result)
    {
        said.Add(result.Output);
        said.Add(result.Errors);
        return result;
    }

    private static Dictionary<string, string> Environment() => new()
    {
        ["RIGHT"] = Right,
        ["WRONG"] = Wrong,
        ["SOURCE_DATE_EPOCH"] = TestRelease.Later.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };
}
