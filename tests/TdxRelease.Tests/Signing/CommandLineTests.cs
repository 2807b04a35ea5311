using System.Diagnostics;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.External;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Signing;

public class CommandLineTests
{
    [Theory]
    [InlineData("a b  c", "a|b|c")]
    [InlineData("a 'b c' \"d e\"", "a|b c|d e")]
    [InlineData("a b\\ c", "a|b c")]
    [InlineData("a '' \"\"", "a||")]
    [InlineData("a --x='1 2'", "a|--x=1 2")]
    [InlineData("a \"\\\"q\\\"\" 'b\\c'", "a|\"q\"|b\\c")]
    [InlineData("a $HOME `id` ; rm * > x", "a|$HOME|`id`|;|rm|*|>|x")]
    public void Words_are_split_and_nothing_is_expanded(string command, string words) =>
        Assert.Equal(words.Split('|'), CommandLine.Split(command));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a 'b")]
    [InlineData("a \"b")]
    [InlineData("a \\")]
    public void Broken_commands_are_refused(string command) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => CommandLine.Split(command)).Code);

    [Fact]
    public void A_program_that_hangs_is_ended()
    {
        var watch = Stopwatch.StartNew();
        var e = Assert.Throws<TdxException>(() => new SigningProgram("sleep 60", TimeSpan.FromMilliseconds(300)).Run(default));
        Assert.Equal(ExitCode.Io, e.Code);
        Assert.Contains("took longer than 0.3 s", e.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_program_that_floods_is_ended()
    {
        var e = Assert.Throws<TdxException>(() => new SigningProgram("cat /dev/zero", TimeSpan.FromSeconds(30)).Run(default));
        Assert.Contains("more than 1048576 bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_does_not_read_is_judged_by_its_output() =>
        Assert.Equal("done\n"u8.ToArray(), new SigningProgram("echo done", TimeSpan.FromSeconds(30)).Run(new byte[1 << 20]));

    [Theory]
    [InlineData("echo not a signature")]
    [InlineData("true")]
    [InlineData("cat")]
    public void What_does_not_verify_is_not_used(string command)
    {
        var signer = new ExternalRsaSigner(new SigningProgram(command, TimeSpan.FromSeconds(30)), SigningInput.DigestInfo,
            TestRelease.Signer.PublicKey);
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => signer.Sign("x"u8, HashAlgorithmName.SHA256)).Code);
    }
}
