using System.Buffers.Binary;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>
/// Serialises one header structure: 8 bytes of magic, two counts, an index of 16-byte entries sorted by tag, and the store that they point
/// into.
/// All numbers are big-endian. The region entry comes first and seals everything (rpm's <c>lib/header.c</c>).
/// </summary>
/// <param name="region"><see cref="RpmTag.HeaderSignatures"/> or <see cref="RpmTag.HeaderImmutable"/>.</param>
internal sealed class RpmHeaderBuilder(RpmTag region)
{
    public const int EntrySize = 16;
    public const int PreambleSize = 16;
    public static readonly byte[] Magic = [0x8E, 0xAD, 0xE8, 0x01, 0, 0, 0, 0];

    private static readonly byte[] Zeros = new byte[8];

    private readonly SortedDictionary<int, (RpmType Type, int Count, byte[] Data)> entries = [];

    public void Text(RpmTag tag, string value) => Add(tag, RpmType.Text, 1, Terminated(tag, [value]));

    public void TranslatedText(RpmTag tag, string value) => Add(tag, RpmType.TranslatedText, 1, Terminated(tag, [value]));

    public void Texts(RpmTag tag, IReadOnlyCollection<string> values) => Add(tag, RpmType.TextArray, values.Count, Terminated(tag, values));

    public void Bytes(RpmTag tag, ReadOnlySpan<byte> value) => Add(tag, RpmType.Binary, value.Length, value.ToArray());

    public void Int16s(RpmTag tag, IReadOnlyCollection<int> values)
    {
        var data = new byte[values.Count * 2];
        var at = 0;
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(at), checked((ushort)value));
            at += 2;
        }

        Add(tag, RpmType.Int16, values.Count, data);
    }

    public void Int32(RpmTag tag, long value) => Int32s(tag, [value]);

    public void Int32s(RpmTag tag, IReadOnlyCollection<long> values)
    {
        var data = new byte[values.Count * 4];
        var at = 0;
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(at), checked((uint)value));
            at += 4;
        }

        Add(tag, RpmType.Int32, values.Count, data);
    }

    /// <summary>Adds a value in its serialised form, as a reader found it.</summary>
    public void Raw(RpmTag tag, RpmType type, int count, ReadOnlySpan<byte> data) => Add(tag, type, count, data.ToArray());

    public byte[] Build()
    {
        var store = new MemoryStream();
        var index = new byte[EntrySize * (entries.Count + 1)];
        var at = EntrySize;
        foreach (var (tag, (type, count, data)) in entries)
        {
            store.Write(Zeros.AsSpan(0, RpmHeader.Padding((int)store.Length, RpmHeader.Alignment(type))));
            Entry(index.AsSpan(at), tag, type, (int)store.Length, count);
            store.Write(data);
            at += EntrySize;
        }

        Entry(index, (int)region, RpmType.Binary, (int)store.Length, EntrySize);
        Span<byte> trailer = stackalloc byte[EntrySize];
        Entry(trailer, (int)region, RpmType.Binary, -index.Length, EntrySize);
        store.Write(trailer);

        var header = new byte[PreambleSize + index.Length + store.Length];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), entries.Count + 1);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), (int)store.Length);
        index.CopyTo(header, PreambleSize);
        store.ToArray().CopyTo(header, PreambleSize + index.Length);
        return header;
    }

    private static void Entry(Span<byte> target, int tag, RpmType type, int offset, int count)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, tag);
        BinaryPrimitives.WriteInt32BigEndian(target[4..], (int)type);
        BinaryPrimitives.WriteInt32BigEndian(target[8..], offset);
        BinaryPrimitives.WriteInt32BigEndian(target[12..], count);
    }

    private static byte[] Terminated(RpmTag tag, IEnumerable<string> values)
    {
        var data = new MemoryStream();
        foreach (var value in values)
        {
            if (value.Contains('\0', StringComparison.Ordinal))
            {
                throw new TdxException(ExitCode.BadInput, $"rpm {tag}: the text contains a NUL character, which ends it");
            }

            data.Write(Encoding.UTF8.GetBytes(value));
            data.WriteByte(0);
        }

        return data.ToArray();
    }

    private void Add(RpmTag tag, RpmType type, int count, byte[] data)
    {
        // rpm refuses entries without a value.
        if (count > 0)
        {
            entries.Add((int)tag, (type, count, data));
        }
    }
}
