namespace TdxRelease.Bundles.Archives;

/// <summary>Bytes in one or several pieces that are read as one: pieces that others hold too are not copied.</summary>
public sealed class SplitBytes
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> pieces;

    /// <summary>The pieces in order.</summary>
    public SplitBytes(params IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        this.pieces = pieces;
        foreach (var piece in pieces)
        {
            Length += piece.Length;
        }
    }

    /// <summary>Bytes in all.</summary>
    public long Length { get; }

    /// <summary>A range: of the piece that it lies in, or a copy where it reaches over several.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the bytes.</exception>
    public ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        if (length == 0)
        {
            return default;
        }

        var joined = Array.Empty<byte>();
        var at = 0;
        foreach (var piece in pieces)
        {
            if (offset >= piece.Length)
            {
                offset -= piece.Length;
                continue;
            }

            var here = (int)Math.Min(length - at, piece.Length - offset);
            if (here == length)
            {
                return piece.Slice((int)offset, length);
            }

            joined = joined.Length > 0 ? joined : GC.AllocateUninitializedArray<byte>(length);
            piece.Slice((int)offset, here).CopyTo(joined.AsMemory(at));
            (at, offset) = (at + here, 0);
            if (at == length)
            {
                break;
            }
        }

        return joined;
    }

    /// <summary>All bytes in one piece.</summary>
    /// <exception cref="OverflowException">More than 2 GiB.</exception>
    public ReadOnlyMemory<byte> Whole() => Slice(0, checked((int)Length));
}
