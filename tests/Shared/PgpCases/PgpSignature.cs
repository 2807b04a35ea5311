using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TdxRelease.Testing.PgpCases;

/// <summary>A signature to be made; every field may be unusual.</summary>
internal sealed record PgpSignature
{
    public int Version { get; init; } = 4;

    public int Type { get; init; }

    public int Algorithm { get; init; } = 1;

    /// <summary>The hash that the signature names.</summary>
    public int Hash { get; init; } = 10;

    /// <summary>The hash that is computed; null for the one it names.</summary>
    public int? Computed { get; init; }

    public PgpKeyPair By { get; init; } = PgpKeyPair.Primary;

    public DateTimeOffset At { get; init; } = TestRelease.Later;

    /// <summary>What is hashed before the signature's own head.</summary>
    public byte[] Content { get; init; } = Pgp.Content;

    /// <summary>The hashed area; null for issuer fingerprint and creation time, then <see cref="More"/>.</summary>
    public byte[]? Hashed { get; init; }

    public byte[] More { get; init; } = [];

    /// <summary>The unhashed area; null for the issuer's key id.</summary>
    public byte[]? Unhashed { get; init; }

    /// <summary>Changes the two bytes of the digest that stand in the clear.</summary>
    public ushort LeftBits { get; init; }

    public RSASignaturePadding Padding { get; init; } = RSASignaturePadding.Pkcs1;

    /// <summary>Writes the RSA number in another way.</summary>
    public Func<byte[], byte[]> Number { get; init; } = Pgp.Mpi;

    public byte[] Packet(PacketForm form = PacketForm.Old) => Pgp.Packet(2, Body(), form);

    public byte[] Body()
    {
        if (Version is 2 or 3)
        {
            return BodyOfVersion3();
        }

        var hashed = Hashed ?? [.. Pgp.Fingerprint(By), .. Pgp.Time(At), .. More];
        var unhashed = Unhashed ?? Pgp.Issuer(By);
        byte[] head = Version == 6
            ? [6, (byte)Type, (byte)Algorithm, (byte)Hash, .. Pgp.Four((uint)hashed.Length), .. hashed]
            : [(byte)Version, (byte)Type, (byte)Algorithm, (byte)Hash, .. Pgp.Two(hashed.Length), .. hashed];
        byte[] salt = Version == 6 ? [.. Enumerable.Range(0, 32).Select(i => (byte)i)] : [];
        byte[] trailer = [(byte)Version, 0xFF, .. Pgp.Four((uint)head.Length)];
        byte[] area = Version == 6 ? [.. Pgp.Four((uint)unhashed.Length), .. unhashed] : [.. Pgp.Two(unhashed.Length), .. unhashed];
        byte[] salted = Version == 6 ? [32, .. salt] : [];
        var digest = Digest([.. salt, .. Content, .. head, .. trailer], out var name);
        return [.. head, .. area, .. Left(digest), .. salted, .. Number(By.Sign(digest, name, Padding))];
    }

    private byte[] BodyOfVersion3()
    {
        byte[] hashed = [(byte)Type, .. Pgp.Four((uint)At.ToUnixTimeSeconds())];
        var digest = Digest([.. Content, .. hashed], out var name);
        return [(byte)Version, 5, .. hashed, .. By.KeyId, (byte)Algorithm, (byte)Hash, .. Left(digest),
            .. Number(By.Sign(digest, name, Padding))];
    }

    private byte[] Left(byte[] digest)
    {
        var left = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(left, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(digest) ^ LeftBits));
        return left;
    }

    private byte[] Digest(byte[] data, out HashAlgorithmName name)
    {
        name = (Computed ?? Hash) switch
        {
            1 => HashAlgorithmName.MD5,
            2 => HashAlgorithmName.SHA1,
            8 => HashAlgorithmName.SHA256,
            9 => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        return CryptographicOperations.HashData(name, data);
    }
}
