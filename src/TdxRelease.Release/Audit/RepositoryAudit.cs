using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Release.Packaging;
using TdxRelease.Repositories;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>The kinds of repository.</summary>
public enum RepositoryKind
{
    /// <summary>Debian.</summary>
    Apt,

    /// <summary>Fedora, RHEL, SUSE.</summary>
    Dnf,

    /// <summary>Arch.</summary>
    Pacman,
}

/// <summary>Follows a repository from its signed index down to every file, and refuses files that the index does not lead to.</summary>
public static class RepositoryAudit
{
    private const string DescFile = "/desc";

    /// <summary>What kind of repository a folder is, by the files it holds; null where it is none.</summary>
    public static RepositoryKind? KindOf(string folder) =>
        Directory.Exists(Path.Combine(folder, "dists")) ? RepositoryKind.Apt
        : Directory.Exists(Path.Combine(folder, DnfLayout.Repodata)) ? RepositoryKind.Dnf
        : Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.db").Any() ? RepositoryKind.Pacman
        : null;

    /// <summary>
    /// The OpenPGP certificate that lies in a repository for its users, or null. Nothing says that it is the maintainer's: the caller
    /// compares keys.
    /// </summary>
    public static byte[]? CertificateIn(string folder, RepositoryKind kind)
    {
        var path = kind == RepositoryKind.Dnf ? Path.Combine(folder, DnfLayout.Key)
            : Directory.EnumerateFiles(folder, "*.pgp").Order(StringComparer.Ordinal).FirstOrDefault();
        return path is not null && FileStat.Of(path) is not null ? InputFile.Read(path, 1 << 20) : null;
    }

    /// <summary>Checks a repository.</summary>
    /// <param name="folder">The repository.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="verifier">Whose signatures are accepted.</param>
    /// <param name="keyring">The certificates themselves: those that the repository hands out must be among them.</param>
    /// <param name="now">The time of the check; null does not look at apt's Valid-Until.</param>
    /// <param name="whole">Tells by its SHA-256 whether a package was opened and found whole already; null for none.</param>
    /// <returns>Every package that holds a bundle, with its path in the repository.</returns>
    /// <exception cref="TdxException">Exit 3 or 4: the first thing that does not hold.</exception>
    public static IReadOnlyList<AuditFile> Verify(string folder, RepositoryKind kind, OpenPgpVerifier verifier,
        OpenPgpKeyring keyring, DateTimeOffset? now, Func<string, bool>? whole = null)
    {
        IReadOnlyList<AuditFile> packages = kind switch
        {
            RepositoryKind.Apt => Apt(RepositoryChecksums.Without(RepositoryFolder.Read(folder)), verifier, now),
            RepositoryKind.Pacman => Pacman(RepositoryChecksums.Without(RepositoryFolder.Read(folder)), verifier),
            _ => Dnf(folder, verifier, whole),
        };
        if (CertificateIn(folder, kind) is not { } copy)
        {
            throw RepositoryFolder.Damaged("its certificate", "is missing");
        }

        var handed = OpenPgpKeyring.Parse(copy, "the repository's certificate");
        RequireKnown(handed, keyring, "the repository");
        ClientConfiguration.Check(folder, kind, handed);
        var format = PackageFormats.All.OfType<RepositoryFormat>()
            .First(f => f.Name.Equals(kind.ToString(), StringComparison.OrdinalIgnoreCase));
        foreach (var package in packages.Where(IsKeyring))
        {
            RequireKnown(KeyringPackage.Read(format, package.Content, package.Path), keyring, package.Path);
        }

        return [.. packages.Where(p => !IsKeyring(p))];
    }

    private static bool IsKeyring(AuditFile package) => KeyringPackage.Is(Path.GetFileName(package.Path));

    private static void RequireKnown(OpenPgpKeyring handed, OpenPgpKeyring keyring, string place)
    {
        if (handed.Certificates.FirstOrDefault(c => keyring.Find(c.Fingerprint) is null) is { } stranger)
        {
            throw new TdxException(ExitCode.VerificationFailed,
                $"{place} gives its users certificate {stranger.Fingerprint}, want {keyring.Fingerprints}",
                "--certificate FILE with every certificate that you accept, one after the other");
        }
    }

    private static List<AuditFile> Dnf(string folder, OpenPgpVerifier verifier, Func<string, bool>? whole) =>
        [.. DnfRepositoryReader.Read(folder, verifier, whole).Select(p => new AuditFile($"{DnfLayout.Packages}/{p.FileName}", p.Content))];

    private static List<AuditFile> Apt(IReadOnlyDictionary<string, byte[]> files, OpenPgpVerifier verifier, DateTimeOffset? now)
    {
        var name = Single(files.Keys.Where(p => !p.Contains('/', StringComparison.Ordinal)
            && p.EndsWith(".sources", StringComparison.Ordinal)), ".sources file")[..^".sources".Length];
        var suite = Single(files.Keys.Where(p => p.StartsWith("dists/", StringComparison.Ordinal)).Select(p => p.Split('/')[1])
            .Distinct(StringComparer.Ordinal), "suite");
        var kept = AptState.Verify(files, name, suite, verifier);
        foreach (var (path, content) in kept)
        {
            if (files.TryGetValue(path, out var got) && !got.AsSpan().SequenceEqual(content))
            {
                throw RepositoryFolder.Damaged(path, "has not the content that its name says");
            }
        }

        CheckRelease(files, $"dists/{suite}", verifier, now);
        return [.. kept.Where(f => f.Key.EndsWith(".deb", StringComparison.Ordinal)).Select(f => new AuditFile(f.Key, f.Value))];
    }

    // Clients read either InRelease or Release with Release.gpg: both must say the same, or some see another repository.
    private static void CheckRelease(IReadOnlyDictionary<string, byte[]> files, string dists, OpenPgpVerifier verifier, DateTimeOffset? now)
    {
        var text = verifier.VerifyClearSigned(files[$"{dists}/InRelease"]).Text!;
        if (!files.TryGetValue($"{dists}/Release", out var release) || !files.TryGetValue($"{dists}/Release.gpg", out var signature))
        {
            throw RepositoryFolder.Damaged($"{dists}/Release", "or its signature is missing");
        }

        var detached = verifier.VerifyDetached(release, signature);
        if (!detached.IsGood)
        {
            throw RepositoryFolder.NotAccepted($"{dists}/Release", detached);
        }

        if (Deb822.Text(release, $"{dists}/Release").TrimEnd('\n') != text.TrimEnd('\n'))
        {
            throw RepositoryFolder.Damaged($"{dists}/Release", "says another thing than InRelease");
        }

        var until = Deb822.Require(Deb822.Parse(text, $"{dists}/InRelease")[0], "Valid-Until", $"{dists}/InRelease");
        if (!DateTimeOffset.TryParseExact(until, "ddd, dd MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var end) || now > end)
        {
            throw RepositoryFolder.Damaged($"{dists}/InRelease", $"was valid until {until}");
        }
    }

    private static List<AuditFile> Pacman(IReadOnlyDictionary<string, byte[]> files, OpenPgpVerifier verifier)
    {
        var name = Single(files.Keys.Where(p => p.EndsWith(".db", StringComparison.Ordinal)), "database")[..^".db".Length];
        var kept = PacmanRepository.WithoutIndex(files, name, verifier);
        foreach (var file in (string[])[$"{name}.db", $"{name}.db.tar.gz", $"{name}.files", $"{name}.files.tar.gz"])
        {
            var database = files.TryGetValue(file, out var bytes) ? bytes : throw RepositoryFolder.Damaged(file, "is missing");
            foreach (var entry in TarReader.Read(Compressor.Decompress(database, CompressionKind.Gzip, file), file)
                .Where(e => e.Path.EndsWith(DescFile, StringComparison.Ordinal)))
            {
                var desc = Deb822.Text(entry.Content.Span, $"{file}: {entry.Path}").Split('\n');
                var package = Field(desc, "%FILENAME%", file);
                var content = kept.TryGetValue(package, out var found) ? found
                    : throw RepositoryFolder.Damaged(package, $"is missing, {file} lists it");
                var (got, want) = (Convert.ToHexStringLower(SHA256.HashData(content)), Field(desc, "%SHA256SUM%", file));
                if (got != want)
                {
                    throw RepositoryFolder.Damaged(package, $"has SHA-256 {got}, {file} says {want}");
                }
            }
        }

        return [.. kept.Where(f => !f.Key.EndsWith(".sig", StringComparison.Ordinal)).Select(f => new AuditFile(f.Key, f.Value))];
    }

    private static string Field(string[] desc, string key, string file)
    {
        var at = Array.IndexOf(desc, key);
        return at >= 0 && at + 1 < desc.Length && desc[at + 1].Length > 0 ? desc[at + 1]
            : throw RepositoryFolder.Damaged(file, $"has an entry without {key}");
    }

    private static string Single(IEnumerable<string> values, string what)
    {
        var list = values.Take(2).ToList();
        return list.Count == 1 ? list[0]
            : throw new TdxException(ExitCode.BadInput,
            $"the repository has {(list.Count == 0 ? "no" : "more than one")} {what}, want one");
    }
}
