using System.Security.Cryptography;
using TdxRelease.Signing;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>
/// The signed list of a repository's state. Clients do not read it; it binds what their signed index does not name: configuration files,
/// certificates,
/// by-hash files, signatures. It has an OpenPGP signature like everything else that a repository signs.
/// </summary>
public static class RepositoryChecksums
{
    /// <summary>The list of a new state and its signature.</summary>
    public static IReadOnlyList<(string Path, byte[] Content)> Of(IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> files,
        IOpenPgpSigner signer, DateTimeOffset time)
    {
        var list = ChecksumList.Write(
            files.Select(f => KeyValuePair.Create(f.Path, Convert.ToHexStringLower(SHA256.HashData(f.Content.Span)))));
        return [(ChecksumList.FileName, list), (ChecksumList.OpenPgpSignatureName, SignedChecksums.Sign(list, signer, time))];
    }

    /// <summary>Adds both to the files of a new state.</summary>
    public static void Add(SortedDictionary<string, byte[]> files, IOpenPgpSigner signer, DateTimeOffset time)
    {
        foreach (var (path, content) in Of([.. files.Select(f => (f.Key, (ReadOnlyMemory<byte>)f.Value))], signer, time))
        {
            files[path] = content;
        }
    }

    /// <summary>An existing state without its list, for those who follow the signed index.</summary>
    public static IReadOnlyDictionary<string, byte[]> Without(IReadOnlyDictionary<string, byte[]> files) =>
        new SortedDictionary<string, byte[]>(files.Where(f => !ChecksumList.IsPart(f.Key)).ToDictionary(StringComparer.Ordinal),
            StringComparer.Ordinal);

    /// <summary>
    /// Refuses to build on a state that is not its list's. Repositories that were begun before there were lists have none.
    /// </summary>
    /// <param name="files">The state.</param>
    /// <param name="verifier">Whose signature the list must have.</param>
    /// <param name="listRequired">Refuses a state without a list: whoever keeps its files as they are must know them all.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 4.</exception>
    public static void RequireIntact(IReadOnlyDictionary<string, byte[]> files, OpenPgpVerifier verifier,
        bool listRequired = false)
    {
        if (!files.TryGetValue(ChecksumList.FileName, out var bytes))
        {
            if (listRequired)
            {
                throw RepositoryFolder.Damaged(ChecksumList.FileName, "is missing");
            }

            return;
        }

        var listed = ChecksumList.Parse(bytes, ChecksumList.FileName);
        var signature = files.TryGetValue(ChecksumList.OpenPgpSignatureName, out var there) ? there
            : throw RepositoryFolder.Damaged(ChecksumList.OpenPgpSignatureName, "is missing");
        if (SignedChecksums.Refusal(bytes, signature, verifier) is { } problem)
        {
            throw RepositoryFolder.Damaged(ChecksumList.FileName, $"is not accepted: {problem}");
        }

        foreach (var path in listed.Keys.Union(files.Keys.Where(p => !ChecksumList.IsPart(p))))
        {
            var want = listed.GetValueOrDefault(path) ?? throw RepositoryFolder.Foreign(path);
            var content = files.TryGetValue(path, out var found) ? found : throw RepositoryFolder.Damaged(path, "is missing");
            if (Convert.ToHexStringLower(SHA256.HashData(content)) != want)
            {
                throw RepositoryFolder.Damaged(path, $"is not the file that {ChecksumList.FileName} lists");
            }
        }
    }
}
