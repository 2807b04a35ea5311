using System.Buffers;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// Takes a certificate apart and checks every self-signature. Third parties' signatures and keys of other algorithms are passed over.
/// </summary>
internal sealed class CertificateParser
{
    private const int MaxPackets = 4096;

    private readonly string name;
    private readonly PgpKey primary;
    private readonly List<string> userIds = [];
    private readonly List<CertifiedKey> subkeys = [];
    private readonly List<SelfSignature> selfSignatures = [];
    private readonly List<SignaturePacket> byPrimary = []; // or said to be, wherever they stand
    private readonly byte[] hashedPrimary;

    private CertificateParser(PgpKey primary, string name)
    {
        this.primary = primary;
        this.name = name;
        var hashed = new ArrayBufferWriter<byte>();
        primary.WriteHashed(hashed);
        hashedPrimary = hashed.WrittenSpan.ToArray();
    }

    public static OpenPgpCertificate Parse(byte[] binary, string name)
    {
        var packets = Split(binary, name);
        if (packets.Count == 0 || packets[0].Tag != PacketTag.PublicKey)
        {
            throw Bad(name, packets is [{ Tag: PacketTag.SecretKey }, ..] ? "is a secret key, want a certificate"
                : "does not begin with a public key");
        }

        if (packets.Skip(1).Any(p => p.Tag is PacketTag.PublicKey or PacketTag.SecretKey or PacketTag.SecretSubkey))
        {
            throw Bad(name, "holds more than one key, want exactly one certificate");
        }

        var parser = new CertificateParser(ReadKey(packets[0].Body, out var problem) ?? throw Bad(name, problem), name);
        parser.Read(packets);
        return parser.Finish(binary);
    }

    /// <summary>Reads a v4 RSA key packet's public part.</summary>
    public static PgpKey? ReadKey(ReadOnlySpan<byte> body, out string problem)
    {
        var reader = new PgpReader(body);
        var key = ReadKey(ref reader, out problem);
        if (key is not null && !reader.AtEnd)
        {
            problem = "bytes follow the key";
            return null;
        }

        return key;
    }

    public static PgpKey? ReadKey(ref PgpReader reader, out string problem)
    {
        var version = reader.Byte();
        var created = reader.UInt32();
        var algorithm = reader.Byte();
        if (version != 4 || algorithm is not PgpFormat.Rsa and not 3)
        {
            problem = $"key of version {version} and algorithm {algorithm}, want version 4 and RSA";
            return null;
        }

        var modulus = reader.Mpi();
        var exponent = reader.Mpi();
        if (reader.Failed || algorithm != PgpFormat.Rsa)
        {
            problem = "key packet is malformed";
            return null;
        }

        problem = "";
        try
        {
            return new PgpKey(created, RsaPublicKey.FromParameters(modulus, exponent));
        }
        catch (TdxException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static List<(PacketTag Tag, byte[] Body)> Split(byte[] binary, string name)
    {
        if (binary.Length > Armor.MaxLength)
        {
            throw Bad(name, $"{binary.Length} bytes, the limit is {Armor.MaxLength}");
        }

        var packets = new List<(PacketTag, byte[])>();
        var reader = new PgpReader(binary);
        while (reader.Packet(out var tag, out var body))
        {
            packets.Add((tag, body.ToArray()));
            if (packets.Count > MaxPackets)
            {
                throw Bad(name, $"more than {MaxPackets} packets");
            }
        }

        return reader.AtEnd ? packets : throw Bad(name, "not a sequence of OpenPGP packets");
    }

    private void Read(List<(PacketTag Tag, byte[] Body)> packets)
    {
        // A revocation counts wherever it stands: sorting packets anew must not bring a key back.
        byPrimary.AddRange(packets.Where(p => p.Tag == PacketTag.Signature).Select(p => SignaturePacket.Parse(p.Body, out _))
            .OfType<SignaturePacket>().Where(s => s.Names(primary)));
        for (var i = 1; i < packets.Count;)
        {
            var (tag, body) = packets[i];
            var signatures = new List<SignaturePacket>();
            var next = tag == PacketTag.Signature ? i : i + 1;
            for (; next < packets.Count && packets[next].Tag == PacketTag.Signature; next++)
            {
                // Only signatures that name the primary key are looked at: bounded work however many strangers signed.
                if (SignaturePacket.Parse(packets[next].Body, out _) is { } signature && signature.Names(primary))
                {
                    signatures.Add(signature);
                }
            }

            switch (tag)
            {
                case PacketTag.Signature:
                    ReadDirect(signatures);
                    break;
                case PacketTag.UserId:
                    ReadUserId(body, signatures);
                    break;
                case PacketTag.PublicSubkey:
                    ReadSubkey(body, signatures);
                    break;
                case PacketTag.UserAttribute or PacketTag.Trust or PacketTag.Marker:
                    break;
                default:
                    throw Bad(name, $"packet {(int)tag} does not belong into a certificate");
            }

            i = next;
        }
    }

    private void ReadDirect(List<SignaturePacket> signatures) =>
        selfSignatures.AddRange(signatures
            .Where(s => s.Type == SignatureType.DirectKey && Vouches(s, primary) && s.IsBy(primary, hashedPrimary))
            .Select(s => Said(primary, s)));

    private void ReadUserId(byte[] body, List<SignaturePacket> signatures)
    {
        var hashed = OpenPgpCertificate.HashedUserId(primary, body);
        var certifications = signatures.Where(s => s.IsCertification && Vouches(s, primary) && s.IsBy(primary, hashed)).ToList();
        if (certifications.Count == 0)
        {
            return;
        }

        // A user id may be certified again after its revocation; a tie goes to the revocation.
        var latest = certifications.Max(s => s.Created);
        if (byPrimary.Exists(s => s.Type == SignatureType.CertificationRevocation && s.Created >= latest && s.Revokes(primary, hashed)))
        {
            return;
        }

        userIds.Add(Encoding.UTF8.GetString(body));
        selfSignatures.AddRange(certifications.Select(s => Said(primary, s)));
    }

    private void ReadSubkey(byte[] body, List<SignaturePacket> signatures)
    {
        if (ReadKey(body, out _) is not { } subkey)
        {
            return;
        }

        var both = new ArrayBufferWriter<byte>();
        both.Write(hashedPrimary);
        subkey.WriteHashed(both);
        var hashed = both.WrittenSpan.ToArray();
        List<SelfSignature> bindings =
            [.. signatures.Where(s => s.Type == SignatureType.SubkeyBinding && Vouches(s, subkey) && s.IsBy(primary, hashed))
            .Select(Binding).OrderByDescending(s => s.From)];
        if (bindings.Exists(s => s.MaySign))
        {
            subkeys.Add(new CertifiedKey(subkey, bindings,
                byPrimary.Exists(s => s.Type == SignatureType.SubkeyRevocation && s.Revokes(primary, hashed))));
        }

        // Without the subkey's own consent anyone could adopt a stranger's signing key.
        SelfSignature Binding(SignaturePacket s)
        {
            var consents = s.Embedded is { } embedded
                && SignaturePacket.Parse(embedded, out _) is { Type: SignatureType.PrimaryKeyBinding } back && back.IsBy(subkey, hashed);
            return Said(subkey, s) with { Flags = consents ? s.KeyFlags ?? 0 : 0 };
        }
    }

    private OpenPgpCertificate Finish(byte[] binary)
    {
        var revoked = byPrimary.Exists(s => s.Type == SignatureType.KeyRevocation && s.Revokes(primary, hashedPrimary));
        if (selfSignatures.Count == 0 && !revoked)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: no self-signature with SHA-256 or better verifies",
                "gpg --quick-add-uid or --quick-set-expire makes a new self-signature");
        }

        return new OpenPgpCertificate(binary,
            [new CertifiedKey(primary, [.. selfSignatures.OrderByDescending(s => s.From)], revoked), .. subkeys], userIds);
    }

    // gpgv and sqv pass over a self-signature that names nobody or is older than the key it is about.
    private static bool Vouches(SignaturePacket signature, PgpKey key) => signature.NamesSomeone && signature.Created >= key.Created;

    // A signature without key flags predates them: such keys sign and certify.
    private static SelfSignature Said(PgpKey key, SignaturePacket signature)
    {
        var from = DateTimeOffset.FromUnixTimeSeconds(signature.Created);
        return new SelfSignature(
            from,
            signature.Lifetime == 0 ? null : from.AddSeconds(signature.Lifetime),
            signature.KeyFlags ?? (CertifiedKey.Certify | CertifiedKey.Sign),
            End(key, signature.KeyLifetime));
    }

    private static DateTimeOffset? End(PgpKey key, uint lifetime) =>
        lifetime == 0 ? null : DateTimeOffset.FromUnixTimeSeconds((long)key.Created + lifetime);

    private static TdxException Bad(string name, string what) => new(ExitCode.BadInput, $"{name}: {what}");
}
