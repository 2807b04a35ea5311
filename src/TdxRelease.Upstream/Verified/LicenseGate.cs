using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Upstream.Verified;

/// <summary>
/// Nothing that holds Intel's bytes is written unless the licence text was accepted by its hash. A changed text closes the gate again.
/// </summary>
public static class LicenseGate
{
    /// <summary>SHA-256 of the licence text of a snapshot.</summary>
    public static string HashOf(Snapshot snapshot) =>
        Convert.ToHexStringLower(SHA256.HashData(snapshot.Read(UpstreamLayout.BinariesLicense)));

    /// <summary>Checks the acceptance.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="accepted">SHA-256 that the user names, or null.</param>
    /// <returns>The licence text and its SHA-256.</returns>
    /// <exception cref="TdxException">Exit 5: not accepted, or another text was. Exit 3: malformed hash.</exception>
    public static (byte[] Text, string Sha256) Require(Snapshot snapshot, string? accepted)
    {
        var text = snapshot.Read(UpstreamLayout.BinariesLicense);
        var hash = Convert.ToHexStringLower(SHA256.HashData(text));
        if (accepted is null)
        {
            throw new TdxException(ExitCode.Refused, $"the licence of the binaries ({UpstreamLayout.BinariesLicense}) is not accepted",
                $"read it, then give --accept-license={hash}");
        }

        if (!Hex.Is(accepted.ToLowerInvariant(), 64))
        {
            throw new TdxException(ExitCode.Usage, $"--accept-license \"{accepted}\" is not a SHA-256 in 64 hexadecimal digits",
                $"sha256sum {UpstreamLayout.BinariesLicense}");
        }

        return string.Equals(accepted, hash, StringComparison.OrdinalIgnoreCase)
            ? (text, hash)
            : throw new TdxException(ExitCode.Refused, $"the accepted licence is {accepted}, the text in the snapshot is {hash}",
                "upstream changed the text, or another was accepted: read it and accept it anew");
    }
}
