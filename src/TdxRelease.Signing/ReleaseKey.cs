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

        RequireFree(prefix);
        using var signer = new RsaKeySigner(RSA.Create(request.Bits));
        return Write(prefix, signer, request, passphrase);
    }

    /// <summary>Writes the files of a key that exists.</summary>
    internal static IReadOnlyList<string> Write(string prefix, RsaKeySigner signer, ReleaseKeyRequest request, Passphrase? passphrase)
    {
        RequireFree(prefix);
        var certificate = OpenPgpCertificate.Create(signer, request.UserId, request.Created, request.Expires);
        var numbers = signer.ExportPrivate();
        var files = new List<(string Path, byte[] Content, UnixFileMode Mode)>();
        var written = new List<string>();
        try
        {
            files.Add(($"{prefix}.pem", PemPrivateKey.Write(numbers, passphrase), AtomicFile.PrivateMode));
            if (request.WithOpenPgpSecret)
            {
                files.Add(($"{prefix}.secret.asc", OpenPgpSecretKey.Write(certificate, numbers, passphrase), AtomicFile.PrivateMode));
            }

            files.Add(($"{prefix}.pub.pem", Encoding.ASCII.GetBytes(signer.PublicKey.ToPem()), AtomicFile.DefaultMode));
            files.Add(($"{prefix}.pgp", certificate.ToArray(), AtomicFile.DefaultMode));
            files.Add(($"{prefix}.asc", Encoding.ASCII.GetBytes(certificate.ToArmored()), AtomicFile.DefaultMode));
            foreach (var (path, content, mode) in files)
            {
                AtomicFile.Write(path, content, mode, overwrite: false);
                written.Add(path);
            }

            return written;
        }
        catch (TdxException)
        {
            // Half a key is worse than none: only files made here a moment ago are taken away.
            written.ForEach(File.Delete);
            throw;
        }
        finally
        {
            PrivateNumbers.Wipe(numbers);
            files.ForEach(file => CryptographicOperations.ZeroMemory(file.Content));
        }
    }

    private static void RequireFree(string prefix)
    {
        foreach (var suffix in (string[])[".pem", ".secret.asc", ".pub.pem", ".pgp", ".asc"])
        {
            if (Path.Exists(prefix + suffix))
            {
                throw IoErrors.Exists(prefix + suffix);
            }
        }
    }
}
