using System.Security.Cryptography;
using Org.BouncyCastle.Security;
using TdxRelease.Samples;
using TdxRelease.Verification.Trust;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace TdxRelease.Tests.Verification;

/// <summary>Signatures that are right as numbers and wrong as PKCS #1: made with a private key over encodings of our choice.</summary>
public class ForgedSignatureTests
{
    private static readonly byte[] Digest = SHA384.HashData("forged"u8);
    private static readonly RSAParameters Key = SampleKeys.Rsa3072.ExportParameters(includePrivateParameters: true);
    private static readonly byte[] Info = [.. RsaPkcs1.Prefix(HashAlgorithmName.SHA384), .. Digest];

    /// <summary>The DigestInfo without the NULL behind the algorithm.</summary>
    private static readonly byte[] InfoWithoutNull =
        [0x30, 0x3f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x04, 0x30, .. Digest];

    public static TheoryData<string, byte[]> Forgeries() => new()
    {
        { "missing NULL", Encoded(InfoWithoutNull) },
        { "garbage behind the digest", [0, 1, .. Filled(384 - 3 - Info.Length - 16), 0, .. Info, .. new byte[16]] },
        { "short padding, garbage behind", [0, 1, .. Filled(8), 0, .. Info, .. new byte[384 - 11 - Info.Length]] },
        { "padding with a byte that is not 0xFF", Changed(Encoded(Info), 7, 0xFE) },
        { "padding without end", Changed(Encoded(Info), 384 - Info.Length - 1, 0xFF) },
        { "block type 2", Changed(Encoded(Info), 1, 2) },
        { "first byte set", Changed(Encoded(Info), 0, 1) },
        { "no DigestInfo", Encoded(Digest) },
        { "SHA-256's identifier", Changed(Encoded(Info), 384 - Info.Length + 14, 1) },
        { "BER length of two bytes", Encoded([0x30, 0x81, 0x41, .. Info.AsSpan(2)]) },
        { "another digest", Encoded([.. RsaPkcs1.Prefix(HashAlgorithmName.SHA384), .. SHA384.HashData("other"u8)]) },
        { "zero", new byte[384] },
    };

    [Fact]
    public void The_right_encoding_passes_so_that_the_forgeries_fail_for_their_own_reason()
    {
        Assert.Equal((true, true), Verify(Key.Modulus!, 65537, Open(Encoded(Info))));
        Assert.Equal(SampleKeys.Rsa3072.SignHash(Digest, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1), Open(Encoded(Info)));
    }

    [Theory]
    [InlineData(3072, "SHA256")]
    [InlineData(3072, "SHA384")]
    [InlineData(3072, "SHA512")]
    [InlineData(4096, "SHA256")]
    [InlineData(4096, "SHA384")]
    [InlineData(4096, "SHA512")]
    public void Both_verify_every_size_with_every_hash(int bits, string name)
    {
        var hash = new HashAlgorithmName(name);
        var rsa = bits == 3072 ? SampleKeys.Rsa3072 : SampleKeys.Rsa4096; // a key of that size takes seconds to make
        var modulus = rsa.ExportParameters(includePrivateParameters: false).Modulus!;
        Assert.Equal(bits, 8 * modulus.Length);
        var digest = CryptographicOperations.HashData(hash, "data"u8);
        var signature = rsa.SignHash(digest, hash, RSASignaturePadding.Pkcs1);
        Assert.Equal((true, true), Verify(modulus, 65537, signature, digest, hash));
        foreach (var other in new[] { HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 }.Where(h => h != hash))
        {
            Assert.Equal((false, false), Verify(modulus, 65537, signature, CryptographicOperations.HashData(other, "data"u8), other));
        }

        digest[^1] ^= 1;
        Assert.Equal((false, false), Verify(modulus, 65537, signature, digest, hash));
        Assert.Equal((false, false), Verify(modulus, 65537, signature, digest[1..], hash));
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void Both_refuse_a_forged_encoding(string what, byte[] encoded)
    {
        Assert.Equal(384, encoded.Length);
        Assert.True((false, false) == Verify(Key.Modulus!, 65537, Open(encoded)), what);
    }

    [Fact]
    public void Exponent_1_is_refused_though_the_encoding_itself_is_its_signature() =>
        Assert.Equal((false, false), Verify(Key.Modulus!, 1, Encoded(Info)));

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    public void A_small_exponent_is_refused_though_the_signature_is_mathematically_valid(int exponent)
    {
        var (p, q) = (Prime(1), Prime(2));
        var e = BigInteger.ValueOf(exponent);
        var modulus = p.Multiply(q).ToByteArrayUnsigned();
        var d = e.ModInverse(p.Subtract(BigInteger.One).Multiply(q.Subtract(BigInteger.One)));
        var encoded = Encoded(Info, modulus.Length);
        var signature = Fixed(new BigInteger(1, encoded).ModPow(d, new BigInteger(1, modulus)), modulus.Length);
        Assert.Equal(encoded, Fixed(new BigInteger(1, signature).ModPow(e, new BigInteger(1, modulus)), modulus.Length));
        Assert.Equal((false, false), Verify(modulus, (uint)exponent, signature));

        BigInteger Prime(int seed)
        {
            // Same primes each time: a fixed seed, and e must be invertible.
            var random = SecureRandom.GetInstance("SHA256PRNG", autoSeed: false);
            random.SetSeed(seed);
            while (true)
            {
                var prime = new BigInteger(512, random).SetBit(511).SetBit(510).SetBit(0);
                if (prime.IsProbablePrime(20) && prime.Subtract(BigInteger.One).Gcd(BigInteger.ValueOf(51)).Equals(BigInteger.One))
                {
                    return prime;
                }
            }
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(2u)]
    [InlineData(65536u)]
    [InlineData(0xFFFFFFFEu)]
    public void An_even_exponent_is_refused(uint exponent) =>
        Assert.Equal((false, false), Verify(Key.Modulus!, exponent, Open(Encoded(Info))));

    /// <summary>
    /// A number that is a square modulo both primes, each 3 modulo 4, has a root of any degree: those squares are a group of odd order.
    /// </summary>
    [Fact]
    public void An_even_exponent_is_refused_though_the_signature_is_mathematically_valid()
    {
        var (p, q) = (Prime(1), Prime(2));
        var n = p.Multiply(q);
        var e = BigInteger.ValueOf(65538);
        var root = e.ModInverse(p.ShiftRight(1).Multiply(q.ShiftRight(1)));
        for (var i = 0; ; i++)
        {
            var digest = SHA384.HashData([(byte)i]);
            byte[] info = [.. RsaPkcs1.Prefix(HashAlgorithmName.SHA384), .. digest];
            var wanted = new BigInteger(1, Encoded(info, 128));
            var signature = wanted.ModPow(root, n);
            if (signature.ModPow(e, n).Equals(wanted))
            {
                Assert.Equal((false, false),
                    Verify(Fixed(n, 128), 65538, Fixed(signature, 128), digest, HashAlgorithmName.SHA384));
                break;
            }
        }

        static BigInteger Prime(int seed)
        {
            var random = SecureRandom.GetInstance("SHA256PRNG", autoSeed: false);
            random.SetSeed(seed);
            while (true)
            {
                var prime = new BigInteger(512, random).SetBit(511).SetBit(510).SetBit(1).SetBit(0);
                if (prime.IsProbablePrime(20) && prime.ShiftRight(1).Gcd(BigInteger.ValueOf(65538)).Equals(BigInteger.One))
                {
                    return prime;
                }
            }
        }
    }

    [Fact]
    public void The_smallest_modulus_of_its_length_is_taken()
    {
        var random = SecureRandom.GetInstance("SHA256PRNG", autoSeed: false);
        random.SetSeed(4);
        var p = new BigInteger(512, random).SetBit(511).NextProbablePrime();
        var q = BigInteger.One.ShiftLeft(1023).Divide(p).Add(BigInteger.One).NextProbablePrime();
        var modulus = p.Multiply(q).ToByteArrayUnsigned();
        Assert.Equal((128, 0x80), (modulus.Length, modulus[0]));
        var d = BigInteger.ValueOf(65537).ModInverse(p.Subtract(BigInteger.One).Multiply(q.Subtract(BigInteger.One)));
        var signature = Fixed(new BigInteger(1, Encoded(Info, 128)).ModPow(d, p.Multiply(q)), 128);
        Assert.Equal((true, true), Verify(modulus, 65537, signature));
    }

    [Fact]
    public void Another_hash_is_a_defect_of_the_caller() =>
        Assert.Equal("no PKCS #1 prefix for \"MD5\", want SHA256, SHA384 or SHA512 (Parameter 'hash')",
            Assert.Throws<ArgumentException>(() => RsaPkcs1.Prefix(HashAlgorithmName.MD5).Length).Message);

    [Fact]
    public void A_cube_root_forgery_is_refused()
    {
        // Bleichenbacher 2006: with e=3 the top third of the cube is ours to choose, garbage fills the rest.
        byte[] target = [0, 1, .. Filled(8), 0, .. Info, .. Filled(384 - 11 - Info.Length)];
        var (low, high) = (BigInteger.Zero, BigInteger.One.ShiftLeft(1024));
        var wanted = new BigInteger(1, target);
        while (high.Subtract(low).CompareTo(BigInteger.One) > 0)
        {
            var middle = low.Add(high).ShiftRight(1);
            (low, high) = middle.Pow(3).CompareTo(wanted) <= 0 ? (middle, high) : (low, middle);
        }

        Assert.Equal(target.AsSpan(0, 11 + Info.Length), Fixed(low.Pow(3), 384).AsSpan(0, 11 + Info.Length));
        Assert.Equal((false, false), Verify(Key.Modulus!, 3, Fixed(low, 384)));
    }

    [Fact]
    public void An_even_modulus_is_refused_though_the_signature_is_mathematically_valid()
    {
        var random = SecureRandom.GetInstance("SHA256PRNG", autoSeed: false);
        random.SetSeed(3);
        BigInteger p;
        do
        {
            p = new BigInteger(1023, random).SetBit(1022).SetBit(0);
        }
        while (!p.IsProbablePrime(20) || !p.Subtract(BigInteger.One).Gcd(BigInteger.ValueOf(65537)).Equals(BigInteger.One));

        var n = p.ShiftLeft(1);
        var d = BigInteger.ValueOf(65537).ModInverse(p.Subtract(BigInteger.One));
        var encoded = Encoded(Info, 128);
        var signature = Fixed(new BigInteger(1, encoded).ModPow(d, n), 128);
        Assert.Equal(encoded, Fixed(new BigInteger(1, signature).ModPow(BigInteger.ValueOf(65537), n), 128));
        Assert.Equal((false, false), Verify(Fixed(n, 128), 65537, signature));
    }

    [Fact]
    public void A_signature_at_or_above_the_modulus_is_refused_though_it_is_congruent_to_a_valid_one()
    {
        var n = new BigInteger(1, Key.Modulus!);
        for (var i = 0; ; i++)
        {
            var digest = SHA384.HashData(BitConverter.GetBytes(i));
            var signature = SampleKeys.Rsa3072.SignHash(digest, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
            var shifted = new BigInteger(1, signature).Add(n);
            if (shifted.BitLength <= 3072)
            {
                Assert.True(RsaPkcs1.VerifyPlatform(Key.Modulus!, 65537, digest, signature, HashAlgorithmName.SHA384));
                Assert.False(RsaPkcs1.VerifyPlatform(Key.Modulus!, 65537, digest, Fixed(shifted, 384), HashAlgorithmName.SHA384));
                Assert.False(RsaPkcs1.VerifyBouncyCastle(Key.Modulus!, BigInteger.ValueOf(65537), digest, Fixed(shifted, 384),
                    HashAlgorithmName.SHA384));
                break;
            }
        }

        Assert.Equal((false, false), Verify(Key.Modulus!, 65537, Key.Modulus!));
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        var signature = Open(Encoded(Info));
        Assert.Equal((false, false), Verify(Key.Modulus!, 65537, []));
        Assert.Equal((false, false), Verify([], 65537, signature));
        Assert.Equal((false, false), Verify(Key.Modulus!, 65537, signature[..^1]));
        Assert.Equal((false, false), Verify(Key.Modulus!, 65537, [0, .. signature]));
        Assert.Equal((false, false), Verify([0, .. Key.Modulus!], 65537, [0, .. signature]));
        Assert.Equal((false, false), Verify([1], 65537, [0]));
        Assert.Equal((false, false), Verify([0x81], 65537, [0]));
    }

    private static (bool Platform, bool BouncyCastle) Verify(byte[] modulus, uint exponent, byte[] signature) =>
        Verify(modulus, exponent, signature, Digest, HashAlgorithmName.SHA384);

    private static (bool Platform, bool BouncyCastle) Verify(byte[] modulus, uint exponent, byte[] signature, byte[] digest,
        HashAlgorithmName hash) =>
        (RsaPkcs1.VerifyPlatform(modulus, exponent, digest, signature, hash),
         RsaPkcs1.VerifyBouncyCastle(modulus, BigInteger.ValueOf(exponent), digest, signature, hash));

    private static byte[] Encoded(ReadOnlySpan<byte> info, int length = 384) => [0, 1, .. Filled(length - 3 - info.Length), 0, .. info];

    private static byte[] Filled(int count)
    {
        var bytes = new byte[count];
        bytes.AsSpan().Fill(0xFF);
        return bytes;
    }

    private static byte[] Changed(byte[] bytes, int at, byte value)
    {
        Assert.NotEqual(value, bytes[at]);
        bytes[at] = value;
        return bytes;
    }

    /// <summary>The private-key operation on raw bytes.</summary>
    private static byte[] Open(byte[] encoded) =>
        Fixed(new BigInteger(1, encoded).ModPow(new BigInteger(1, Key.D!), new BigInteger(1, Key.Modulus!)), 384);

    private static byte[] Fixed(BigInteger number, int length)
    {
        var bytes = number.ToByteArrayUnsigned();
        return [.. new byte[length - bytes.Length], .. bytes];
    }
}
