using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Signing;

/// <summary>What <c>tdxrel keys create</c> needs to know.</summary>
/// <param name="UserId">OpenPGP user id.</param>
/// <param name="Created">Creation time; part of the fingerprint.</param>
/// <param name="Expires">End of the key's life, or null.</param>
/// <param name="Bits">Length of the modulus.</param>
/// <param name="WithOpenPgpSecret">Also write the secret key in OpenPGP form.</param>
public sealed record ReleaseKeyRequest(string UserId, DateTimeOffset Created, DateTimeOffset? Expires = null,
    int Bits = RsaPublicKey.DefaultMinimumBits, bool WithOpenPgpSecret = false);

/// <summary>Makes release keys: private PEM, public PEM, OpenPGP certificate.</summary>
public static class ReleaseKey
{
    /// <summary>
    /// Makes a key and writes <c>NAME.pem</c> (0600), <c>NAME.pub.pem</c>,
    /// <c>NAME.pgp</c>, <c>NAME.asc</c> and, where asked, <c>NAME.secret.asc</c> (0600).
    /// </summary>
    /// <param name="prefix">Path and NAME; the folder must exist.</param>
    /// <param name="request">What to make.</param>
    /// <param name="passphrase">Encrypts the private files, or null.</param>
    /// <returns>The paths written, private ones first.</returns>
    /// <exception cref="TdxException">
    /// Exit 6: one of the files exists, or cannot be written; none is left then. Exit 5: fewer than 4096 bits.
    /// </exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The signer takes over the key, also when it refuses it.")]
    public static IReadOnlyList<string> Create(string prefix, ReleaseKeyRequest request, Passphrase? passphrase = null)
    {
        if (request.Bits is < RsaPublicKey.DefaultMinimumBits or > RsaPublicKey.MaximumBits || request.Bits % 8 != 0)
        {
            throw new TdxException(ExitCode.Refused,
                $"RSA key of {request.Bits} bits, want {RsaPublicKey.DefaultMinimumBits} to {RsaPublicKey.MaximumBits}, divisible by 8");
        }

        RequireFree(prefix, ".pem", ".secret.asc", ".pub.pem", ".pgp", ".asc");
        using var signer = new RsaKeySigner(RSA.Create(request.Bits));
        return Write(prefix, signer, request, passphrase);
    }

    /// <summary>
    /// Writes the public files of a key that is held elsewhere, such as in an HSM: <c>NAME.pub.pem</c>, <c>NAME.pgp</c> and
    /// <c>NAME.asc</c>.
    /// </summary>
    /// <param name="prefix">Path and NAME; the folder must exist.</param>
    /// <param name="signer">Makes the self-signature of the certificate, which is verified before anything is written.</param>
    /// <param name="userId">OpenPGP user id.</param>
    /// <param name="created">Creation time; part of the fingerprint.</param>
    /// <param name="expires">End of the key's life, or null.</param>
    /// <returns>The certificate and the paths written.</returns>
    /// <exception cref="TdxException">Exit 2: an empty user id; exit 6: one of the files exists, or cannot be written; none is left
    /// then.</exception>
    public static (OpenPgpCertificate Certificate, IReadOnlyList<string> Files) Certify(string prefix, IRsaSigner signer, string userId,
        DateTimeOffset created, DateTimeOffset? expires)
    {
        RequireFree(prefix, ".pub.pem", ".pgp", ".asc");
        var certificate = OpenPgpCertificate.Create(signer, userId, created, expires);
        return (certificate, Write(Public(prefix, signer.PublicKey, certificate)));
    }

    /// <summary>Writes the files of a key that exists.</summary>
    internal static IReadOnlyList<string> Write(string prefix, RsaKeySigner signer, ReleaseKeyRequest request, Passphrase? passphrase)
    {
        var certificate = OpenPgpCertificate.Create(signer, request.UserId, request.Created, request.Expires);
        var numbers = signer.ExportPrivate();
        var files = new List<KeyFile>();
        try
        {
            files.Add(new($"{prefix}.pem", PemPrivateKey.Write(numbers, passphrase), AtomicFile.PrivateMode));
            if (request.WithOpenPgpSecret)
            {
                files.Add(new($"{prefix}.secret.asc", OpenPgpSecretKey.Write(certificate, numbers, passphrase), AtomicFile.PrivateMode));
            }

            return Write([.. files, .. Public(prefix, signer.PublicKey, certificate)]);
        }
        finally
        {
            PrivateNumbers.Wipe(numbers);
            files.ForEach(file => CryptographicOperations.ZeroMemory(file.Content));
        }
    }

    private static KeyFile[] Public(string prefix, RsaPublicKey key, OpenPgpCertificate certificate) =>
    [
        new($"{prefix}.pub.pem", Encoding.ASCII.GetBytes(key.ToPem()), AtomicFile.DefaultMode),
        new($"{prefix}.pgp", certificate.ToArray(), AtomicFile.DefaultMode),
        new($"{prefix}.asc", Encoding.ASCII.GetBytes(certificate.ToArmored()), AtomicFile.DefaultMode),
    ];

    private static List<string> Write(IEnumerable<KeyFile> files)
    {
        var written = new List<string>();
        try
        {
            foreach (var file in files)
            {
                AtomicFile.Write(file.Path, file.Content, file.Mode, overwrite: false);
                written.Add(file.Path);
            }

            return written;
        }
        catch (TdxException)
        {
            // Half a key is worse than none: only files made here a moment ago are taken away.
            written.ForEach(File.Delete);
            throw;
        }
    }

    private static void RequireFree(string prefix, params string[] endings)
    {
        foreach (var ending in endings)
        {
            if (Path.Exists(prefix + ending))
            {
                throw IoErrors.Exists(prefix + ending);
            }
        }
    }

    private sealed record KeyFile(string Path, byte[] Content, UnixFileMode Mode);
}
