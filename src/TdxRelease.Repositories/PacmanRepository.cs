using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>What a pacman repository says about itself.</summary>
/// <param name="Name">Name of the repository: its section in pacman.conf and its file names.</param>
/// <param name="BaseUri">Where users reach the folder.</param>
/// <param name="Time">Time of the archives and signatures.</param>
public sealed record PacmanRepositoryOptions(string Name, string BaseUri, DateTimeOffset Time);

/// <summary>Signed pacman repositories: databases of the newest version of each package; older package files stay beside them.</summary>
public static class PacmanRepository
{
    /// <summary>Adds packages to the repository in the folder, or begins one there. One rename at the end.</summary>
    /// <exception cref="TdxException">Exit 3: foreign files, an unusable package; exit 4: damaged files; exit 5: a published version would
    /// change; exit 6.</exception>
    public static void Publish(string folder, PacmanRepositoryOptions options, IReadOnlyList<RepositoryPackage> packages,
        IOpenPgpSigner signer) =>
        RepositoryFolder.Replace(folder, existing => Build(options, packages, signer, existing));

    /// <summary>All files of the new state by relative path; pure.</summary>
    /// <param name="options">What it says about itself.</param>
    /// <param name="packages">New package files.</param>
    /// <param name="signer">Signs packages and databases; must also have signed what exists.</param>
    /// <param name="existing">The old state, from <see cref="RepositoryFolder.Read"/>.</param>
    public static IReadOnlyDictionary<string, byte[]> Build(
        PacmanRepositoryOptions options, IReadOnlyList<RepositoryPackage> packages, IOpenPgpSigner signer,
        IReadOnlyDictionary<string, byte[]> existing)
    {
        SpecRules.Match(AptRepositoryOptions.Word(), "repository name", options.Name, "letters, digits, \".\", \"_\" and \"-\"");
        SpecRules.Match(AptRepositoryOptions.Uri(), "base URI", options.BaseUri, "http, https or file, without blanks");
        var keyring = OpenPgpKeyring.Parse(signer.Certificate, "signer's certificate");
        var verifier = OpenPgpVerifier.Of(signer, options.Time);
        var files = WithoutIndex(RepositoryChecksums.Without(existing), options.Name, verifier);
        RepositoryChecksums.RequireIntact(existing, verifier);
        var read = new Dictionary<string, ArchContents>(StringComparer.Ordinal);
        foreach (var package in packages)
        {
            read[package.FileName] = Add(files, package, signer, options.Time);
        }

        var newest = Newest(files, read);
        var database = Database(newest, options.Time, withFiles: false);
        var list = Database(newest, options.Time, withFiles: true);

        // The names without .tar.gz are what pacman asks for; links would not survive object storage.
        foreach (var (suffix, content) in ((string, byte[])[])[("db", database), ("files", list)])
        {
            var signature = signer.SignDetached(content, options.Time);
            files[$"{options.Name}.{suffix}"] = files[$"{options.Name}.{suffix}.tar.gz"] = content;
            files[$"{options.Name}.{suffix}.sig"] = files[$"{options.Name}.{suffix}.tar.gz.sig"] = signature;
        }

        files[$"{options.Name}.pgp"] = signer.Certificate;
        files[$"{options.Name}.conf"] = Encoding.UTF8.GetBytes(Configuration(options.Name, options.BaseUri, keyring));
        RepositoryChecksums.Add(files, signer, options.Time);
        return files;
    }

    /// <summary>The section for pacman.conf.</summary>
    // pacman takes keys from its own keyring only: the file can name the key, and the user has to trust it there.
    public static string Configuration(string name, string baseUri, OpenPgpKeyring keyring) =>
        $"""
        # Everything here is signed with the OpenPGP key {keyring.Fingerprints}.
        # Compare that with what the maintainer announced, then:
        #   pacman-key --add {name}.pgp{string.Concat(keyring.Certificates.Select(c => $" && pacman-key --lsign-key {c.Fingerprint}"))}
        [{name}]
        SigLevel = Required
        Server = {baseUri}

        """;

    /// <summary>Checks every signature of a repository and gives back the packages with theirs.</summary>
    /// <exception cref="TdxException">Exit 3: a foreign file; exit 4: a signature is missing or does not hold.</exception>
    public static SortedDictionary<string, byte[]> WithoutIndex(IReadOnlyDictionary<string, byte[]> existing, string name,
        OpenPgpVerifier verifier)
    {
        var kept = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        string[] unsigned = [$"{name}.pgp", $"{name}.conf"];
        string[] databases = [.. ((string[])["db", "files"]).SelectMany(s => (string[])[$"{name}.{s}", $"{name}.{s}.tar.gz"])];
        foreach (var (path, content) in existing.Where(f => !unsigned.Contains(f.Key) && !IsSignature(f.Key)))
        {
            var package = IsPackage(path);
            if (!package && !databases.Contains(path))
            {
                throw RepositoryFolder.Foreign(path);
            }

            var signature = existing.TryGetValue($"{path}.sig", out var bytes) ? bytes
                : throw RepositoryFolder.Damaged($"{path}.sig", "is missing");
            var result = verifier.VerifyDetached(content, signature);
            if (!result.IsGood)
            {
                throw RepositoryFolder.NotAccepted(path, result);
            }

            if (package)
            {
                kept[path] = content;
                kept[$"{path}.sig"] = signature;
            }
        }

        return existing.Keys.FirstOrDefault(p => IsSignature(p) && !existing.ContainsKey(p[..^4])) is { } orphan
            ? throw RepositoryFolder.Foreign(orphan)
            : kept;
    }

    private static ArchContents Add(SortedDictionary<string, byte[]> files, RepositoryPackage package, IOpenPgpSigner signer,
        DateTimeOffset time)
    {
        SafePath.Require(package.FileName);
        var read = ArchReader.Read(package.Content, package.FileName);
        var stem = $"{read.One("pkgname")}-{read.One("pkgver")}-{read.One("arch")}.pkg.tar";
        if (!IsPackage(package.FileName) || !package.FileName.StartsWith(stem, StringComparison.Ordinal))
        {
            throw new TdxException(ExitCode.BadInput, $"package file \"{package.FileName}\": its .PKGINFO says \"{stem}\"");
        }

        if (files.TryGetValue(package.FileName, out var old))
        {
            if (!package.Content.Span.SequenceEqual(old))
            {
                throw new TdxException(ExitCode.Refused, $"\"{package.FileName}\" is published with other content",
                    "a published version never changes: raise the release");
            }

            return read;
        }

        files[package.FileName] = package.Content.ToArray();
        files[$"{package.FileName}.sig"] = package.Signature ?? signer.SignDetached(package.Content.Span, time);
        return read;
    }

    private static List<PacmanEntry> Newest(SortedDictionary<string, byte[]> files, Dictionary<string, ArchContents> read) =>
    [
        .. files.Where(f => IsPackage(f.Key))
            .Select(f => new PacmanEntry(f.Key, f.Value, files[$"{f.Key}.sig"],
                read.TryGetValue(f.Key, out var known) ? known : ArchReader.Read(f.Value, f.Key)))
            .GroupBy(e => e.Package.One("pkgname"), StringComparer.Ordinal)
            .Select(g => g.Aggregate((a, b) => ArchVersionOrder.Compare(a.Package.One("pkgver"), b.Package.One("pkgver")) >= 0 ? a : b)),
    ];

    private static byte[] Database(IEnumerable<PacmanEntry> packages, DateTimeOffset time, bool withFiles)
    {
        var entries = new List<TarEntry>();
        foreach (var package in packages)
        {
            var folder = $"{package.Package.One("pkgname")}-{package.Package.One("pkgver")}";
            entries.Add(new TarEntry($"{folder}/desc", Encoding.UTF8.GetBytes(package.Desc())));
            if (withFiles)
            {
                entries.Add(new TarEntry($"{folder}/files", Encoding.UTF8.GetBytes(package.FileList())));
            }
        }

        return TarWriter.Pack(entries, time, Compression.Gzip);
    }

    private static bool IsSignature(string path) => path.EndsWith(".sig", StringComparison.Ordinal);

    private static bool IsPackage(string path) =>
        !path.Contains('/', StringComparison.Ordinal) && ArchFormat.IsPackage(path);
}
