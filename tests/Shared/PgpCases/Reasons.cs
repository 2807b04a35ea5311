namespace TdxRelease.Testing.PgpCases;

/// <summary>Why gpgv, sqv and we do not say the same: each reason once, with the cases that it explains.</summary>
internal static class Reasons
{
    public static IReadOnlyList<(string Why, string[] Cases)> All { get; } =
    [
        (
            "Only binary signatures (type 0x00) are taken for files: a text signature covers the content in another form, so "
            + "two files have one signature.",
            [
                "type text, content in canonical form", "good, then one of type text", "one of type text, then good",
                "made by gpg textmode",
            ]),
        (
            "SHA-1, RIPEMD-160, SHA-224 and MD5 count nowhere but in revocations. gpgv still takes SHA-1 and RIPEMD-160 where "
            + "it is not told otherwise; sqv refuses most of them, and takes a file with one good signature beside a weak one.",
            [
                "hash SHA-1", "good, then one with SHA-1", "one with SHA-1, then good", "certificate: revoked with MD5",
                "certificate: self-signature: SHA-1",
                "certificate: self-signature: older SHA-512 that may sign, newer SHA-1 that may not", "subkey: binding with SHA-1",
                "subkey: consent with SHA-1", "made by gpg RIPEMD160", "made by gpg SHA1", "made by gpg SHA224", "made by gpg rfc4880",
                "made by gpg self signature SHA1",
            ]),
        (
            "Only version 4 is read. gpgv still takes version 3, whose signed part lacks the issuer. A revocation of version 3 "
            + "is not read either: no program makes one for a key of version 4.",
            [
                "version 2", "version 3", "good, then one of version 3", "one of version 3, then good", "good, then one of version 9",
                "one of version 9, then good", "certificate: revoked by a packet of version 3", "subkey: consent of version 3",
            ]),
        (
            "Only RSA of 4096 bits or more under its plain number (algorithm 1) is taken: it is what tdxrel signs with. The "
            + "numbers 2 and 3 are deprecated.",
            [
                "algorithm 2 named, RSA made", "good, then one of algorithm 100", "one of algorithm 100, then good",
                "certificate: key of algorithm 3, RSA that signs only", "certificate: key of algorithm 2, RSA that encrypts only",
                "certificate: RSA of 3072 bits", "subkey: of algorithm 3, RSA that signs only",
                "subkey: of algorithm 2, RSA that encrypts only", "subkey: RSA of 3072 bits", "made by gpg brainpoolP256r1",
                "made by gpg dsa2048", "made by gpg ed25519", "made by gpg nistp256", "made by gpg rsa2048", "made by gpg rsa3072",
                "made by gpg secp256k1", "made by sq cv25519", "made by sq rsa3k",
            ]),
        (
            "A file's signatures must all be good, 16 at most: gpgv too refuses a file with a bad or strange one, sqv wants one "
            + "good one.",
            [
                "17 good signatures", "good, then a stranger's", "a stranger's, then good", "good, then a broken one",
                "a broken one, then good", "good, then an expired one", "an expired one, then good", "made by gpg two signers",
            ]),
        (
            "One packet stands for one thing: nothing may stand before, behind or around the signatures, and a certificate file "
            + "holds one certificate. gpgv and sqv pass over much of that.",
            [
                "marker in front", "marker behind", "padding packet behind", "private packet 60 behind", "trust packet behind",
                "in a compressed packet", "certificate: then a stranger's", "certificate: behind a stranger's",
                "certificate: signature in front of the key", "certificate: marker in front", "certificate: private packet 60 inside",
                "certificate: literal data inside", "made by gpg two certificates",
            ]),
        (
            "A signature counts for the key that its signed fingerprint names or, where it has none, its first key id. gpgv "
            + "looks at the key id alone; sqv tries every name, also those of the unsigned part.",
            [
                "issuer: fingerprint alone, unhashed", "issuer: key id of 7 bytes", "issuer: a stranger's fingerprint, our key id",
                "issuer: a stranger's key id, then ours", "issuer: fingerprint of version 6",
            ]),
        (
            "The parts of a packet have one form: numbers without leading zeros and exact in their bit count, nothing behind "
            + "the last, no creation time twice, the two bytes of the digest in the clear right. gpgv, and in part sqv, are "
            + "lenient.",
            [
                "creation time twice, the same", "creation time twice, the second in 2099", "creation time of 5 bytes",
                "left bits of the digest wrong", "number with a leading zero byte", "number with one bit too many in its count",
                "number with one bit too few in its count", "number plus the modulus", "number twice", "byte behind the number",
                "certificate: self-signature: wrong left bits", "certificate: byte behind the key's numbers",
                "certificate: modulus with a leading zero byte", "subkey: binding with wrong left bits",
                "subkey: consent with wrong left bits",
            ]),
        (
            "Armor is one block with nothing around it, in lines of at most 256 characters, with a right checksum or none: what "
            + "people see is what is signed. gpgv's keyrings are never armored.",
            [
                "armor: CR alone", "armor: no blank line", "armor: blank line with a blank in it", "armor: text in front",
                "armor: text behind", "armor: indented", "armor: blank behind the first line", "armor: label of a message",
                "armor: label of a certificate", "armor: label at the end is another", "armor: four dashes", "armor: no end",
                "armor: two blocks", "armor: a broken block behind", "armor: wrong checksum", "armor: checksum twice",
                "armor: one line", "armor: blanks at the ends of lines", "armor: tab in a line", "armor: padding in the middle",
                "armored certificate: sound", "armored certificate: no checksum", "armored certificate: wrong checksum",
                "armored certificate: two blocks", "armored certificate: label of a secret key", "made by sq armored certificate",
            ]),
        (
            "Where a subpacket stands twice the last counts, as for sqv; gpgv takes the first.",
            [
                "expired by the first, never by the second", "never by the first, expired by the second",
                "certificate: expiry twice: past, then never", "certificate: expiry twice: never, then past",
                "certificate: self-signature: flags twice: certify, then both",
                "certificate: self-signature: flags twice: both, then certify",
            ]),
        (
            "A key that has expired or was revoked signs nothing here, whenever it signed and whatever the reason: a time in a "
            + "signature is only what the signer says. sqv takes what an expired, retired or superseded key signed before its "
            + "end.",
            [
                "certificate: key expired after the signature", "certificate: revoked superseded, after the signature",
                "certificate: revoked retired, after the signature", "subkey: expired after the signature",
                "subkey: revoked, retired after the signature", "subkey: revoked, then bound again", "made by gpg key expired",
                "made by sq key expired", "made by sq revoked retired", "made by sq revoked superseded",
            ]),
        (
            "A revocation counts wherever it stands in the file and whether or not it names its key: sorting packets anew must "
            + "not bring a key back.",
            [
                "certificate: revoked behind the user id", "certificate: revocation without an issuer",
                "subkey: revocation behind the user id",
            ]),
        (
            "gpgv does not hold a signature or self-signature against the clock where it is of the future, or expired and the "
            + "only one.",
            [
                "made in 2099", "certificate: self-signature: in 2099", "certificate: self-signature: expired",
                "subkey: binding in 2099", "made by gpg future",
            ]),
        (
            "A consent (back signature) is looked at for who made it and how, not for its times: the binding around it has its "
            + "own. sqv looks at them.",
            [
                "subkey: consent expired", "subkey: consent in 2099",
            ]),
        (
            "sqv wants a self-signature that was there when the file was signed, and so refuses older files once a key's life "
            + "was extended and the export holds the newest self-signature alone. Here, as in gpgv, the one in force at the time "
            + "of the check counts.",
            [
                "certificate: self-signature: made after the signature", "subkey: binding made after the signature",
                "made by gpg key extended", "made by gpg subkey extended",
            ]),
        (
            "A self-signature without key flags predates them: the primary key may sign, as in gpgv; a subkey may not, as in "
            + "sqv. Flags count in the signed part alone.",
            [
                "certificate: self-signature: no flags", "subkey: no flags, but consent", "subkey: flags in the unhashed area",
            ]),
        (
            "What is not signed is not looked at: an unknown subpacket there cannot be critical, a broken one elsewhere that is "
            + "not needed does no harm, and the signed user id of the signer is known.",
            [
                "unknown critical subpacket, unhashed", "critical signer's user id", "embedded signature, broken",
                "unhashed area of 30,000 bytes",
            ]),
        (
            "The intended recipient is not known here, so it may not be critical.",
            [
                "critical intended recipient",
            ]),
        (
            "A certificate whose only user id is revoked has nothing that vouches for its key.",
            [
                "certificate: user id revoked",
            ]),
        (
            "A subkey in front of the user id is read all the same; gpgv wants the order of the RFC.",
            [
                "subkey: in front of the user id",
            ]),
        (
            "Of several consents in the unsigned part the first counts.",
            [
                "subkey: consent twice: a stranger's, then its own",
            ]),
    ];
}
