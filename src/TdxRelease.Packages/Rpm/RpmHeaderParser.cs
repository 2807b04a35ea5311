using System.Buffers.Binary;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>
/// Bounds-checked parsing of a header structure. Allocates in proportion to bytes that are really there, never to a count alone.
/// </summary>
internal static class RpmHeaderParser
{
    public static RpmHeader Parse(ReadOnlyMemory<byte> bytes, RpmTag region, string place)
    {
        if (bytes.Length < RpmHeaderBuilder.PreambleSize || !bytes.Span.StartsWith(RpmHeaderBuilder.Magic))
        {
            throw Bad(place, "does not begin with the header magic 8eade801");
        }

        var count = BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[8..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[12..]);
        if (count is 0 or > RpmHeader.MaxEntries || length > RpmHeader.MaxStore)
        {
            throw Bad(place, $"claims {count} entries and {length} bytes; the limits are {RpmHeader.MaxEntries} and {RpmHeader.MaxStore}");
        }

        var indexLength = (int)count * RpmHeaderBuilder.EntrySize;
        var total = (long)RpmHeaderBuilder.PreambleSize + indexLength + length;
        if (total > bytes.Length)
        {
            throw Bad(place, $"claims {total} bytes, {bytes.Length} are left");
        }

        var raw = bytes[..(int)total];
        var index = raw.Slice(RpmHeaderBuilder.PreambleSize, indexLength);
        var store = raw[(RpmHeaderBuilder.PreambleSize + indexLength)..];
        var (values, end) = Values(index.Span, store, region, place);
        if (!IsRegionTag(Entry.Read(index.Span), store.Span, region, end, indexLength))
        {
            throw Bad(place, $"the region {(int)region} does not seal the whole header");
        }

        return new RpmHeader(place, raw, values);
    }

    private static (SortedDictionary<int, RpmValue> Values, int End) Values(
        ReadOnlySpan<byte> index, ReadOnlyMemory<byte> store, RpmTag region, string place)
    {
        var values = new SortedDictionary<int, RpmValue>();
        var end = 0;
        var last = (int)region;
        for (var at = RpmHeaderBuilder.EntrySize; at < index.Length; at += RpmHeaderBuilder.EntrySize)
        {
            var entry = Entry.Read(index[at..]);
            if (entry.Tag <= last)
            {
                throw Bad(place, $"tag {entry.Tag} follows tag {last}, tags must ascend");
            }

            var padding = Math.Max(0, Math.Min(RpmHeader.Padding(end, RpmHeader.Alignment((RpmType)entry.Type)), store.Length - end));
            if (entry.Offset != end + padding || store.Span.Slice(end, padding).ContainsAnyExcept((byte)0))
            {
                throw Bad(place, $"tag {entry.Tag}: offset {entry.Offset}, the value must stand at {end + padding} behind zero padding");
            }

            var data = store[entry.Offset..];
            var size = Length(entry, data.Span) ?? throw Bad(place,
                $"tag {entry.Tag}: type {entry.Type} with {entry.Count} items does not fit into the {data.Length} bytes left");
            values.Add(entry.Tag, new RpmValue((RpmType)entry.Type, entry.Count, data[..size]));
            end = entry.Offset + size;
            last = entry.Tag;
        }

        return (values, end);
    }

    private static TdxException Bad(string place, string what) => new(ExitCode.BadInput, $"{place}: {what}");

    private static bool IsRegionTag(Entry first, ReadOnlySpan<byte> store, RpmTag region, int end, int indexLength) =>
        first == new Entry((int)region, (int)RpmType.Binary, end, RpmHeaderBuilder.EntrySize)
        && store.Length == end + RpmHeaderBuilder.EntrySize
        && Entry.Read(store[end..]) == new Entry((int)region, (int)RpmType.Binary, -indexLength, RpmHeaderBuilder.EntrySize);

    /// <summary>Bytes that the value takes, or null where it cannot.</summary>
    private static int? Length(Entry entry, ReadOnlySpan<byte> data)
    {
        if (entry.Count <= 0)
        {
            return null;
        }

        long length;
        switch ((RpmType)entry.Type)
        {
            case RpmType.Char or RpmType.Int8 or RpmType.Binary:
                length = entry.Count;
                break;
            case RpmType.Int16 or RpmType.Int32 or RpmType.Int64:
                length = (long)entry.Count * RpmHeader.Alignment((RpmType)entry.Type);
                break;
            case RpmType.Text when entry.Count != 1:
                return null;
            case RpmType.Text or RpmType.TextArray or RpmType.TranslatedText:
                return TextLength(entry.Count, data);
            default:
                return null;
        }

        return length <= data.Length ? (int)length : null;
    }

    private static int? TextLength(int count, ReadOnlySpan<byte> data)
    {
        var length = 0;
        for (var i = 0; i < count; i++)
        {
            var end = data[length..].IndexOf((byte)0);
            if (end < 0)
            {
                return null;
            }

            length += end + 1;
        }

        return length;
    }

    private readonly record struct Entry(int Tag, int Type, int Offset, int Count)
    {
        public static Entry Read(ReadOnlySpan<byte> bytes) => new(
            BinaryPrimitives.ReadInt32BigEndian(bytes),
            BinaryPrimitives.ReadInt32BigEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[12..]));
    }
}
