using System.Security.Cryptography;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Packages.SourcePackages;
using TdxRelease.Release.Content;
using TdxRelease.Signing;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.Packaging;

/// <summary>The source forms of a release: for distributions that build by themselves.</summary>
internal sealed class ReleaseSources(VerifiedSnapshot verified, ReleasePackages packages, IOpenPgpSigner? signer, Func<Compression, Compression> choose)
{
    private const string Forge = "https://github.com/";
    private const string Firmware = TarPackageWriter.FirmwareFolder + "/";
    private readonly Dictionary<string, IReadOnlyList<UpstreamPart>> parts = Parts(verified);

    /// <summary>All source forms. Those that fetch upstream's files at build time exist only where upstream's commit is known.</summary>
    /// <param name="notice">Gets one line where they are left out.</param>
    public IReadOnlyList<BundleFile> Files(Action<string> notice)
    {
        var origin = verified.Snapshot.Origin;
        var raw = RawUrl(origin);
        if (raw is null)
        {
            notice("left out, because the snapshot names no commit of a repository on github.com: source packages that fetch upstream's files when they are built");
        }

        bool[] variants = raw is null ? [true] : [true, false];
        return [.. SideBySide.Select(variants, withBinaries => Variant(raw, withBinaries).ToList()).SelectMany(files => files)];
    }

    /// <summary>Where upstream serves single files of the commit, without a slash at the end; null where that is not known.</summary>
    internal static string? RawUrl(Origin origin) =>
        origin is { Commit: { Length: 40 } commit, Url: { } url } && url.StartsWith(Forge, StringComparison.Ordinal) && Trimmed(url).Count(c => c == '/') == 1
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
            m => (IReadOnlyList<UpstreamPart>)[File(m.Release.SigstructPath, m.Sigstruct.Span), File(m.Release.BinPath, VerifyStage.ReadVerified(snapshot, m))],
            StringComparer.Ordinal);
        foreach (var path in ((string[])[UpstreamLayout.Mapping, UpstreamLayout.BinariesLicense, UpstreamLayout.License]).Where(snapshot.Contains))
        {
            parts[path] = [File(path, snapshot.Read(path))];
        }

        return parts;
    }

    private IReadOnlyList<UpstreamPart> PartsOf(PackageFile file) =>
        parts.GetValueOrDefault(file.Role == FileRole.License ? Path.GetFileName(file.Path) : file.Path.StartsWith(Firmware, StringComparison.Ordinal) ? file.Path[Firmware.Length..] : "", []);

    private SourceSpec Spec(PackageSpec package, string? raw, bool withBinaries) =>
        new(package, [.. package.Files.Select(f => new SourceFile(f, PartsOf(f)))], raw ?? package.Homepage.TrimEnd('/'), withBinaries);

    // One tarball, in the layout with usr/sbin that Debian and Fedora have; it is compressed once.
    private IEnumerable<BundleFile> Variant(string? raw, bool withBinaries)
    {
        var suffix = withBinaries ? "" : "-fetch";
        var debian = Spec(packages.Deb, raw, withBinaries);
        var archive = SourceTarball.Build(debian, choose(Compression.FastXz));
        foreach (var (name, content) in DebianSource.Build(debian, archive, signer))
        {
            yield return new BundleFile($"sources/debian/{name}", content);
        }

        foreach (var (name, content) in ArchSource.Build(Spec(packages.Arch, raw, withBinaries), archive))
        {
            yield return new BundleFile($"sources/arch{suffix}/{name}", content);
        }

        var rpm = Spec(packages.Rpm, raw, withBinaries);
        var writer = new RpmSourceWriter(choose(Compression.Zstd), signer);
        using var stream = new MemoryStream();
        writer.Write(rpm, archive, stream);
        yield return new BundleFile($"sources/rpm/{writer.FileName(rpm)}", stream.ToArray());
        yield return new BundleFile($"sources/nix{suffix}/{NixExpression.FileName}", System.Text.Encoding.UTF8.GetBytes(NixExpression.Write(rpm, archive)));
        yield return new BundleFile($"sources/nix{suffix}/{archive.FileName}", archive.Content);
    }
}
