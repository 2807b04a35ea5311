using TdxRelease.Packages;
using TdxRelease.Release.Composition;
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
        var origin = verified.Snapshot.Origin;
        return new UpstreamFiles(Repository(origin), RawUrl(origin), file => parts.Value.GetValueOrDefault(PathOf(file), []))
        {
            Tree = () => [.. verified.Snapshot.Files.Select(f => new UpstreamPart(f.Path, verified.Snapshot.Read(f.Path)))],
            Date = PackageVersion.DateOf(verified),
        };
    }

    /// <summary>Where upstream serves single files of the commit, without a slash at the end; null where that is not known.</summary>
    internal static string? RawUrl(Origin origin) =>
        origin is { Commit: { Length: 40 } commit, Url: { } url } && url.StartsWith(Forge, StringComparison.Ordinal)
        && Trimmed(url).Count(c => c == '/') == 1
            ? $"{Forge}{Trimmed(url)}/raw/{commit}"
            : null;

    // What a path or an archive is called says nothing to others.
    private static string? Repository(Origin origin) =>
        origin is { Commit: not null, Url: { } url } && url.StartsWith("https://", StringComparison.Ordinal) ? url : null;

    private static string Trimmed(string url)
    {
        var name = url[Forge.Length..].TrimEnd('/');
        return name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name;
    }

    private static Dictionary<string, IReadOnlyList<UpstreamPart>> Parts(VerifiedSnapshot verified)
    {
        var snapshot = verified.Snapshot;
        var parts = verified.Modules.ToDictionary(
            m => m.Release.BlobPath,
            m => (IReadOnlyList<UpstreamPart>)
                [new(m.Release.SigstructPath, m.Sigstruct), new(m.Release.BinPath, VerifyStage.ReadVerified(snapshot, m))],
            StringComparer.Ordinal);
        foreach (var path in ((string[])[UpstreamLayout.Mapping, UpstreamLayout.BinariesLicense, UpstreamLayout.License])
            .Where(snapshot.Contains))
        {
            parts[path] = [new UpstreamPart(path, snapshot.Read(path))];
        }

        return parts;
    }

    private static string PathOf(PackageFile file) => file.Role == FileRole.License ? Path.GetFileName(file.Path)
        : file.Path.StartsWith(Firmware, StringComparison.Ordinal) ? file.Path[Firmware.Length..]
        : "";
}
