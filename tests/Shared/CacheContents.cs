using System.Security.Cryptography;
using TdxRelease.Upstream.Caching;

namespace TdxRelease.Testing;

/// <summary>Looks into a cache as nothing in the product does: whole.</summary>
public static class CacheContents
{
    /// <summary>
    /// Paths of the contents that do not have the hash of their name; empty for a sound cache. Files being written (a leading dot) are
    /// passed over.
    /// </summary>
    public static IReadOnlyList<string> Verify(this ContentCache cache) =>
        [.. Directory.EnumerateFiles(Path.Combine(cache.Root, "sha256"), "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Where(path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) != Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];
}
