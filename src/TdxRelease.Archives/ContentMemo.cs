using System.Security.Cryptography;

namespace TdxRelease.Archives;

/// <summary>
/// What was computed of long contents that one run meets again and again: the same
/// images lie in every package. Content is recognised by comparing its bytes, never
/// by name or hash, so that results are those of computing them anew. What is remembered
/// is a copy, so that no archive stays in memory for a part of it, and bounded.
/// May be asked from several threads.
/// </summary>
public sealed class ContentMemo
{
    // Shorter contents are hashed as soon as found.
    private const int Least = 64 << 10;
    private const long MaxBytes = 64L << 20;

    private readonly List<Known> contents = [];
    private readonly long most = MaxBytes;
    private long kept;
    private int found;

    /// <summary>Remembers from now on.</summary>
    public ContentMemo()
    {
    }

    private ContentMemo(long most) => this.most = most;

    /// <summary>Remembers nothing.</summary>
    public static ContentMemo None { get; } = new(0);

    /// <summary>How often something was found instead of computed.</summary>
    public int Found => found;

    /// <summary>SHA-256 in lower-case hex.</summary>
    public string Sha256(ReadOnlyMemory<byte> content)
    {
        var known = Remember(content.Span);
        if (known?.Sha256 is { } hash)
        {
            Interlocked.Increment(ref found);
            return hash;
        }

        hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        if (known is not null)
        {
            known.Sha256 = hash;
        }

        return hash;
    }

    /// <summary>
    /// The same bytes, but no part of what they came in: of long contents those that were remembered first, otherwise a copy.
    /// </summary>
    public ReadOnlyMemory<byte> Detach(ReadOnlySpan<byte> content) => Remember(content)?.Bytes ?? content.ToArray();

    // Null for short contents, and where there is no more room.
    private Known? Remember(ReadOnlySpan<byte> content)
    {
        if (content.Length < Least)
        {
            return null;
        }

        lock (contents)
        {
            foreach (var known in contents)
            {
                if (known.Bytes.AsSpan().SequenceEqual(content))
                {
                    return known;
                }
            }

            if (kept + content.Length > most)
            {
                return null;
            }

            kept += content.Length;
            var first = new Known(content.ToArray());
            contents.Add(first);
            return first;
        }
    }

    private sealed class Known(byte[] bytes)
    {
        public byte[] Bytes => bytes;

        /// <summary>Null until somebody asked.</summary>
        public string? Sha256 { get; set; }
    }
}
