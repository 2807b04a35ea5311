namespace TdxRelease.Testing.PgpCases;

/// <summary>A sound signature by the primary key, against certificates whose primary key is unusual.</summary>
internal static class CertificateCases
{
    private static readonly DateTimeOffset Late = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Good = new PgpSignature().Packet();
    private static readonly byte[] Both = PgpCertificate.Both;
    private static readonly TimeSpan Month = TimeSpan.FromDays(31);
    private static readonly TimeSpan Century = TimeSpan.FromDays(25000);

    public static IEnumerable<PgpCase> All => [.. Lives(), .. Revocations(), .. SelfSignatures(), .. UserIds(), .. Keys(), .. Packets()];

    private static PgpCase Case(string name, byte[] certificate) => new($"certificate: {name}", certificate, Good);

    private static byte[] Self(params byte[][] more) => PgpCertificate.Self([.. Both, .. more.SelectMany(m => m)]).Packet();

    private static IEnumerable<PgpCase> Lives()
    {
        var newer = PgpCertificate.Self([.. Both, .. Pgp.KeyLife(Century)], TestRelease.Created.AddDays(5)).Packet();
        var shorter = PgpCertificate.Self([.. Both, .. Pgp.KeyLife(Month)], TestRelease.Created.AddDays(5)).Packet();
        yield return Case("key expired before the signature", PgpCertificate.Certified(Self(Pgp.KeyLife(Month))));
        yield return Case("key expired after the signature", PgpCertificate.Certified(Self(Pgp.KeyLife(2 * Month))));
        yield return Case("key expires in 2094", PgpCertificate.Certified(Self(Pgp.KeyLife(Century))));
        yield return Case("key expires after 0 seconds, that is never", PgpCertificate.Certified(Self(Pgp.KeyLife(TimeSpan.Zero))));
        yield return Case("key expired, critical", PgpCertificate.Certified(Self(Pgp.KeyLife(Month, 0x89))));
        yield return Case("expiry twice: past, then never", PgpCertificate.Certified(Self(Pgp.KeyLife(Month), Pgp.KeyLife(TimeSpan.Zero))));
        yield return Case("expiry twice: never, then past", PgpCertificate.Certified(Self(Pgp.KeyLife(TimeSpan.Zero), Pgp.KeyLife(Month))));
        yield return Case("expired by the unhashed area",
            PgpCertificate.Certified((PgpCertificate.Self() with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.KeyLife(Month)] })
            .Packet()));
        yield return Case("expired, never by the unhashed area",
            PgpCertificate.Certified(
            (PgpCertificate.Self(
            [.. Both, .. Pgp.KeyLife(Month)]) with
            { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.KeyLife(TimeSpan.Zero)] })
            .Packet()));
        yield return Case("expired, then extended", PgpCertificate.Certified(Self(Pgp.KeyLife(Month)), newer));
        yield return Case("extended, the newer signature first", PgpCertificate.Certified(newer, Self(Pgp.KeyLife(Month))));
        yield return Case("shortened by the newer signature", PgpCertificate.Certified(Self(), shorter));
        yield return Case("shortened, the newer signature first", PgpCertificate.Certified(shorter, Self()));
        yield return Case("expired by a direct signature, not by the user id's",
            PgpCertificate.Keyed(PgpCertificate.Direct(0x1F, [.. Both, .. Pgp.KeyLife(Month)]).Packet()));
        yield return Case("not by the direct signature, expired by the newer user id's",
            [.. PgpCertificate.Key, .. PgpCertificate.Direct(0x1F, Both, TestRelease.Created).Packet(), .. PgpCertificate.UserId,
            .. shorter]);
    }

    private static IEnumerable<PgpCase> Revocations()
    {
        byte[] Reason(byte reason) => Pgp.Sub(29, reason);
        foreach (var (reason, name) in new (byte, string)[] { (0, "for no reason"), (1, "superseded"), (2, "compromised"), (3, "retired"),
            (100, "for a reason of its own") })
        {
            yield return Case($"revoked {name}, before the signature",
                PgpCertificate.Keyed(PgpCertificate.Direct(0x20, Reason(reason)).Packet()));
            yield return Case($"revoked {name}, after the signature",
                PgpCertificate.Keyed(PgpCertificate.Direct(0x20, Reason(reason), TestRelease.Later.AddDays(9)).Packet()));
        }

        var plain = PgpCertificate.Direct(0x20);
        yield return Case("revoked without a reason subpacket", PgpCertificate.Keyed(plain.Packet()));
        yield return Case("revoked in 2099", PgpCertificate.Keyed((plain with { At = Late }).Packet()));
        yield return Case("revoked, the revocation expired",
            PgpCertificate.Keyed((plain with { More = Pgp.Lifetime(TimeSpan.FromDays(1)) }).Packet()));
        yield return Case("revoked with SHA-1", PgpCertificate.Keyed((plain with { Hash = 2 }).Packet()));
        yield return Case("revoked with MD5", PgpCertificate.Keyed((plain with { Hash = 1 }).Packet()));
        yield return Case("revoked behind the user id", PgpCertificate.With(plain.Packet()));
        yield return Case("revoked with an unknown critical subpacket",
            PgpCertificate.Keyed((plain with { More = Pgp.Sub(0xE4, 1) }).Packet()));
        yield return Case("revoked with a critical notation", PgpCertificate.Keyed((plain with { More = Pgp.Notation(0x94) }).Packet()));
        yield return Case("revoked by a packet of version 3", PgpCertificate.Keyed((plain with { Version = 3 }).Packet()));
        yield return Case("revocation without an issuer",
            PgpCertificate.Keyed((plain with { Hashed = Pgp.Time(plain.At), Unhashed = [] }).Packet()));
        yield return Case("revocation without a creation time",
            PgpCertificate.Keyed((plain with { Hashed = Pgp.Fingerprint(PgpKeyPair.Primary) }).Packet()));
        yield return Case("revocation by a stranger", PgpCertificate.Keyed((plain with { By = PgpKeyPair.Stranger }).Packet()));
        yield return Case("revocation by a stranger in the key's name",
            PgpCertificate.Keyed(
            (plain with
            {
                By = PgpKeyPair.Stranger,
                Hashed = [.. Pgp.Fingerprint(PgpKeyPair.Primary), .. Pgp.Time(plain.At)],
                Unhashed = []
            }).Packet()));
        yield return Case("revocation of another key",
            PgpCertificate.Keyed((plain with { Content = PgpKeyPair.Stranger.Hashed }).Packet()));
        yield return Case("revocation with wrong left bits", PgpCertificate.Keyed((plain with { LeftBits = 1 }).Packet()));
    }

    private static IEnumerable<PgpCase> SelfSignatures()
    {
        var self = PgpCertificate.Self();
        foreach (var (name, certification) in new (string, PgpSignature)[]
        {
            ("type 0x10", self with { Type = 0x10 }), ("type 0x11", self with { Type = 0x11 }), ("type 0x12", self with { Type = 0x12 }),
            ("type 0x16, attested", self with { Type = 0x16 }),
            ("SHA-256", self with { Hash = 8 }), ("SHA-1", self with { Hash = 2 }), ("MD5", self with { Hash = 1 }),
            ("version 3", self with { Version = 3 }), ("version 6", self with { Version = 6 }),
            ("in 2099", self with { At = Late }), ("a second before its key", self with { At = TestRelease.Created.AddSeconds(-1) }),
            ("expired", self with { More = [.. Both, .. Pgp.Lifetime(Month)] }),
            ("made after the signature", self with { At = TestRelease.Later.AddDays(1) }), ("wrong left bits", self with { LeftBits = 1 }),
            ("over another user id", PgpCertificate.Self(id: [1, 2])),
            ("by a stranger", self with { By = PgpKeyPair.Stranger }),
            ("without an issuer", self with { Hashed = [.. Pgp.Time(self.At), .. Both], Unhashed = [] }),
            ("no flags", self with { More = [] }), ("flags of no bytes", self with { More = Pgp.Flags() }),
            ("flags: certify", self with { More = Pgp.Flags(1) }), ("flags: sign", self with { More = Pgp.Flags(2) }),
            ("flags of 2 bytes", self with { More = Pgp.Flags(3, 4) }),
            ("flags: certify, unhashed flags: sign",
            self with { More = Pgp.Flags(1), Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Both] }),
            ("flags twice: certify, then both", self with { More = [.. Pgp.Flags(1), .. Both] }),
            ("flags twice: both, then certify", self with { More = [.. Both, .. Pgp.Flags(1)] }),
            ("unknown critical subpacket", self with { More = [.. Both, .. Pgp.Sub(0xE4, 1)] }),
            ("critical notation", self with { More = [.. Both, .. Pgp.Notation(0x94)] }),
            ("not exportable", self with { More = [.. Both, .. Pgp.Sub(4, 0)] }),
        })
        {
            yield return Case($"self-signature: {name}", PgpCertificate.Certified(certification.Packet()));
        }

        yield return Case("self-signature: none", PgpCertificate.Certified());
        yield return Case("self-signature: SHA-1, beside it a direct one with SHA-512",
            [.. PgpCertificate.Key, .. PgpCertificate.Direct(0x1F, Both).Packet(), .. PgpCertificate.UserId,
            .. (self with { Hash = 2 }).Packet()]);
        yield return Case("self-signature: older SHA-512 that may sign, newer SHA-1 that may not",
            PgpCertificate.Certified(self.Packet(),
            (PgpCertificate.Self(Pgp.Flags(1), TestRelease.Created.AddDays(5)) with { Hash = 2 }).Packet()));
        yield return Case("self-signature: older one that may sign, newer one that may not",
            PgpCertificate.Certified(self.Packet(), PgpCertificate.Self(Pgp.Flags(1), TestRelease.Created.AddDays(5)).Packet()));
    }

    private static IEnumerable<PgpCase> UserIds()
    {
        var direct = PgpCertificate.Direct(0x1F, Both, TestRelease.Created).Packet();
        var second = "second <b@example.invalid>"u8.ToArray();
        var revocation = (PgpCertificate.Self([]) with { Type = 0x30, At = TestRelease.Created.AddDays(10) }).Packet();
        yield return Case("no user id, a direct signature", [.. PgpCertificate.Key, .. direct]);
        yield return Case("the key alone", PgpCertificate.Key);
        yield return Case("user id revoked", PgpCertificate.With(revocation));
        yield return Case("user id revoked, then certified again",
            PgpCertificate.With(revocation, PgpCertificate.Self(at: TestRelease.Created.AddDays(20)).Packet()));
        yield return Case("user id revoked, a direct signature stands",
            [.. PgpCertificate.Key, .. direct, .. PgpCertificate.UserId, .. PgpCertificate.Self().Packet(), .. revocation]);
        yield return Case("first of two user ids revoked",
            PgpCertificate.With(revocation, Pgp.Packet(13, second), PgpCertificate.Self(id: second).Packet()));
        yield return Case("second user id without a signature", PgpCertificate.With(Pgp.Packet(13, second)));
        yield return Case("user id of no bytes", [.. PgpCertificate.Key, .. Pgp.Packet(13, []), .. PgpCertificate.Self(id: []).Packet()]);
        yield return Case("user id that is not UTF-8",
            [.. PgpCertificate.Key, .. Pgp.Packet(13, [0xFF, 0xFE]), .. PgpCertificate.Self(id: [0xFF, 0xFE]).Packet()]);
        yield return Case("user attribute", PgpCertificate.With(Pgp.Packet(17, [3, 1, 2, 3])));
        yield return Case("a stranger's certification",
            PgpCertificate.With((PgpCertificate.Self() with { Type = 0x10, By = PgpKeyPair.Stranger }).Packet()));
    }

    private static IEnumerable<PgpCase> Keys()
    {
        PgpCase Of(string name, PgpKeyPair key)
        {
            byte[] certificate = [.. Pgp.Packet(6, key.Body), .. PgpCertificate.UserId, .. PgpCertificate.Self(key: key).Packet()];
            return new($"certificate: {name}", certificate, new PgpSignature { By = key }.Packet());
        }

        var (primary, body) = (PgpKeyPair.Primary, PgpKeyPair.Primary.Body);
        yield return Of("key of algorithm 3, RSA that signs only", primary.As(algorithm: 3));
        yield return Of("key of algorithm 2, RSA that encrypts only", primary.As(algorithm: 2));
        yield return Of("key of version 3", primary.As(version: 3));
        yield return Of("key of version 5", primary.As(version: 5));
        yield return Of("RSA of 3072 bits", PgpKeyPair.Stranger);
        yield return Of("key made in 2099", primary.As(created: Late));
        byte[] Changed(byte[] key) => [.. Pgp.Packet(6, key), .. PgpCertificate.Sound.AsSpan(PgpCertificate.Key.Length)];
        yield return Case("byte behind the key's numbers", Changed([.. body, 0]));
        yield return Case("key packet cut short", Changed(body[..^1]));
        yield return Case("modulus with a leading zero byte", Changed([.. body[..6], 0x10, 8, 0, .. body[8..]]));
        yield return Case("bit count of the modulus one too many", Changed([.. body[..6], 0x10, 1, .. body[8..]]));
        yield return Case("another creation time", Changed([4, .. Pgp.Four(primary.Created + 1), .. body[5..]]));
    }

    private static IEnumerable<PgpCase> Packets()
    {
        var stranger = PgpKeyPair.Stranger;
        byte[] other = [.. Pgp.Packet(6, stranger.Body), .. Pgp.Packet(13, "s"u8.ToArray()),
            .. PgpCertificate.Self(key: stranger, id: "s"u8.ToArray()).Packet()];
        var rest = PgpCertificate.Sound.AsSpan(PgpCertificate.Key.Length).ToArray();
        yield return Case("empty file", []);
        yield return Case("cut short", PgpCertificate.Sound[..^1]);
        yield return Case("rubbish behind", [.. PgpCertificate.Sound, 1, 2, 3]);
        yield return Case("then a stranger's", [.. PgpCertificate.Sound, .. other]);
        yield return Case("behind a stranger's", [.. other, .. PgpCertificate.Sound]);
        yield return Case("a stranger's alone", other);
        yield return Case("signature in front of the key", [.. PgpCertificate.Direct(0x20).Packet(), .. PgpCertificate.Sound]);
        yield return Case("marker in front", [.. Pgp.Packet(10, "PGP"u8.ToArray()), .. PgpCertificate.Sound]);
        yield return Case("marker inside", PgpCertificate.Keyed(Pgp.Packet(10, "PGP"u8.ToArray())));
        yield return Case("private packet 60 inside", PgpCertificate.Keyed(Pgp.Packet(60, [1], PacketForm.New)));
        yield return Case("literal data inside", PgpCertificate.Keyed(Pgp.Packet(11, [(byte)'b', 0, 0, 0, 0, 0, 1])));
        foreach (var form in (PacketForm[])[PacketForm.New, PacketForm.NewFive, PacketForm.OldFour, PacketForm.NewPartial])
        {
            yield return Case($"key in packet form {form}", [.. Pgp.Packet(6, PgpKeyPair.Primary.Body, form), .. rest]);
        }
    }
}
