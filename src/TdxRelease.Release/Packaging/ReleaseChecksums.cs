using TdxRelease.Core.Files;
using TdxRelease.Signing;
using TdxRelease.Signing.Checksums;

namespace TdxRelease.Release.Packaging;

/// <summary>The signed list of everything in an output folder.</summary>
internal static class ReleaseChecksums
{
    /// <summary>Writes it, with the signatures that the release has, when all else is written.</summary>
    /// <param name="folder">The folder, still aside.</param>
    /// <param name="signer">Signs it; null for an unsigned release.</param>
    /// <param name="time">The time of the release.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">As the signer says; exit 6.</exception>
    public static void Write(AtomicFolder folder, ReleaseSigner? signer, DateTimeOffset time)
    {
        var list = FolderChecksums.Of(folder.Staging);
        folder.Write(ChecksumList.FileName, list);
        if (signer is not null)
        {
            folder.Write(ChecksumList.SignatureName, SignedChecksums.Sign(list, signer.Rsa));
        }

        if (signer?.OpenPgp is { } openPgp)
        {
            folder.Write(ChecksumList.OpenPgpSignatureName, SignedChecksums.Sign(list, openPgp, time));
        }
    }
}
