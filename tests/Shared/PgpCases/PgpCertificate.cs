namespace TdxRelease.Testing.PgpCases;

/// <summary>The parts of a certificate, each a packet.</summary>
internal static class PgpCertificate
{
    /// <summary>Key flags: certify and sign.</summary>
    public static byte[] Both { get; } = Pgp.Flags(3);

    public static byte[] Key { get; } = Pgp.Packet(6, PgpKeyPair.Primary.Body);

    public static byte[] UserId { get; } = Pgp.Packet(13, Pgp.UserId);

    /// <summary>A sound certificate with nothing unusual.</summary>
    public static byte[] Sound { get; } = [.. Key, .. UserId, .. Self().Packet()];

    /// <summary>A positive certification of the user id by the primary key.</summary>
    public static PgpSignature Self(byte[]? more = null, DateTimeOffset? at = null, PgpKeyPair? key = null, byte[]? id = null) => new()
    {
        Type = 0x13,
        By = key ?? PgpKeyPair.Primary,
        At = at ?? TestRelease.Created,
        Content = [.. (key ?? PgpKeyPair.Primary).Hashed, 0xB4, .. Pgp.Four((uint)(id ?? Pgp.UserId).Length), .. id ?? Pgp.UserId],
        More = more ?? Both,
    };

    /// <summary>A signature about the primary key alone: 0x1F, or 0x20 to revoke it.</summary>
    public static PgpSignature Direct(int type, byte[]? more = null, DateTimeOffset? at = null) =>
        new() { Type = type, At = at ?? TestRelease.Created.AddDays(10), Content = PgpKeyPair.Primary.Hashed, More = more ?? [] };

    /// <summary>A signature about primary key and subkey: 0x18 binds, 0x19 is the subkey's consent, 0x28 revokes.</summary>
    public static PgpSignature Bond(int type, byte[]? more = null, DateTimeOffset? at = null, PgpKeyPair? sub = null) => new()
    {
        Type = type,
        By = type == 0x19 ? sub ?? PgpKeyPair.Sub : PgpKeyPair.Primary,
        At = at ?? TestRelease.Created,
        Content = [.. PgpKeyPair.Primary.Hashed, .. (sub ?? PgpKeyPair.Sub).Hashed],
        More = more ?? [],
    };

    /// <summary>A whole certificate: these packets behind the user id of the sound one.</summary>
    public static byte[] With(params byte[][] behind) => [.. Sound, .. behind.SelectMany(p => p)];

    /// <summary>A certificate whose user id has these signatures in place of the sound one.</summary>
    public static byte[] Certified(params byte[][] signatures) => [.. Key, .. UserId, .. signatures.SelectMany(p => p)];

    /// <summary>A certificate with these packets between the primary key and its user id.</summary>
    public static byte[] Keyed(params byte[][] behindKey) => [.. Key, .. behindKey.SelectMany(p => p), .. Sound.AsSpan(Key.Length)];

    public static byte[] SubkeyPacket(PgpKeyPair? sub = null) => Pgp.Packet(14, (sub ?? PgpKeyPair.Sub).Body);

    /// <summary>The binding of a subkey that signs, with the subkey's consent.</summary>
    public static PgpSignature Bound(byte[]? more = null, PgpSignature? consent = null, DateTimeOffset? at = null,
        PgpKeyPair? sub = null) =>
        Bond(0x18, [.. more ?? [], .. Pgp.Flags(2), .. Pgp.Sub(32, (consent ?? Bond(0x19, sub: sub)).Body())], at, sub);
}
