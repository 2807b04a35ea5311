using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>One key, in a file and behind programs: the release is the same bytes, whoever signs.</summary>
public sealed partial class SigningCommandTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly Dictionary<string, string> home;
    private readonly string sample;

    public SigningCommandTests()
    {
        home = new() { ["GNUPGHOME"] = temp["gnupg"] };
        Directory.CreateDirectory(temp["gnupg"], (UnixFileMode)0x1C0);
        sample = temp["sample"];
        Tool.RunWith("/", home, TdxrelProgram.Path, "sample", "create", sample).Ok();
        var signer = new RsaKeySigner(SampleKeys.Rsa4096);
        ReleaseKey.Write(temp["k"], signer, new ReleaseKeyRequest(TestRelease.UserId, TestRelease.Created, WithOpenPgpSecret: true), null);
    }

    public void Dispose()
    {
        Tool.RunWith("/", home, "gpgconf", "--kill", "all");
        temp.Dispose();
    }

    [Fact]
    public void Openssl_in_three_ways_and_a_gpg_agent_sign_the_release_that_the_key_file_signs()
    {
        Bundle("file", "--signing-key", temp["k.pem"]).Ok();
        var want = CleanTests.Listing(temp["file"]);
        Assert.Contains(want, f => f.StartsWith("apt/dists/stable/InRelease ", StringComparison.Ordinal));
        (string Input, string Command)[] programs =
        [
            ("digest", $"openssl pkeyutl -sign -inkey '{temp["k.pem"]}' -pkeyopt digest:{{hash}}"),
            ("digest-info", $"openssl rsautl -sign -inkey '{temp["k.pem"]}'"),
            ("payload", $"openssl dgst -{{hash}} -sign '{temp["k.pem"]}'"),
            ("digest", $"'{AgentScript()}' {ImportedKeygrip()} {{hash}}"),
        ];
        for (var i = 0; i < programs.Length; i++)
        {
            Bundle($"program{i}", [.. Program(programs[i].Command), "--signing-input", programs[i].Input]).Ok();
            Assert.Equal(want, CleanTests.Listing(temp[$"program{i}"]));
        }
    }

    [Fact]
    public void A_program_that_signs_with_another_key_or_not_at_all_leaves_nothing()
    {
        Bundle("other", Program($"openssl pkeyutl -sign -inkey '{TestRelease.PemPath}' -pkeyopt digest:{{hash}}")).Refused("are not a SHA");
        Bundle("none", Program("false")).Refused("false");
        Bundle("wrong-input", [.. Program($"openssl dgst -{{hash}} -sign '{temp["k.pem"]}'"), "--signing-input", "digest"])
            .Refused("are not a SHA");
        Assert.Equal(2, Bundle("alone", "--signing-command", "true").Exit);
        Assert.DoesNotContain(Directory.EnumerateDirectories(temp.Path), d => Path.GetFileName(d) is not ("sample" or "gnupg"));
    }

    [Fact]
    public void A_key_in_a_program_gets_the_certificate_that_the_key_file_gets_and_gpg_and_sqv_take_it()
    {
        string[] who = ["--user-id", TestRelease.UserId, "--created", $"{TestRelease.Created:yyyy-MM-dd'T'HH:mm:ss'Z'}"];
        string[] program = ["--signing-command", $"openssl pkeyutl -sign -inkey '{temp["k.pem"]}' -pkeyopt digest:{{hash}}"];
        Tool.RunWith("/", home, TdxrelProgram.Path,
            ["keys", "certificate", "--out", temp["hsm"], .. who, .. program, "--signing-public-key", temp["k.pub.pem"]]).Ok();
        Tool.RunWith("/", home, TdxrelProgram.Path, ["keys", "certificate", "--out", temp["file"], .. who, "--signing-key", temp["k.pem"]])
            .Ok();
        foreach (var ending in new[] { ".pgp", ".asc", ".pub.pem" })
        {
            Assert.Equal(File.ReadAllBytes(temp[$"k{ending}"]), File.ReadAllBytes(temp[$"hsm{ending}"]));
            Assert.Equal(File.ReadAllBytes(temp[$"k{ending}"]), File.ReadAllBytes(temp[$"file{ending}"]));
        }

        Assert.False(File.Exists(temp["hsm.pem"]));
        Tool.RunWith("/", home, "gpg", "--batch", "--quiet", "--import", temp["hsm.pgp"]).Ok();
        Assert.Equal(6, Tool.RunWith("/", home, TdxrelProgram.Path,
            ["keys", "certificate", "--out", temp["hsm"], .. who, .. program, "--signing-public-key", temp["k.pub.pem"]]).Exit);
        Assert.Equal(File.ReadAllText(temp["k.pub.pem"]),
            Tool.RunWith("/", home, TdxrelProgram.Path, "keys", "public", temp["hsm.asc"]).Ok().Output);
        File.WriteAllText(temp["data"], "signed by gpg, verified with the key that was taken from its certificate");
        Tool.RunWith("/", home, "gpg", "--batch", "--quiet", "--import", temp["k.secret.asc"]).Ok();
        Tool.RunWith("/", home, "gpg", "--batch", "--quiet", "--detach-sign", "-o", temp["data.sig"], temp["data"]).Ok();
        Tool.Run("/", "sqv", "--keyring", temp["hsm.pgp"], temp["data.sig"], temp["data"]).Ok();
    }

    private string[] Program(string command) =>
        ["--signing-command", command, "--signing-public-key", temp["k.pub.pem"], "--certificate", temp["k.pgp"]];

    private ToolResult Bundle(string output, params string[] signing)
    {
        var license = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(sample, "BINARIES_LICENSE"))));
        return Tool.RunWith("/", home, TdxrelProgram.Path,
            ["bundle", sample, "--policy", "sample", "--accept-license", license, "--formats", "tar,deb,rpm,apt,dnf", "--out", temp[output],
            .. signing]);
    }

    /// <summary>The script of docs/signing.md, as it stands.</summary>
    private string AgentScript()
    {
        var script = Script().Match(File.ReadAllText(Path.Combine(TestData.Checkout, "docs/signing.md"))).Groups[1].Value;
        Assert.Contains("gpg-connect-agent", script, StringComparison.Ordinal);
        File.WriteAllText(temp["sign-with-agent"], script);
        File.SetUnixFileMode(temp["sign-with-agent"], (UnixFileMode)0x1ED);
        Tool.Run("/", "shellcheck", temp["sign-with-agent"]).Ok();
        return temp["sign-with-agent"];
    }

    private string ImportedKeygrip()
    {
        Tool.RunWith("/", home, "gpg", "--batch", "--quiet", "--import", temp["k.secret.asc"]).Ok();
        var listing = Tool.RunWith("/", home, "gpg", "--batch", "--list-secret-keys", "--with-keygrip", "--with-colons").Ok().Output;
        return Keygrip().Match(listing).Groups[1].Value;
    }

    [GeneratedRegex("```sh\n(#!/bin/sh\n# sign-with-agent.*?)```", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("^grp:.*:([0-9A-F]{40}):", RegexOptions.Multiline)]
    private static partial Regex Keygrip();
}
