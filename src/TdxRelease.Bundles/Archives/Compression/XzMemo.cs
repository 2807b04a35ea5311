using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Archives;

/// <summary>
/// Decompresses xz streams, a block that several of them hold byte for byte only once. What comes out, and what is refused, is the same as without it: a block is
/// recognised by comparing its bytes with those of one that liblzma accepted under the same stream header, and all else of its stream goes through liblzma or is
/// compared with what it has to be. May be asked from several threads; streams that share a block wait for one another.
/// </summary>
internal sealed class XzMemo
{
    // Shorter blocks are decompressed sooner than found. A block that is kept keeps its whole stream in memory: few streams, and none that is much longer than any release.
    private const int Least = 64 << 10, MaxKept = 4, MaxStream = 32 << 20;

    private readonly object gate = new();
    private readonly Queue<Block> known = new();
    private readonly List<List<Block>> underWay = [];

    /// <summary>How many blocks were found instead of decompressed.</summary>
    public int Found { get; private set; }

    /// <summary>As <see cref="Compressor.Decompress"/>.</summary>
    public SplitBytes Decompress(ReadOnlyMemory<byte> stream, string name, ArchiveLimits limits)
    {
        var blocks = Blocks(stream);
        if (!blocks.Exists(b => b.IsLong))
        {
            return new SplitBytes(Whole(stream, name, limits));
        }

        try
        {
            Begin(blocks);
            if (blocks.Exists(b => b.Content is not null) && Pieces(stream, blocks, name, limits) is { } pieces)
            {
                Keep(blocks, pieces);
                return new SplitBytes(pieces);
            }

            var bytes = Whole(stream, name, limits);
            Keep(blocks, Cut(blocks, bytes));
            return new SplitBytes(bytes);
        }
        finally
        {
            lock (gate)
            {
                underWay.Remove(blocks);
                Monitor.PulseAll(gate);
            }
        }
    }

    private static List<Block> Blocks(ReadOnlyMemory<byte> stream)
    {
        var blocks = new List<Block>();
        var at = XzIndex.HeaderLength;
        foreach (var record in XzIndex.Records(stream.Span) ?? [])
        {
            blocks.Add(new Block(stream[..XzIndex.HeaderLength], stream.Slice(at, (int)record.Padded), record));
            at += (int)record.Padded;
        }

        return blocks;
    }

    private static byte[] Whole(ReadOnlyMemory<byte> stream, string name, ArchiveLimits limits)
    {
        var output = new BoundedOutput(name, stream.Length, limits);
        Xz.Decompress(stream.Span, name, output);
        return output.ToArray();
    }

    /// <summary>
    /// Waits until no stream with one of these blocks is under way, announces this one, and looks up what its blocks decompress to. Who is announced waits for nobody,
    /// so that no two wait for each other.
    /// </summary>
    private void Begin(List<Block> blocks)
    {
        lock (gate)
        {
            while (underWay.Exists(other => other.Exists(o => o.IsLong && blocks.Exists(o.IsSame))))
            {
                Monitor.Wait(gate);
            }

            underWay.Add(blocks);
            foreach (var block in blocks.Where(b => b.IsLong))
            {
                block.Content = known.FirstOrDefault(block.IsSame)?.Content;
            }
        }
    }

    // Null where liblzma refuses the blocks that are not known: it then says why, and where, of the stream as it is.
    private List<ReadOnlyMemory<byte>>? Pieces(ReadOnlyMemory<byte> stream, List<Block> blocks, string name, ArchiveLimits limits)
    {
        var others = blocks.FindAll(b => b.Content is null);
        var rest = new MemoryStream();
        rest.Write(stream.Span[..XzIndex.HeaderLength]);
        others.ForEach(b => rest.Write(b.Bytes.Span));
        rest.Write(XzIndex.End(others.ConvertAll(b => b.Record), XzIndex.Flags(stream.Span)));
        List<ReadOnlyMemory<byte>> decoded;
        try
        {
            decoded = Cut(others, Whole(rest.GetBuffer().AsMemory(0, (int)rest.Length), name, limits));
        }
        catch (TdxException)
        {
            return null;
        }

        var pieces = new List<ReadOnlyMemory<byte>>(blocks.Count);
        var (next, total) = (0, 0L);
        foreach (var block in blocks)
        {
            pieces.Add(block.Content ?? decoded[next++]);
            total += pieces[^1].Length;
            limits.Require(name, stream.Length, total);
        }

        lock (gate)
        {
            Found += blocks.Count - others.Count;
        }

        return pieces;
    }

    // Only for streams that liblzma has accepted, and with them the lengths in their index.
    private static List<ReadOnlyMemory<byte>> Cut(List<Block> blocks, ReadOnlyMemory<byte> bytes)
    {
        var pieces = new List<ReadOnlyMemory<byte>>(blocks.Count);
        foreach (var block in blocks)
        {
            pieces.Add(bytes[..(int)block.Record.Length]);
            bytes = bytes[(int)block.Record.Length..];
        }

        return pieces;
    }

    private void Keep(List<Block> blocks, List<ReadOnlyMemory<byte>> pieces)
    {
        if (pieces.Sum(p => (long)p.Length) > MaxStream)
        {
            return;
        }

        lock (gate)
        {
            for (var i = 0; i < blocks.Count; i++)
            {
                if (blocks[i].IsLong && blocks[i].Content is null)
                {
                    blocks[i].Content = pieces[i];
                    known.Enqueue(blocks[i]);
                }
            }

            while (known.Count > MaxKept)
            {
                known.Dequeue();
            }
        }
    }

    /// <summary>A block of a stream.</summary>
    /// <param name="header">The stream's header: which check the block carries.</param>
    /// <param name="bytes">The block with its padding.</param>
    /// <param name="record">What the index tells of it.</param>
    private sealed class Block(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> bytes, XzRecord record)
    {
        public ReadOnlyMemory<byte> Bytes => bytes;

        public XzRecord Record => record;

        /// <summary>What it decompresses to, once that is known.</summary>
        public ReadOnlyMemory<byte>? Content { get; set; }

        public bool IsLong => bytes.Length >= Least;

        public bool IsSame(Block other) => record == other.Record && header.Span.SequenceEqual(other.Header.Span) && bytes.Span.SequenceEqual(other.Bytes.Span);

        private ReadOnlyMemory<byte> Header => header;
    }
}
