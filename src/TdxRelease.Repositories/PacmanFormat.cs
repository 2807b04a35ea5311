using System.Text;
using TdxRelease.Packages;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>Signed pacman repository.</summary>
/// <param name="arch">What it serves.</param>
public sealed class PacmanFormat(DistributionFormat arch) : RepositoryFormat(arch)
{
    private const string Keyrings = "usr/share/pacman/keyrings";

    /// <inheritdoc/>
    public override string Name => "pacman";

    /// <inheritdoc/>
    public override string KeyringPath => $"{Keyrings}/{Repository}.gpg";

    /// <summary>The second file says whom pacman-key trusts: fully (4), by fingerprint.</summary>
    public override IReadOnlyList<PackageFile> KeyringFiles(OpenPgpKeyring keyring) =>
    [
        .. base.KeyringFiles(keyring),
        new($"{Keyrings}/{Repository}-trusted",
            Encoding.ASCII.GetBytes(string.Concat(keyring.Certificates.Select(c => $"{c.Fingerprint}:4:\n")))),
    ];

    /// <summary>Before <c>pacman-key --init</c> there is nothing to add the certificates to, and nothing is lost.</summary>
    protected override PackageScripts KeyringScripts => new(
        PostInstall: $$"""
            if pacman-key --list-keys >/dev/null 2>&1; then
                pacman-key --populate {{Repository}}
            fi
            """);

    /// <inheritdoc/>
    protected override void Publish(string folder, ReleaseContent release, IReadOnlyList<RepositoryPackage> packages,
        RepositorySigners signers) =>
        PacmanRepository.Publish(folder, new PacmanRepositoryOptions(Repository, $"{release.BaseUrl}/{Name}", release.Time), packages,
            signers.Single);
}
