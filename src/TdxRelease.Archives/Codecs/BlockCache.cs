using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TdxRelease.Archives.Codecs;

/// <summary>
/// The compressed blocks of one run, by the SHA-256 of their input and how they are compressed: what stands in two packages byte for byte
/// is compressed once. Whoever comes second waits for the first. The output never depends on it.
/// </summary>
public sealed class BlockCache
{
    private readonly ConcurrentDictionary<(string Sha256, Compression Compression), Lazy<byte[]>> blocks = new();

    /// <summary>How many different blocks were compressed.</summary>
    public int Count => blocks.Count;

    internal byte[] Get(ReadOnlyMemory<byte> data, Compression compression, Func<byte[]> compress) =>
        blocks.GetOrAdd((Convert.ToHexStringLower(SHA256.HashData(data.Span)), compression), _ => new Lazy<byte[]>(compress)).Value;
}
