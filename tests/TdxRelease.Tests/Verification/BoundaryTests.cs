using System.Buffers.Binary;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace TdxRelease.Tests.Verification;

/// <summary>
/// The last value that a check takes and the first that it refuses. Each row fails when its check is dropped, off by one, or about another
/// field.
/// </summary>
public class BoundaryTests
{
    private const int Length = 0x4000;

    /// <summary>Rule, offset, and the bytes written there.</summary>
    public static TheoryData<string, int, string> Refused()
    {
        var data = new TheoryData<string, int, string>
        {
            { "SIG-034", 20, "31122020" },
            { SigstructRules.Modulus.Id, 511, "7F" },
            { SigstructRules.EntryInFault.Id, 958,
                "00000000 000000000000000000000000000000000000000000000000000000000000 00100000 60110000" },
            { SigstructRules.PageCounts.Id, 962, "04" },
            { SigstructRules.PageCounts.Id, 963, "04" },
            { SigstructRules.PageCounts.Id, 964, "0001" },
            { SigstructRules.PageCounts.Id, 966, "4400" },
            { SigstructRules.PageCounts.Id, 990, "3200" },
        };
        foreach (var offset in new[] { 968, 970, 972, 974, 976 })
        {
            data.Add(SigstructRules.UnusedLimits.Id, offset, "0001");
        }

        foreach (var bit in new[] { 14, 15, 28, 29, 30, 31 })
        {
            data.Add(SigstructRules.CpuReserved.Id, 1028, $"{BinaryPrimitives.ReverseEndianness(0x000806F8u | (1u << bit)):X8}");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_first_value_beyond_has_a_finding(string rule, int offset, string hex) =>
        Assert.Contains(rule, Rules("1.5.56", offset, hex, 1));

    [Theory]
    [InlineData("SIG-034", 20, "01012120")]
    [InlineData("SIG-030", 962, "03 03 FF00 4300")]
    [InlineData("SIG-030", 990, "3100")]
    public void The_last_value_within_has_none(string rule, int offset, string hex) =>
        Assert.DoesNotContain(rule, Rules("1.5.56", offset, hex, 1));

    [Theory]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1007)]
    [InlineData(1023)]
    public void What_is_unknown_beside_the_build_number_is_zero(int offset)
    {
        Assert.Contains(SigstructRules.BuildTail.Id, Rules("2.0.52", offset, "01", 2));
        Assert.DoesNotContain(SigstructRules.BuildTail.Id, Rules("2.0.52", 1003, "02", 2));
    }

    [Theory]
    [InlineData(0, "IMG", true)]
    [InlineData(4096, "", false)]
    [InlineData(496L * 4096, "", false)]
    [InlineData(497L * 4096, "IMG", true)]
    public void A_module_has_one_to_496_pages(long length, string prefix, bool refused)
    {
        var findings = new List<Finding>();
        ImageChecker.CheckModule(length, "m", null, findings);
        Assert.Equal(refused ? 1 : 0, findings.Count);
        Assert.All(findings, f => Assert.StartsWith(prefix, f.Rule.Id, StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_without_a_module_is_refused_in_both_formats()
    {
        var v2 = ImageWriter.Join(new byte[4096], new byte[2048], ImageFormat.V2)[..8192];
        v2[16] = 0;
        Assert.Contains(ImageRules.ModulePages, Checked(v2));
        var v1 = ImageWriter.Join(new byte[4096], new byte[2048], ImageFormat.V1)[..8192];
        Assert.Contains(ImageRules.ModuleOffset, Checked(v1)); // it begins where the file ends
    }

    [Fact]
    public void Behind_a_module_an_image_holds_zeros_only()
    {
        var module = new byte[5000];
        module[4999] = 1;
        var image = ImageWriter.Join(module, new byte[2048], ImageFormat.V2);
        var findings = new List<Finding>();
        ImageChecker.CheckJoined(image, module.AsSpan(0, 4999), new byte[2048], "i", null, findings);
        Assert.Equal([ImageRules.Joined], findings.Select(f => f.Rule));
    }

    [Fact]
    public void The_key_that_a_thread_keeps_is_of_one_exponent()
    {
        var key = SampleKeys.Rsa3072.ExportParameters(includePrivateParameters: false);
        var digest = SHA384.HashData("kept"u8);
        var signature = SampleKeys.Rsa3072.SignHash(digest, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        Assert.True(RsaPkcs1.VerifyPlatform(key.Modulus!, 65537, digest, signature, HashAlgorithmName.SHA384));
        Assert.False(RsaPkcs1.VerifyPlatform(key.Modulus!, 65539, digest, signature, HashAlgorithmName.SHA384));
        Assert.True(RsaPkcs1.VerifyPlatform(key.Modulus!, 65537, digest, signature, HashAlgorithmName.SHA384));
    }

    [Theory]
    [InlineData(624, 48, true)] // 78 bytes leave room for eight bytes of padding, as PKCS #1 wants
    [InlineData(616, 48, false)]
    [InlineData(1024, 32, false)] // SHA-384's name over a digest of another length
    public void The_second_verifier_wants_eight_bytes_of_padding_and_the_hashs_own_length(int bits, int digestLength, bool valid)
    {
        using var rsa = RSA.Create(bits);
        var key = rsa.ExportParameters(includePrivateParameters: true);
        var digest = SHA384.HashData("short"u8)[..digestLength];
        byte[] info = [.. RsaPkcs1.Prefix(HashAlgorithmName.SHA384), .. digest];
        byte[] encoded = [0, 1, .. Enumerable.Repeat((byte)0xFF, (bits / 8) - 3 - info.Length), 0, .. info];
        var opened = new BigInteger(1, encoded).ModPow(new BigInteger(1, key.D!), new BigInteger(1, key.Modulus!)).ToByteArrayUnsigned();
        byte[] signature = [.. new byte[(bits / 8) - opened.Length], .. opened];
        Assert.Equal(valid, RsaPkcs1.VerifyBouncyCastle(key.Modulus!, BigInteger.ValueOf(65537), digest, signature,
            HashAlgorithmName.SHA384));
    }

    private static List<Rule> Checked(byte[] image)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), unchecked((ushort)-ImageChecksum.Sum(image)));
        var findings = new List<Finding>();
        Assert.False(ImageChecker.Check(image, "i", null, findings));
        return [.. findings.Select(f => f.Rule)];
    }

    private static List<string> Rules(string sample, int offset, string hex, ushort major)
    {
        var bytes = SampleVerdicts.Of(sample).Input.Sigstruct.Bytes.ToArray();
        Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)).CopyTo(bytes, offset);
        var findings = new List<Finding>();
        new SigstructChecker(Sigstruct.Read(bytes)!, "s", null, findings).Check(Length, new ModuleVersion(major, 0, 56));
        return [.. findings.Select(f => f.Rule.Id)];
    }
}
