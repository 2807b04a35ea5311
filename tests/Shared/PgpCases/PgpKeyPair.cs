using System.Buffers.Binary;
using System.Security.Cryptography;
using TdxRelease.Testing;

namespace TdxRelease.Testing.PgpCases;

/// <summary>An RSA key as OpenPGP has it, written without the product's code: what it writes is what the product has to read.</summary>
internal sealed class PgpKeyPair
{
    private readonly Lock gate = new();

    private PgpKeyPair(RSA rsa, uint created, int algorithm, int version)
    {
        Rsa = rsa;
        Created = created;
        var numbers = rsa.ExportParameters(includePrivateParameters: false);
        Span<byte> time = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(time, created);
        byte[] rest = [(byte)algorithm, .. Pgp.Mpi(numbers.Modulus!), .. Pgp.Mpi(numbers.Exponent!)];
        Body = version == 3 ? [3, .. time, 0, 0, .. rest] : [(byte)version, .. time, .. rest];
        Hashed = [0x99, .. Pgp.Two(Body.Length), .. Body];
        Fingerprint = SHA1.HashData(Hashed);
    }

    /// <summary>The certificate's primary key; RSA-4096.</summary>
    public static PgpKeyPair Primary { get; } = Read("samples/keys/test-release.pem");

    /// <summary>A subkey; RSA-4096.</summary>
    public static PgpKeyPair Sub { get; } = Read("tests/fixtures/keys/subkey-4096.pem");

    /// <summary>A key that is in no certificate; RSA-3072.</summary>
    public static PgpKeyPair Stranger { get; } = Read("tests/fixtures/keys/other-3072.pem");

    public RSA Rsa { get; }

    public uint Created { get; }

    /// <summary>The body of the key packet.</summary>
    public byte[] Body { get; }

    /// <summary>What fingerprints and certifications hash.</summary>
    public byte[] Hashed { get; }

    public byte[] Fingerprint { get; }

    public byte[] KeyId => Fingerprint[12..];

    /// <summary>The same numbers as another packet: another fingerprint.</summary>
    public PgpKeyPair As(int algorithm = 1, int version = 4, DateTimeOffset? created = null) =>
        new(Rsa, created is { } time ? (uint)time.ToUnixTimeSeconds() : Created, algorithm, version);

    /// <summary>RSA PKCS#1 v1.5 with the digest's name.</summary>
    public byte[] Sign(byte[] digest, HashAlgorithmName name, RSASignaturePadding? padding = null)
    {
        lock (gate)
        {
            return Rsa.SignHash(digest, name, padding ?? RSASignaturePadding.Pkcs1);
        }
    }

    private static PgpKeyPair Read(string path)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(File.ReadAllText(Path.Combine(TestData.Checkout, path)));
        return new PgpKeyPair(rsa, (uint)TestRelease.Created.ToUnixTimeSeconds(), algorithm: 1, version: 4);
    }
}
