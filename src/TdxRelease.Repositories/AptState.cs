using System.Security.Cryptography;
using TdxRelease.Packages;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>An existing apt repository, followed from its signature down to every file.</summary>
public static class AptState
{
    /// <summary>What the next state keeps: the pool, and the by-hash files of the current Release for clients that are under way.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 4: a signature or hash does not hold; exit 3: a file that does not
    /// belong there.</exception>
    public static SortedDictionary<string, byte[]> Verify(IReadOnlyDictionary<string, byte[]> existing, string name, string suite,
        OpenPgpVerifier verifier)
    {
        var kept = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal) { $"{name}.pgp", $"{name}.sources" };
        var dists = $"dists/{suite}";
        foreach (var file in (string[])["InRelease", "Release", "Release.gpg"])
        {
            known.Add($"{dists}/{file}");
        }

        var release = ReadRelease(existing, $"{dists}/InRelease", verifier);
        var (packages, sources) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (path, hash) in Listed(release, dists))
        {
            var content = Required(existing, $"{dists}/{path}");
            Check($"{dists}/{path}", content, hash);
            known.Add($"{dists}/{path}");
            var folder = $"{dists}/{Path.GetDirectoryName(path)}/by-hash";
            kept[$"{folder}/SHA256/{Convert.ToHexStringLower(SHA256.HashData(content))}"] = content;
            kept[$"{folder}/SHA512/{Convert.ToHexStringLower(SHA512.HashData(content))}"] = content;
            if (path.EndsWith("/Packages", StringComparison.Ordinal))
            {
                packages.Add(Deb822.Text(content, $"{dists}/{path}"));
            }
            else if (path.EndsWith("/Sources", StringComparison.Ordinal))
            {
                sources.Add(Deb822.Text(content, $"{dists}/{path}"));
            }
        }

        foreach (var (path, hash) in packages.SelectMany(p => Deb822.Parse(p, $"{dists}: Packages")).Select(Binary)
            .Concat(sources.SelectMany(t => Deb822.Parse(t, $"{dists}: Sources")).SelectMany(Source)))
        {
            var content = Required(existing, path);
            Check(path, content, hash);
            kept[path] = content;
        }

        RefuseForeign(existing, known, kept, dists);
        return kept;
    }

    private static (string Path, string Sha256) Binary(IReadOnlyDictionary<string, string> stanza) =>
        (Deb822.Require(stanza, "Filename", "Packages"), Deb822.Require(stanza, "SHA256", "Packages"));

    private static IEnumerable<(string Path, string Sha256)> Source(IReadOnlyDictionary<string, string> stanza) =>
        AptSources.Listed(stanza, "Sources").Select(f => ($"{Deb822.Require(stanza, "Directory", "Sources")}/{f.Name}", f.Sha256));

    private static IReadOnlyDictionary<string, string> ReadRelease(IReadOnlyDictionary<string, byte[]> existing, string path,
        OpenPgpVerifier verifier)
    {
        var result = verifier.VerifyClearSigned(Required(existing, path));
        return result is { IsGood: true, Text: { } text }
            ? Deb822.Parse(text, path)[0]
            : throw RepositoryFolder.NotAccepted(path, result);
    }

    private static IEnumerable<(string Path, string Hash)> Listed(IReadOnlyDictionary<string, string> release, string dists)
    {
        foreach (var line in Deb822.Require(release, "SHA256", $"{dists}/InRelease").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3 || !TdxRelease.Core.Files.SafePath.IsSafe(fields[2]))
            {
                throw RepositoryFolder.Damaged($"{dists}/InRelease", $"has the line \"{TdxRelease.Core.Files.SafePath.Printable(line)}\"");
            }

            yield return (fields[2], fields[0]);
        }
    }

    private static byte[] Required(IReadOnlyDictionary<string, byte[]> existing, string path) =>
        existing.TryGetValue(path, out var content) ? content : throw RepositoryFolder.Damaged(path, "is missing");

    private static void Check(string path, byte[] content, string hash)
    {
        var got = Convert.ToHexStringLower(SHA256.HashData(content));
        if (got != hash)
        {
            throw RepositoryFolder.Damaged(path, $"has SHA-256 {got}, its signed index says {hash}");
        }
    }

    private static void RefuseForeign(IReadOnlyDictionary<string, byte[]> existing, HashSet<string> known,
        SortedDictionary<string, byte[]> kept, string dists)
    {
        foreach (var (path, content) in existing)
        {
            if (known.Contains(path) || kept.ContainsKey(path))
            {
                continue;
            }

            // The by-hash files of the state before are let go of; their name says what they must hold.
            var name = Path.GetFileName(path);
            var byHash = path.StartsWith($"{dists}/", StringComparison.Ordinal) && path.Contains("/by-hash/SHA", StringComparison.Ordinal);
            if (!byHash || (name != Convert.ToHexStringLower(SHA256.HashData(content))
                && name != Convert.ToHexStringLower(SHA512.HashData(content))))
            {
                throw RepositoryFolder.Foreign(path);
            }
        }
    }
}
