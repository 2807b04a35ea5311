using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// Secret-key packets (RFC 9580 section 5.5.3): plain, or encrypted with AES
/// under an iterated and salted passphrase with SHA-1 check, as gpg exports them.
/// </summary>
internal static class SecretKeyPacket
{
    private const int Plain = 0;
    private const int CheckedWithSha1 = 254;
    private const int IteratedSalted = 3;
    private const int GnuExtension = 101;
    private const int Aes256 = 9;
    private const int Block = 16;
    private const string Supported = "AES and iterated salted";

    /// <summary>65,011,712 bytes hashed, the most that the coded count can say.</summary>
    private const byte SlowestCount = 0xFF;

    /// <summary>Reads the private numbers behind the public part.</summary>
    /// <returns>Null where the packet holds none (a stub for an offline or card key).</returns>
    public static RSAParameters? Read(ReadOnlySpan<byte> body, Passphrase? passphrase, string name)
    {
        var reader = new PgpReader(body);
        var key = CertificateParser.ReadKey(ref reader, out var problem) ?? throw Bad(name, problem);
        var usage = reader.Byte();
        if (usage == Plain)
        {
            return Numbers(key, Summed(reader.Rest, name), name);
        }

        if (usage != CheckedWithSha1)
        {
            throw Bad(name, $"secret key protection {usage} is not supported, want none or AES with SHA-1 check");
        }

        var (cipher, kind, hash) = (reader.Byte(), reader.Byte(), reader.Byte());
        if (kind == GnuExtension)
        {
            return null;
        }

        var salt = reader.Bytes(8);
        var count = reader.Byte();
        var iv = reader.Bytes(Block);
        if (reader.Failed || kind != IteratedSalted || cipher is < 7 or > 9)
        {
            throw Bad(name, $"secret key protection with cipher {cipher} and passphrase form {kind} is not supported, want {Supported}");
        }

        var given = passphrase ?? throw new TdxException(
            ExitCode.Usage, $"{name}: the key is encrypted and no passphrase was given", "give its source: fd:N, file:PATH or env:NAME");
        var secret = Derive(given.Utf8, salt, count, HashOf(hash, name), cipher switch { 7 => 16, 8 => 24, _ => 32 });
        var plain = Cfb(reader.Rest, secret, iv, encrypt: false);
        try
        {
            return Numbers(key, Checked(plain, name), name);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>The body of a secret-key packet.</summary>
    /// <returns>The caller wipes it.</returns>
    public static byte[] Write(PgpKey key, RSAParameters numbers, Passphrase? passphrase)
    {
        // OpenPGP's u is p^-1 mod q, PKCS#1's is q^-1 mod p: the primes change places.
        var secret = new ArrayBufferWriter<byte>();
        secret.Mpi(numbers.D);
        secret.Mpi(numbers.Q);
        secret.Mpi(numbers.P);
        secret.Mpi(numbers.InverseQ);
        var body = new ArrayBufferWriter<byte>();
        key.WriteBody(body);
        if (passphrase is null)
        {
            body.Byte(Plain);
            body.Write(secret.WrittenSpan);
            body.UInt16(Sum(secret.WrittenSpan));
        }
        else
        {
            // The format's integrity check is SHA-1 by definition; it guards against a wrong passphrase only.
            secret.Write(SHA1.HashData(secret.WrittenSpan));
            Span<byte> random = stackalloc byte[8 + Block];
            RandomNumberGenerator.Fill(random);
            body.Write((ReadOnlySpan<byte>)[CheckedWithSha1, Aes256, IteratedSalted, PgpHash.Sha512]);
            body.Write(random[..8]);
            body.Byte(SlowestCount);
            body.Write(random[8..]);
            var derived = Derive(passphrase.Utf8, random[..8], SlowestCount, HashAlgorithmName.SHA512, 32);
            body.Write(Cfb(secret.WrittenSpan, derived, random[8..], encrypt: true));
            CryptographicOperations.ZeroMemory(derived);
        }

        var result = body.WrittenSpan.ToArray();
        secret.Clear();
        body.Clear();
        return result;
    }

    /// <summary>
    /// RFC 9580 section 3.7.1.3: salt and passphrase over and over; a key longer than the hash takes a second run behind a zero byte.
    /// </summary>
    private static byte[] Derive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int coded, HashAlgorithmName hash, int length)
    {
        byte[] unit = [.. salt, .. passphrase];
        var total = Math.Max((16 + (coded & 15)) << ((coded >> 4) + 6), unit.Length);
        var key = new byte[length];
        var filled = 0;
        for (var run = 0; filled < length; run++)
        {
            using var hasher = IncrementalHash.CreateHash(hash);
            hasher.AppendData(new byte[run]);
            for (var left = total; left > 0; left -= unit.Length)
            {
                hasher.AppendData(unit, 0, Math.Min(left, unit.Length));
            }

            var digest = hasher.GetHashAndReset();
            var take = Math.Min(digest.Length, length - filled);
            digest.AsSpan(0, take).CopyTo(key.AsSpan(filled));
            CryptographicOperations.ZeroMemory(digest);
            filled += take;
        }

        CryptographicOperations.ZeroMemory(unit);
        return key;
    }

    /// <summary>Full-block CFB as a stream: padded to whole blocks for the platform, cut back after.</summary>
    private static byte[] Cfb(ReadOnlySpan<byte> data, byte[] key, ReadOnlySpan<byte> iv, bool encrypt)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var padded = new byte[(data.Length + Block - 1) / Block * Block];
        data.CopyTo(padded);
        var result = encrypt
            ? aes.EncryptCfb(padded, iv, PaddingMode.None, Block * 8)
            : aes.DecryptCfb(padded, iv, PaddingMode.None, Block * 8);
        CryptographicOperations.ZeroMemory(padded);
        var cut = result[..data.Length];
        CryptographicOperations.ZeroMemory(result);
        return cut;
    }

    private static RSAParameters Numbers(PgpKey key, ReadOnlySpan<byte> secret, string name)
    {
        var reader = new PgpReader(secret);
        var d = reader.Mpi();
        var p = reader.Mpi();
        var q = reader.Mpi();
        var u = reader.Mpi();
        if (!reader.AtEnd || p.IsEmpty || q.IsEmpty)
        {
            throw Bad(name, "secret numbers are malformed");
        }

        var half = (key.Rsa.Modulus.Length + 1) / 2;
        try
        {
            var exponent = new BigInteger(d, isUnsigned: true, isBigEndian: true);
            return new RSAParameters
            {
                Modulus = key.Rsa.Modulus.ToArray(),
                Exponent = Exponent(key.Rsa.Exponent),
                D = Padded(d, key.Rsa.Modulus.Length),
                P = Padded(q, half),
                Q = Padded(p, half),
                DP = Remainder(exponent, q, half),
                DQ = Remainder(exponent, p, half),
                InverseQ = Padded(u, half),
            };
        }
        catch (ArgumentException)
        {
            throw Bad(name, "secret numbers do not fit the key");
        }
    }

    private static byte[] Exponent(uint exponent)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, exponent);
        return bytes.TrimStart((byte)0).ToArray();
    }

    private static byte[] Remainder(BigInteger d, ReadOnlySpan<byte> prime, int length) =>
        Padded((d % (new BigInteger(prime, isUnsigned: true, isBigEndian: true) - 1)).ToByteArray(isUnsigned: true, isBigEndian: true),
            length);

    private static byte[] Padded(ReadOnlySpan<byte> number, int length)
    {
        var padded = new byte[length];
        number.CopyTo(padded.AsSpan(length < number.Length ? throw new ArgumentException("too long") : length - number.Length));
        return padded;
    }

    private static ReadOnlySpan<byte> Summed(ReadOnlySpan<byte> rest, string name) =>
        rest.Length > 2 && BinaryPrimitives.ReadUInt16BigEndian(rest[^2..]) == Sum(rest[..^2]) ? rest[..^2]
        : throw Bad(name, "the secret key's checksum is wrong");

    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> plain, string name) =>
        plain.Length > 20 && CryptographicOperations.FixedTimeEquals(SHA1.HashData(plain[..^20]), plain[^20..]) ? plain[..^20]
        : throw Bad(name, "wrong passphrase");

    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        foreach (var b in bytes)
        {
            sum = (sum + b) & 0xFFFF;
        }

        return (ushort)sum;
    }

    private static HashAlgorithmName HashOf(int id, string name) =>
        id == 2 ? HashAlgorithmName.SHA1 : PgpHash.Name(id) ?? throw Bad(name, $"passphrase hash {PgpHash.Display(id)} is not supported");

    private static TdxException Bad(string name, string what) => new(ExitCode.BadInput, $"{name}: {what}");
}
