using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Signing;

/// <summary>
/// Everything that signs one release: raw RSA for manifest and attestations,
/// OpenPGP for packages and repositories where there is a certificate.
/// </summary>
/// <param name="rsa">Raw signatures; disposed with this where it can be.</param>
/// <param name="openPgp">OpenPGP signatures by the same key, or null.</param>
/// <param name="second">Signs the indices of repositories too, while one key replaces the other; disposed with this.</param>
/// <param name="others">Certificates that the users of repositories get besides those of the signers.</param>
public sealed class ReleaseSigner(IRsaSigner rsa, IOpenPgpSigner? openPgp, ReleaseSigner? second = null, OpenPgpKeyring? others = null)
    : IDisposable
{
    private const int MaxKeyFile = 1 << 20;

    /// <summary>Raw signatures.</summary>
    public IRsaSigner Rsa { get; } = rsa;

    /// <summary>OpenPGP signatures, or null.</summary>
    public IOpenPgpSigner? OpenPgp { get; } = openPgp;

    /// <summary>Signs repositories, or null.</summary>
    public RepositorySigners? Repositories => field ??= OpenPgp is null ? null : RepositorySigners.Of(OpenPgp, second?.OpenPgp, others);

    /// <summary>Opens a key file: PEM (PKCS#8) or an OpenPGP secret key, told apart by content.</summary>
    /// <param name="path">The key.</param>
    /// <param name="certificatePath">
    /// OpenPGP certificate for a PEM key; null for none, and always null for an OpenPGP key, which has its own.
    /// </param>
    /// <param name="passphrase">For encrypted keys.</param>
    /// <param name="minimumBits">Shorter keys are refused.</param>
    /// <param name="earlyTime">What to do with OpenPGP times before the key's.</param>
    /// <exception cref="TdxException">Exit 2, 3, 5 or 6, as the readers of both forms say.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result takes over the key.")]
    public static ReleaseSigner FromFile(string path, string? certificatePath = null, Passphrase? passphrase = null,
        int minimumBits = RsaPublicKey.DefaultMinimumBits, EarlyTime earlyTime = EarlyTime.RaiseToKey)
    {
        var bytes = InputFile.Read(path, MaxKeyFile);
        try
        {
            if (IsOpenPgp(bytes))
            {
                if (certificatePath is not null)
                {
                    throw new TdxException(ExitCode.Usage,
                        $"{path}: an OpenPGP secret key has its own certificate, \"{certificatePath}\" is one too many");
                }

                var pair = OpenPgpSecretKey.Read(bytes, passphrase, minimumBits, path);
                return new ReleaseSigner(pair.Signer, pair.OpenPgp(earlyTime));
            }

            var signer = PemPrivateKey.Read(bytes, passphrase, minimumBits, path);
            return new ReleaseSigner(signer, certificatePath is null ? null : WithCertificate(signer, certificatePath, earlyTime));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>OpenPGP on top of a signer, with a certificate from a file.</summary>
    /// <exception cref="TdxException">Exit 3 or 5: another key's certificate, revoked, may not sign.</exception>
    public static OpenPgpSigner WithCertificate(IRsaSigner signer, string certificatePath, EarlyTime earlyTime = EarlyTime.RaiseToKey) =>
        new(signer, OpenPgpCertificate.Parse(InputFile.Read(certificatePath, MaxKeyFile), certificatePath), earlyTime);

    /// <inheritdoc/>
    public void Dispose()
    {
        (Rsa as IDisposable)?.Dispose();
        second?.Dispose();
    }

    private static bool IsOpenPgp(ReadOnlySpan<byte> bytes) =>
        !Armor.IsArmored(bytes) ? !bytes.IsEmpty : bytes.IndexOf("-----BEGIN PGP "u8) >= 0;
}
