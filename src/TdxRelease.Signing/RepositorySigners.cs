using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Signing;

/// <summary>Who signs a repository. Both hand out the same keyring.</summary>
/// <param name="Index">Signs indices, of which clients want one signature that they can check: apt's and dnf's.</param>
/// <param name="Single">Signs what clients refuse with a signature by a key that they do not know, such as pacman's databases.</param>
public sealed record RepositorySigners(IOpenPgpSigner Index, IOpenPgpSigner Single)
{
    /// <summary>The keyring that users get.</summary>
    public OpenPgpKeyring Keyring { get; } = OpenPgpKeyring.Parse(Index.Certificate, "keyring of the repositories");

    /// <summary>
    /// The signers of a release key, and of another one that it replaces or that replaces it. The keyring is the same whichever of them is
    /// which: the newest certificate first.
    /// </summary>
    /// <param name="current">Signs the packages.</param>
    /// <param name="second">Signs indices too; null for none.</param>
    /// <param name="others">Further certificates of the keyring; null for none.</param>
    public static RepositorySigners Of(IOpenPgpSigner current, IOpenPgpSigner? second, OpenPgpKeyring? others)
    {
        if (second is null && others is null)
        {
            return new RepositorySigners(current, current);
        }

        IOpenPgpSigner[] signers = second is null ? [current] : [current, second];
        var keyring = new OpenPgpKeyring(
            signers.Select(s => OpenPgpCertificate.Parse(s.Certificate, "signer's certificate")).Concat(others?.Certificates ?? [])
            .OrderByDescending(c => c.CreatedAt).ThenBy(c => c.Fingerprint, StringComparer.Ordinal));
        return new RepositorySigners(new KeyringSigner(signers, keyring), new KeyringSigner([current], keyring));
    }
}
