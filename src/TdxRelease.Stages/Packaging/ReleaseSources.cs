using System.Security.Cryptography;
using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Content;
using TdxRelease.Bundles.Packages;
using TdxRelease.Bundles.Signing;
using TdxRelease.Bundles.Sources;
using TdxRelease.Modules.Images;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Stages.Packaging;

/// <summary>The source forms of a release: for distributions that build by themselves.</summary>
internal sealed class ReleaseSources(VerifiedSnapshot verified, ReleasePackages packages, IOpenPgpSigner? signer, Func<Compression, Compression> choose)
{
    private const string Forge = "https://github.com/";
    private const string Firmware = TarPackageWriter.FirmwareFolder + "/";
    private readonly Dictionary<string, IReadOnlyList<UpstreamFile>> parts = Parts(verified);

    /// <summary>All source forms. Those that fetch upstream's files at build time exist only where upstream's commit is known.</summary>
    /// <param name="notice">Gets one line where they are left out.</param>
    public IReadOnlyList<BundleFile> Files(Action<string> notice)
    {
        var origin = verified.Snapshot.Origin;
        var raw = RawUrl(origin);
        var form = Form(raw, origin.Commit);
        List<Func<IEnumerable<BundleFile>>> jobs = [() => Debian(raw, true), () => Arch(raw, true), () => Rpm(form, SourceVariant.WithBinaries), () => Nix(form, SourceVariant.WithBinaries)];
        if (raw is null)
        {
            notice("left out, because the snapshot names no commit of a repository on github.com: source packages that fetch upstream's files when they are built");
        }
        else
        {
            jobs.AddRange([() => Debian(raw, false), () => Arch(raw, false), () => Rpm(form, SourceVariant.FetchAtBuild), () => Nix(form, SourceVariant.FetchAtBuild)]);
        }

        return [.. jobs.AsParallel().AsOrdered().SelectMany(job => job().ToList())];
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

    private static Dictionary<string, IReadOnlyList<UpstreamFile>> Parts(VerifiedSnapshot verified)
    {
        var snapshot = verified.Snapshot;
        UpstreamFile File(string path, ReadOnlySpan<byte> bytes) => new(path, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var parts = verified.Modules.ToDictionary(
            m => m.Release.BlobPath,
            m => (IReadOnlyList<UpstreamFile>)[File(m.Release.SigstructPath, m.Sigstruct.Span), File(m.Release.BinPath, VerifyStage.ReadVerified(snapshot, m))],
            StringComparer.Ordinal);
        foreach (var path in ((string[])[VerifyStage.MappingPath, LicenseGate.Path, "LICENSE"]).Where(snapshot.Contains))
        {
            parts[path] = [File(path, snapshot.Read(path))];
        }

        return parts;
    }

    private IReadOnlyList<UpstreamFile> PartsOf(PackageFile file) =>
        parts.GetValueOrDefault(file.Role == FileRole.License ? Path.GetFileName(file.Path) : file.Path.StartsWith(Firmware, StringComparison.Ordinal) ? file.Path[Firmware.Length..] : "", []);

    private SourceSpec Spec(PackageSpec package, string? raw, bool withBinaries) =>
        new(package, [.. package.Files.Select(f => new SourceFile(f, [.. PartsOf(f).Select(p => new UpstreamPart(p.Path, p.Sha256))]))], raw ?? package.Homepage.TrimEnd('/'), withBinaries);

    private IEnumerable<BundleFile> Debian(string? raw, bool withBinaries) =>
        DebianSource.Build(Spec(packages.Deb, raw, withBinaries), choose(Compression.Xz), signer).Select(f => new BundleFile($"sources/debian/{f.Key}", f.Value));

    private IEnumerable<BundleFile> Arch(string? raw, bool withBinaries) =>
        ArchSource.Build(Spec(packages.Arch, raw, withBinaries), choose(Compression.Xz)).Select(f => new BundleFile($"sources/arch{Suffix(withBinaries)}/{f.Key}", f.Value));

    private IEnumerable<BundleFile> Rpm(SourceForm form, SourceVariant variant)
    {
        var writer = new RpmSourceWriter(variant, choose(Compression.Zstd), signer);
        using var stream = new MemoryStream();
        writer.Write(form, stream);
        yield return new BundleFile($"sources/rpm/{writer.FileName(form)}", stream.ToArray());
    }

    private static IEnumerable<BundleFile> Nix(SourceForm form, SourceVariant variant)
    {
        var nix = new NixExpression(variant);
        var folder = $"sources/nix{Suffix(variant == SourceVariant.WithBinaries)}";
        yield return new BundleFile($"{folder}/{nix.FileName}", System.Text.Encoding.UTF8.GetBytes(nix.Write(form)));
        yield return new BundleFile($"{folder}/{nix.ArchiveName(form)}", nix.Archive(form));
    }

    private static string Suffix(bool withBinaries) => withBinaries ? "" : "-fetch";

    private SourceForm Form(string? raw, string? commit)
    {
        var spec = packages.Rpm;
        if (raw is null || commit is null)
        {
            return new SourceForm(spec, "", "", []);
        }

        var recipes = spec.Files.Select(f => (File: f, Parts: PartsOf(f))).Where(f => f.Parts.Count > 0).Select(f => new SourceRecipe(
            f.File.Path,
            f.Parts.Count == 1 ? default : f.File.Content[..Image.Page],
            f.Parts));
        return new SourceForm(spec, $"{raw}/", commit, [.. recipes]);
    }
}
