using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>A private key together with the certificate it came with.</summary>
/// <param name="Signer">Signs; the owner disposes it.</param>
/// <param name="Certificate">The public side.</param>
public sealed record OpenPgpKeyPair(RsaKeySigner Signer, OpenPgpCertificate Certificate) : IDisposable
{
    /// <summary>OpenPGP signatures by this key.</summary>
    /// <param name="earlyTime">What to do with times before the key's.</param>
    /// <exception cref="TdxException">Exit 5: the key is revoked or may not sign.</exception>
    public OpenPgpSigner OpenPgp(EarlyTime earlyTime = EarlyTime.RaiseToKey) => new(Signer, Certificate, earlyTime);

    /// <inheritdoc/>
    public void Dispose() => Signer.Dispose();
}

/// <summary>OpenPGP secret keys ("transferable secret keys", what gpg --export-secret-keys writes), binary or armored.</summary>
public static class OpenPgpSecretKey
{
    /// <summary>Reads a key file. Where the key has signing subkeys the last one signs, as with gpg; otherwise the primary key.</summary>
    /// <param name="bytes">The file; the caller wipes it.</param>
    /// <param name="passphrase">For encrypted keys.</param>
    /// <param name="minimumBits">Shorter keys are refused.</param>
    /// <param name="name">How messages call the key.</param>
    /// <exception cref="TdxException">
    /// Exit 3: malformed or unsupported, wrong passphrase; exit 2: a passphrase is missing; exit 5: too short, or no key that may sign.
    /// </exception>
    public static OpenPgpKeyPair Read(ReadOnlySpan<byte> bytes, Passphrase? passphrase = null,
        int minimumBits = RsaPublicKey.DefaultMinimumBits, string name = "signing key")
    {
        var binary = Armor.IsArmored(bytes) ? Armor.Decode(bytes, Armor.SecretKey, name) : bytes.ToArray();
        try
        {
            var secrets = new List<byte[]>();
            var certificate = OpenPgpCertificate.Parse(PublicPackets(binary, secrets, name), name);
            return Choose(certificate, secrets, passphrase, minimumBits, name);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(binary);
        }
    }

    /// <summary>Writes a key of one primary key with its certificate's packets.</summary>
    /// <returns>Armored UTF-8; the caller wipes it.</returns>
    internal static byte[] Write(OpenPgpCertificate certificate, RSAParameters numbers, Passphrase? passphrase)
    {
        var secret = SecretKeyPacket.Write(certificate.Keys[0].Key, numbers, passphrase);
        var packets = new ArrayBufferWriter<byte>();
        packets.Packet(PacketTag.SecretKey, secret);
        var reader = new PgpReader(certificate.ToArray());
        reader.Packet(out _, out _);
        packets.Write(reader.Rest);
        var armored = System.Text.Encoding.ASCII.GetBytes(Armor.Encode(Armor.SecretKey, packets.WrittenSpan));
        CryptographicOperations.ZeroMemory(secret);
        packets.Clear();
        return armored;
    }

    private static byte[] PublicPackets(ReadOnlySpan<byte> binary, List<byte[]> secrets, string name)
    {
        var packets = new ArrayBufferWriter<byte>();
        var reader = new PgpReader(binary);
        var skipping = false;
        while (reader.Packet(out var tag, out var body))
        {
            if (tag is PacketTag.SecretKey or PacketTag.SecretSubkey)
            {
                var inner = new PgpReader(body);
                var key = CertificateParser.ReadKey(ref inner, out var problem);
                if (key is null && tag == PacketTag.SecretKey)
                {
                    throw new TdxException(ExitCode.BadInput, $"{name}: {problem}");
                }

                // Encryption subkeys of other algorithms go, with their bindings.
                skipping = key is null;
                if (key is not null)
                {
                    secrets.Add(body.ToArray());
                    packets.Packet(tag == PacketTag.SecretKey ? PacketTag.PublicKey : PacketTag.PublicSubkey, key.Body());
                }
            }
            else if (!skipping || tag != PacketTag.Signature)
            {
                packets.Packet(tag, body);
            }
        }

        return reader.AtEnd && secrets.Count > 0 ? packets.WrittenSpan.ToArray()
            : throw new TdxException(ExitCode.BadInput, $"{name}: not an OpenPGP secret key");
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The pair takes over the signer.")]
    private static OpenPgpKeyPair Choose(OpenPgpCertificate certificate, List<byte[]> secrets, Passphrase? passphrase, int minimumBits,
        string name)
    {
        foreach (var key in certificate.Keys.Where(k => k.MaySign && !k.Revoked).Reverse())
        {
            var body = secrets.Find(s => s.AsSpan().StartsWith(key.Key.Body()));
            if (body is not null && SecretKeyPacket.Read(body, passphrase, name) is { } numbers)
            {
                return new OpenPgpKeyPair(Signer(numbers, minimumBits, name), certificate);
            }
        }

        throw new TdxException(ExitCode.Refused, $"{name}: holds no RSA key that may sign and is neither revoked nor a stub");
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The signer takes over the key, also when it refuses it.")]
    private static RsaKeySigner Signer(RSAParameters numbers, int minimumBits, string name)
    {
        try
        {
            return new RsaKeySigner(RSA.Create(numbers), minimumBits, name);
        }
        catch (CryptographicException)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: secret numbers do not fit the key");
        }
        finally
        {
            PrivateNumbers.Wipe(numbers);
        }
    }
}
