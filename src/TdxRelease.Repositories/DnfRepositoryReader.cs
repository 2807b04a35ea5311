using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Rpm;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>
/// Reads a dnf repository that tdxrel wrote and checks that it is whole: signature, digests, packages, and nothing else in the folder.
/// </summary>
public static class DnfRepositoryReader
{
    private const long MaxMetadata = 64 << 20;
    private const long MaxPackage = 512 << 20;

    /// <summary>Reads the packages of a repository.</summary>
    /// <param name="folder">The repository.</param>
    /// <param name="verifier">Whose signature on repomd.xml and the packages is accepted.</param>
    /// <param name="whole">Tells by its SHA-256 whether a package's own digests were checked already; null for none.</param>
    /// <returns>The packages, sorted by name.</returns>
    /// <exception cref="TdxException">Exit 3: foreign, missing or malformed files; exit 4: a signature or digest does not hold; exit 6:
    /// unreadable.</exception>
    public static IReadOnlyList<DnfPackage> Read(string folder, OpenPgpVerifier verifier, Func<string, bool>? whole = null) =>
        [.. ReadIndexed(folder, verifier, whole).Select(p => p.File)];

    internal static IReadOnlyList<DnfIndexed> ReadIndexed(string folder, OpenPgpVerifier verifier, Func<string, bool>? whole = null)
    {
        var files = List(folder);
        var repomd = ReadListed(folder, files, DnfLayout.Repomd);
        RequireGood(verifier.VerifyDetached(repomd, ReadListed(folder, files, DnfLayout.Signature)), $"{folder}/{DnfLayout.Repomd}");
        ReadListed(folder, files, DnfLayout.Key);
        var packages = new List<DnfIndexed>();
        foreach (var data in DnfRepomd.Read(repomd, $"{folder}/{DnfLayout.Repomd}"))
        {
            var content = Open(folder, files, data);
            if (data.Kind == "primary")
            {
                packages.AddRange(DnfRepomd.ReadPrimary(content, $"{folder}/{data.Path}")
                    .Select(p => Package(folder, files, p.Path, p.Sha256, p.Length, verifier, whole)));
            }
        }

        files.RemoveWhere(f => ChecksumList.IsPart(f)
            || (f.EndsWith(".repo", StringComparison.Ordinal) && !f.Contains('/', StringComparison.Ordinal)));
        if (files.Count > 0)
        {
            throw new TdxException(ExitCode.BadInput,
                $"{folder}: \"{SafePath.Printable(files.First())}\" does not belong to the repository",
                "give the repository a directory of its own, or move the file away");
        }

        return [.. packages.OrderBy(p => p.File.FileName, StringComparer.Ordinal)];
    }

    /// <summary>Parses a package, checks its digests and its signature, and that its name tells what it holds.</summary>
    internal static DnfIndexed Index(DnfPackage package, OpenPgpVerifier verifier, bool whole = false)
    {
        var rpm = RpmReader.Read(package.Content, package.FileName);
        if (!whole)
        {
            rpm.Verify();
        }

        if (rpm.Signature is not { } signature)
        {
            throw new TdxException(ExitCode.Refused, $"{package.FileName}: is not signed",
                "dnf refuses unsigned packages with gpgcheck=1: sign it first");
        }

        RequireGood(verifier.VerifyDetached(rpm.Header.Raw.Span, signature.Span), package.FileName);
        var arch = rpm.IsSource ? "src" : rpm.Header.Text(RpmTag.Arch);
        var name = $"{rpm.Nevr}.{arch}.rpm";
        return name == package.FileName
            ? new DnfIndexed(package, rpm, RpmPackage.Hash(package.Content.Span))
            : throw new TdxException(ExitCode.BadInput,
                $"\"{SafePath.Printable(package.FileName)}\" is the package {SafePath.Printable(name)}");
    }

    private static DnfIndexed Package(string folder, HashSet<string> files, string path, string sha256, long length,
        OpenPgpVerifier verifier, Func<string, bool>? whole)
    {
        var place = $"{folder}/{SafePath.Printable(path)}";
        if (Path.GetDirectoryName(path) != DnfLayout.Packages)
        {
            throw new TdxException(ExitCode.BadInput, $"{place}: packages lie in {DnfLayout.Packages}");
        }

        var content = ReadListed(folder, files, path, MaxPackage);
        if (content.Length != length || RpmPackage.Hash(content) != sha256)
        {
            throw new TdxException(ExitCode.VerificationFailed,
                $"{place}: {content.Length} bytes with SHA-256 {RpmPackage.Hash(content)}, primary says {length} with {sha256}");
        }

        return Index(new DnfPackage(Path.GetFileName(path), content), verifier, whole?.Invoke(sha256) == true);
    }

    private static byte[] Open(string folder, HashSet<string> files, DnfData data)
    {
        var place = $"{folder}/{SafePath.Printable(data.Path)}";
        var file = ReadListed(folder, files, data.Path);
        if (file.Length != data.Length || RpmPackage.Hash(file) != data.Sha256)
        {
            throw new TdxException(ExitCode.VerificationFailed,
                $"{place}: {file.Length} bytes with SHA-256 {RpmPackage.Hash(file)}, repomd.xml says {data.Length} with {data.Sha256}");
        }

        var kind = Path.GetExtension(data.Path) switch
        {
            ".gz" => CompressionKind.Gzip,
            ".zst" => CompressionKind.Zstd,
            _ => throw new TdxException(ExitCode.BadInput, $"{place}: want .gz or .zst"),
        };
        var content = Compressor.Decompress(file, kind, place, ArchiveLimits.Default with { TotalBytes = MaxMetadata });
        return content.Length == data.OpenLength && RpmPackage.Hash(content) == data.OpenSha256
            ? content
            : throw new TdxException(ExitCode.VerificationFailed,
                $"{place}: {content.Length} bytes inside with SHA-256 {RpmPackage.Hash(content)}, "
                + $"repomd.xml says {data.OpenLength} with {data.OpenSha256}");
    }

    private static void RequireGood(OpenPgpResult result, string place)
    {
        if (!result.IsGood)
        {
            throw RepositoryFolder.NotAccepted(place, result);
        }
    }

    private static byte[] ReadListed(string folder, HashSet<string> files, string path, long limit = MaxMetadata)
    {
        if (!files.Remove(path))
        {
            throw new TdxException(ExitCode.BadInput, $"{folder}: \"{SafePath.Printable(path)}\" is missing");
        }

        return InputFile.Read(Path.Combine(folder, path), limit);
    }

    private static HashSet<string> List(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = 4 };
        string[] files = [];
        IoErrors.Reading(folder, () => files = Directory.GetFiles(folder, "*", options));
        return [.. files.Select(file => Path.GetRelativePath(folder, file))];
    }
}
