using System.Security.Cryptography;
using TdxRelease.Packages;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.Packaging;

/// <summary>Where source packages get upstream's files.</summary>
internal static class ReleaseSources
{
    private const string Forge = "https://github.com/";
    private const string Firmware = DistributionFormat.FirmwareFolder + "/";

    /// <summary>The upstream files behind a release's files; hashed when they are asked for first.</summary>
    public static UpstreamFiles Of(VerifiedSnapshot verified)
    {
        var parts = new Lazy<Dictionary<string, IReadOnlyList<UpstreamPart>>>(() => Parts(verified));
        return new UpstreamFiles(RawUrl(verified.Snapshot.Origin), file => parts.Value.GetValueOrDefault(PathOf(file), []));
    }

    /// <summary>Where upstream serves single files of the commit, without a slash at the end; null where that is not known.</summary>
    internal static string? RawUrl(Origin origin) =>
        origin is { Commit: { Length: 40 } commit, Url: { } url } && url.StartsWith(Forge, StringComparison.Ordinal)
        && Trimmed(url).Count(c => c == '/') == 1
            ? $"{Forge}{Trimmed(url)}/raw/{commit}"
            : null;

    private static string Trimmed(string url)
    {
        var name = url[Forge.Length..].TrimEnd('/');
        return name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name;
    }

    private static Dictionary<string, IReadOnlyList<UpstreamPart>> Parts(VerifiedSnapshot verified)
    {
        var snapshot = verified.Snapshot;
        UpstreamPart File(string path, ReadOnlySpan<byte> bytes) => new(path, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var parts = verified.Modules.ToDictionary(
            m => m.Release.BlobPath,
            m => (IReadOnlyList<UpstreamPart>)
                [File(m.Release.SigstructPath, m.Sigstruct.Span), File(m.Release.BinPath, VerifyStage.ReadVerified(snapshot, m))],
            StringComparer.Ordinal);
        foreach (var path in ((string[])[UpstreamLayout.Mapping, UpstreamLayout.BinariesLicense, UpstreamLayout.License])
            .Where(snapshot.Contains))
        {
            parts[path] = [File(path, snapshot.Read(path))];
        }

        return parts;
    }

    private static string PathOf(PackageFile file) => file.Role == FileRole.License ? Path.GetFileName(file.Path)
        : file.Path.StartsWith(Firmware, StringComparison.Ordinal) ? file.Path[Firmware.Length..]
        : "";
}
