namespace TdxRelease.Testing.PgpCases;

/// <summary>A sound signature by a subkey, against certificates whose subkey is unusual.</summary>
internal static class SubkeyCases
{
    private static readonly DateTimeOffset Late = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Month = TimeSpan.FromDays(31);
    private static readonly byte[] Good = new PgpSignature { By = PgpKeyPair.Sub }.Packet();
    private static readonly byte[] Subkey = PgpCertificate.SubkeyPacket();
    private static readonly byte[] Bound = PgpCertificate.Bound().Packet();
    private static readonly PgpSignature Consent = PgpCertificate.Bond(0x19);

    public static IEnumerable<PgpCase> All => [.. Bindings(), .. Consents(), .. Ends(), .. Keys()];

    private static PgpCase Case(string name, byte[] certificate, byte[]? signature = null) =>
        new($"subkey: {name}", certificate, signature ?? Good);

    private static IEnumerable<PgpCase> Bindings()
    {
        var bound = PgpCertificate.Bound();
        foreach (var (name, binding) in new (string, PgpSignature)[]
        {
            ("sound", bound), ("binding with SHA-1", bound with { Hash = 2 }), ("binding with MD5", bound with { Hash = 1 }),
            ("binding of version 3", bound with { Version = 3 }),
            ("binding by a stranger", bound with { By = PgpKeyPair.Stranger }), ("binding by itself", bound with { By = PgpKeyPair.Sub }),
            ("binding in 2099", bound with { At = Late }),
            ("binding expired", PgpCertificate.Bound(Pgp.Lifetime(Month))),
            ("binding made after the signature", PgpCertificate.Bound(at: TestRelease.Later.AddDays(1))),
            ("binding before the key", PgpCertificate.Bound(at: TestRelease.Created.AddSeconds(-1))),
            ("binding with wrong left bits", bound with { LeftBits = 1 }),
            ("binding of another subkey", bound with { Content = [.. PgpKeyPair.Primary.Hashed, .. PgpKeyPair.Stranger.Hashed] }),
            ("binding of type 0x1F", bound with { Type = 0x1F }),
            ("flags: encrypt, no consent", PgpCertificate.Bond(0x18, Pgp.Flags(12))),
            ("flags: sign, no consent", PgpCertificate.Bond(0x18, Pgp.Flags(2))), ("no flags, no consent", PgpCertificate.Bond(0x18)),
            ("no flags, but consent", PgpCertificate.Bond(0x18, Pgp.Sub(32, Consent.Body()))),
            ("flags: authenticate, but consent", PgpCertificate.Bond(0x18, [.. Pgp.Flags(0x20), .. Pgp.Sub(32, Consent.Body())])),
            ("flags in the unhashed area",
                PgpCertificate.Bond(0x18,
                Pgp.Sub(32, Consent.Body())) with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.Flags(2)] }),
            ("unknown critical subpacket", PgpCertificate.Bound(Pgp.Sub(0xE4, 1))),
        })
        {
            yield return Case(name, PgpCertificate.With(Subkey, binding.Packet()));
        }

        yield return Case("binding missing", PgpCertificate.With(Subkey));
        yield return Case("not in the certificate", PgpCertificate.Sound);
        yield return Case("in front of the user id", PgpCertificate.Keyed(Subkey, Bound));
        yield return Case("older binding signs, newer one encrypts",
            PgpCertificate.With(Subkey, Bound, PgpCertificate.Bond(0x18, Pgp.Flags(12), TestRelease.Created.AddDays(5)).Packet()));
        yield return Case("older binding encrypts, newer one signs",
            PgpCertificate.With(Subkey, PgpCertificate.Bond(0x18, Pgp.Flags(12)).Packet(),
            PgpCertificate.Bound(at: TestRelease.Created.AddDays(5)).Packet()));
    }

    private static IEnumerable<PgpCase> Consents()
    {
        var other = PgpKeyPair.Stranger;
        foreach (var (name, consent) in new (string, PgpSignature)[]
        {
            ("with SHA-1", Consent with { Hash = 2 }), ("with MD5", Consent with { Hash = 1 }),
            ("of version 3", Consent with { Version = 3 }), ("by the primary key", Consent with { By = PgpKeyPair.Primary }),
            ("by a stranger", Consent with { By = other }), ("of type 0x18", Consent with { Type = 0x18 }),
            ("to another certificate", Consent with { Content = [.. other.Hashed, .. PgpKeyPair.Sub.Hashed] }),
            ("expired", Consent with { More = Pgp.Lifetime(Month) }), ("in 2099", Consent with { At = Late }),
            ("with an unknown critical subpacket", Consent with { More = Pgp.Sub(0xE4, 1) }),
            ("with wrong left bits", Consent with { LeftBits = 1 }),
        })
        {
            yield return Case($"consent {name}", PgpCertificate.With(Subkey, PgpCertificate.Bound(consent: consent).Packet()));
        }

        byte[] Unhashed(params byte[][] embedded) => [.. Pgp.Issuer(PgpKeyPair.Primary), .. embedded.SelectMany(e => Pgp.Sub(32, e))];
        var flags = PgpCertificate.Bond(0x18, Pgp.Flags(2));
        byte[] stray = (Consent with { By = other }).Body();
        yield return Case("consent in the unhashed area",
            PgpCertificate.With(Subkey, (flags with { Unhashed = Unhashed(Consent.Body()) }).Packet()));
        yield return Case("consent twice: a stranger's, then its own",
            PgpCertificate.With(Subkey, (flags with { Unhashed = Unhashed(stray, Consent.Body()) }).Packet()));
        yield return Case("consent twice: its own, then a stranger's",
            PgpCertificate.With(Subkey, (flags with { Unhashed = Unhashed(Consent.Body(), stray) }).Packet()));
        yield return Case("consent of no bytes",
            PgpCertificate.With(Subkey, PgpCertificate.Bond(0x18, [.. Pgp.Flags(2), .. Pgp.Sub(32)]).Packet()));
    }

    private static IEnumerable<PgpCase> Ends()
    {
        byte[] Revoked(byte reason, int days = 10) =>
            PgpCertificate.Bond(0x28, Pgp.Sub(29, reason), TestRelease.Created.AddDays(days)).Packet();
        yield return Case("expired before the signature", PgpCertificate.With(Subkey, PgpCertificate.Bound(Pgp.KeyLife(Month)).Packet()));
        yield return Case("expired after the signature",
            PgpCertificate.With(Subkey, PgpCertificate.Bound(Pgp.KeyLife(2 * Month)).Packet()));
        yield return Case("revoked, compromised", PgpCertificate.With(Subkey, Bound, Revoked(2)));
        yield return Case("revoked, retired before the signature", PgpCertificate.With(Subkey, Bound, Revoked(3)));
        yield return Case("revoked, retired after the signature", PgpCertificate.With(Subkey, Bound, Revoked(3, 90)));
        yield return Case("revocation in front of the binding", PgpCertificate.With(Subkey, Revoked(2), Bound));
        yield return Case("revoked, then bound again",
            PgpCertificate.With(Subkey, Bound, Revoked(3), PgpCertificate.Bound(at: TestRelease.Created.AddDays(20)).Packet()));
        yield return Case("revocation behind the user id", [.. PgpCertificate.Sound, .. Revoked(2), .. Subkey, .. Bound]);
        yield return Case("revoked with SHA-1",
            PgpCertificate.With(Subkey, Bound, (PgpCertificate.Bond(0x28, Pgp.Sub(29, 2)) with { Hash = 2 }).Packet()));
        yield return Case("revocation by itself",
            PgpCertificate.With(Subkey, Bound, (PgpCertificate.Bond(0x28) with { By = PgpKeyPair.Sub }).Packet()));
        yield return Case("revocation by a stranger",
            PgpCertificate.With(Subkey, Bound, (PgpCertificate.Bond(0x28) with { By = PgpKeyPair.Stranger }).Packet()));
        yield return Case("revoked, the primary key signs", PgpCertificate.With(Subkey, Bound, Revoked(2)), new PgpSignature().Packet());
        yield return Case("sound, its primary key is revoked",
            [.. PgpCertificate.Keyed(PgpCertificate.Direct(0x20).Packet()), .. Subkey, .. Bound]);
        yield return Case("sound, its primary key expired",
            [.. PgpCertificate.Certified(PgpCertificate.Self([.. PgpCertificate.Both, .. Pgp.KeyLife(Month)]).Packet()), .. Subkey,
            .. Bound]);
        yield return Case("sound, its primary key has no self-signature", [.. PgpCertificate.Certified(), .. Subkey, .. Bound]);
        yield return Case("sound, its primary key may only certify",
            [.. PgpCertificate.Certified(PgpCertificate.Self(Pgp.Flags(1)).Packet()), .. Subkey, .. Bound]);
    }

    private static IEnumerable<PgpCase> Keys()
    {
        PgpCase Of(string name, PgpKeyPair key) =>
            Case(name, PgpCertificate.With(PgpCertificate.SubkeyPacket(key), PgpCertificate.Bound(sub: key).Packet()),
                new PgpSignature { By = key }.Packet());
        var sub = PgpKeyPair.Sub;
        yield return Of("of algorithm 3, RSA that signs only", sub.As(algorithm: 3));
        yield return Of("of algorithm 2, RSA that encrypts only", sub.As(algorithm: 2));
        yield return Of("of version 3", sub.As(version: 3));
        yield return Of("made after the signature", sub.As(created: TestRelease.Later.AddDays(1)));
        yield return Of("made before its primary key", sub.As(created: TestRelease.Created.AddDays(-1)));
        yield return Of("RSA of 3072 bits", PgpKeyPair.Stranger);
        yield return Of("the primary key again", PgpKeyPair.Primary.As(created: TestRelease.Created.AddDays(1)));
        yield return Case("as a second primary key", PgpCertificate.With(Pgp.Packet(6, sub.Body), Bound));
        yield return Case("signs, and the primary key too", PgpCertificate.With(Subkey, Bound), [.. Good, .. new PgpSignature().Packet()]);
    }
}
