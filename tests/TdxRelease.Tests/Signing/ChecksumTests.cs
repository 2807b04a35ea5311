using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;
using TdxRelease.Tests.Acquisition;
using TdxRelease.Tests.Cli;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Signing;

/// <summary>Lists of hashes, the folders that they are held against, and the signatures over them: what is said, word for word.</summary>
public sealed class ChecksumTests : IDisposable
{
    private static readonly string Zeros = new('0', 64);
    private static readonly string Fs = new('f', 64);

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_list_is_written_in_ordinal_order_and_read_back()
    {
        var list = ChecksumList.Write([new("b", Zeros), new("a/c", Fs), new("B", Zeros)]);
        Assert.Equal($"{Zeros}  B\n{Fs}  a/c\n{Zeros}  b\n", Encoding.UTF8.GetString(list));
        Assert.Equal([new("B", Zeros), new("a/c", Fs), new("b", Zeros)], ChecksumList.Parse(list, "list"));
        Assert.Empty(ChecksumList.Parse([], "list"));
    }

    [Theory]
    [InlineData("{0}  b\n{0}  c\nx\n", "line 3: got \"x\"")]
    [InlineData("\n", "line 1: got \"\"")]
    [InlineData("{0}  \n", "line 1: got \"{0}  \"")]
    [InlineData("{0}\n", "line 1: got \"{0}\"")]
    [InlineData("{1}  b\n", "line 1: got \"{1}  b\"")]
    [InlineData("{2}  b\n", "line 1: got \"{2}  b\"")]
    [InlineData("{0}  ../b\n", "line 1: got \"{0}  ../b\"")]
    [InlineData("{0}  b\t\n", "line 1: got \"{0}  b\\x09\"")]
    [InlineData("{0}  b\n{0}  b\n", "line 2: got \"{0}  b\"")]
    [InlineData("{0}  SHA256SUMS\n", "line 1: got \"{0}  SHA256SUMS\"")]
    [InlineData("{0}  SHA256SUMS.sig\n", "line 1: got \"{0}  SHA256SUMS.sig\"")]
    [InlineData("{0}  SHA256SUMS.asc\n", "line 1: got \"{0}  SHA256SUMS.asc\"")]
    public void A_line_of_a_list_that_is_none(string list, string want) =>
        Refused(ExitCode.VerificationFailed,
            $"list: {Filled(want)}, want a SHA-256, two blanks and a path that comes once", null,
            () => ChecksumList.Parse(Text(list), "list"));

    [Theory]
    [InlineData("{0}  b\n{0}  a\n")]
    [InlineData("{0}  b\n{0}  c")]
    [InlineData("{0}  b")]
    [InlineData("{0} *b\n")]
    [InlineData("0{0}  b\n")]
    public void A_list_that_is_spelt_in_another_way(string list) =>
        Refused(ExitCode.VerificationFailed, "list: is not sorted by path, or a line does not end in a line feed", null,
            () => ChecksumList.Parse(Text(list), "list"));

    [Fact]
    public void The_list_of_a_folder_names_every_file_but_itself_its_signatures_and_the_marker()
    {
        foreach (var path in (string[])["a", "d/SHA256SUMS", "SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.asc", ".tdxrel-output"])
        {
            Write(path);
        }

        Assert.Equal($"{Sha256("a")}  a\n{Sha256("d/SHA256SUMS")}  d/SHA256SUMS\n",
            Encoding.UTF8.GetString(FolderChecksums.Of(temp.Path)));
        File.CreateSymbolicLink(temp["b"], "a");
        Says("\"b\" is a symbolic link", () => FolderChecksums.Of(temp.Path));
    }

    [Fact]
    public void A_folder_differs_from_its_list_in_what_is_missing_added_changed_or_too_long()
    {
        foreach (var path in (string[])["a", "b", "c", "empty/x", "SHA256SUMS", "SHA256SUMS.sig", "extra"])
        {
            Write(path);
        }

        File.Delete(temp["empty/x"]);
        using (var file = File.OpenWrite(temp["c"]))
        {
            file.SetLength(FolderChecksums.MaxFile + 1);
        }

        var list = new Dictionary<string, string> { ["a"] = Sha256("a"), ["b"] = Zeros, ["c"] = Zeros, ["d"] = Zeros };
        IReadOnlyList<FolderDifference> Compare(string? besides) =>
            FolderChecksums.Compare(temp.Path, FolderEntries.Of(temp.Path), list, besides);
        FolderDifference[] want =
        [
            new("b", $"has SHA-256 {Sha256("b")}, SHA256SUMS says {Zeros}"), new("c", "c: 1073741825 bytes, the limit is 1073741824"),
            new("d", "is missing"), new("empty/", "is a directory that is not expected here"),
        ];
        Assert.Equal(want, Compare("extra"));
        Assert.Equal([.. want, new("extra", "is not expected here")], Compare(null));
    }

    [Fact]
    public void Everything_that_is_no_regular_file_is_a_problem()
    {
        Write("d/a");
        Write("d/\u0001");
        File.CreateSymbolicLink(temp["d/folder"], "/");
        Node.Fifo(temp["d/pipe"]);
        var entries = FolderEntries.Of(temp.Path);
        Assert.Equal(["d/a"], entries.Files);
        Assert.Equal([new("d/\\x01", "has a name that is not safe"), new("d/folder", "is a symbolic link"),
            new("d/pipe", "is not a regular file")], entries.Problems);
        Assert.Equal([.. entries.Problems, new("b", "is missing"), new("e/f", "is missing"), new("d/a", "is not expected here"),
            new("d/", "is a directory that is not expected here")], entries.Against(["e/f", "b"]));
        Assert.Equal(entries.Problems, entries.Against(["d/a"]));
    }

    [Theory]
    [InlineData("4644", true)]
    [InlineData("2644", true)]
    [InlineData("1644", true)]
    [InlineData("0744", true)]
    [InlineData("0654", true)]
    [InlineData("0645", true)]
    [InlineData("0646", true)]
    [InlineData("0001", true)]
    [InlineData("0664", false)]
    [InlineData("0400", false)]
    public void A_file_has_no_bit_that_was_never_written(string mode, bool wrong) => Mode("a", mode, wrong, "0644");

    [Theory]
    [InlineData("4755", true)]
    [InlineData("1755", true)]
    [InlineData("0757", true)]
    [InlineData("2755", false)]
    [InlineData("0775", false)]
    [InlineData("0700", false)]
    public void A_folder_has_no_bit_that_was_never_written(string mode, bool wrong) => Mode("d", mode, wrong, "0755");

    [Fact]
    public void Files_folders_and_problems_count_towards_the_limit()
    {
        Write("d/a");
        File.CreateSymbolicLink(temp["e"], "d");
        Assert.Equal([new("e", "is a symbolic link")], FolderEntries.Of(temp.Path, 3).Problems);
        Assert.Equal([new("e", "is one entry too many: the limit is 2")], FolderEntries.Of(temp.Path, 2).Problems);
        Write("f");
        Assert.Equal([new("e", "is a symbolic link"), new("f", "is one entry too many: the limit is 3")],
            FolderEntries.Of(temp.Path, 3).Problems);
    }

    [Fact]
    public void Thirty_two_folders_may_lie_in_one_another()
    {
        var path = string.Join('/', Enumerable.Repeat("d", 32));
        Write($"{path}/.a");
        Assert.Equal([new($"{path}/.a", "lies too deep")], FolderEntries.Of(temp.Path).Problems);
        File.Move(temp[$"{path}/.a"], temp[$"{path[2..]}/.a"]);
        Assert.Empty(FolderEntries.Of(temp.Path).Problems);
    }

    [Fact]
    public void A_folder_that_is_not_there_cannot_be_read() =>
        Assert.Equal(ExitCode.Io, Assert.Throws<TdxException>(() => FolderEntries.Of(temp["none"])).Code);

    [Fact]
    public void A_list_is_signed_with_SHA_512_and_with_nothing_unsigned()
    {
        Assert.True(TestRelease.Signer.PublicKey.Verify("list"u8, SignedChecksums.Sign("list"u8, TestRelease.Signer),
            HashAlgorithmName.SHA512));
        var verifier = new OpenPgpVerifier(TestRelease.Certificate, TestRelease.Later);
        var sound = SignedChecksums.Sign(Pgp.Content, TestRelease.OpenPgp, TestRelease.Later);
        Assert.Equal(TestRelease.OpenPgp.SignDetachedArmored(Pgp.Content, TestRelease.Later), Encoding.ASCII.GetString(sound));
        Assert.Null(SignedChecksums.Refusal(Pgp.Content, sound, verifier));
        Assert.Equal(verifier.VerifyDetached("other"u8, sound).Message, SignedChecksums.Refusal("other"u8, sound, verifier));

        var open = Armor.Encode(Armor.Signature, (new PgpSignature() with { Unhashed = Pgp.Notation() }).Packet());
        Assert.Equal("holds parts that are not signed", SignedChecksums.Refusal(Pgp.Content, Encoding.ASCII.GetBytes(open), verifier));
        Refused(ExitCode.Refused, "the OpenPGP signature over SHA256SUMS has unsigned parts besides the issuer",
            "make it with gpg or sq without notations outside the signed part",
            () => SignedChecksums.Sign(Pgp.Content, new FixedSigner([], open), TestRelease.Later));
    }

    private static byte[] Text(string list) => Encoding.UTF8.GetBytes(Filled(list));

    private static string Filled(string text) =>
        text.Replace("{0}", Zeros).Replace("{1}", Fs.ToUpperInvariant()).Replace("{2}", $"{Zeros[1..]}F");

    private void Mode(string path, string mode, bool wrong, string written)
    {
        Write("d/a");
        Write("a");
        File.SetUnixFileMode(temp[path], (UnixFileMode)Convert.ToInt32(mode, 8));
        Assert.Equal(wrong ? [new FolderDifference(path, $"has mode {mode}, was written with {written}")] : [],
            FolderEntries.Of(temp.Path).Problems);
    }

    private void Write(string path) => SmallUpstream.Write(temp.Path, [new(path, Encoding.UTF8.GetBytes(path))]);

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
