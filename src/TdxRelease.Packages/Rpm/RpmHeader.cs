using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>
/// A parsed header structure. Stricter than rpm: entries are sorted by tag, their values lie in that order without gaps but alignment,
/// padding is zero, and the region covers all of it, so that whatever is accepted serialises to the same bytes.
/// </summary>
public sealed class RpmHeader
{
    /// <summary>Most index entries taken, rpm's own limit.</summary>
    public const int MaxEntries = 0xFFFF;

    /// <summary>Largest store taken, in bytes.</summary>
    public const int MaxStore = 64 << 20;

    private readonly SortedDictionary<int, RpmValue> values;
    private readonly string place;

    internal RpmHeader(string place, ReadOnlyMemory<byte> raw, SortedDictionary<int, RpmValue> values)
    {
        this.place = place;
        Raw = raw;
        this.values = values;
    }

    /// <summary>The bytes from magic to region trailer: what the header digest and the header signature cover.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The tags present, ascending.</summary>
    public IReadOnlyCollection<int> Tags => values.Keys;

    /// <summary>Parses the header at the start of <paramref name="bytes"/>; what follows it is left alone.</summary>
    /// <param name="bytes">Begins with the magic.</param>
    /// <param name="region">The region that must seal it.</param>
    /// <param name="place">How messages call it: <c>a.rpm: main header</c>.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static RpmHeader Parse(ReadOnlyMemory<byte> bytes, RpmTag region, string place) => RpmHeaderParser.Parse(bytes, region, place);

    /// <summary>Whether the tag is present.</summary>
    public bool Has(RpmTag tag) => values.ContainsKey((int)tag);

    /// <summary>The value of a tag, if present.</summary>
    public bool TryGet(RpmTag tag, [MaybeNullWhen(false)] out RpmValue value) => values.TryGetValue((int)tag, out value);

    /// <summary>One string (plain, translated, or an array of one).</summary>
    /// <exception cref="TdxException">Exit 3: absent or of another shape.</exception>
    public string Text(RpmTag tag)
    {
        var texts = Texts(tag);
        return texts.Count == 1 ? texts[0] : throw Bad($"{tag} has {texts.Count} values, not one");
    }

    /// <summary>One string, or null where the tag is absent.</summary>
    public string? TextOrNull(RpmTag tag) => Has(tag) ? Text(tag) : null;

    /// <summary>All strings of a tag.</summary>
    /// <exception cref="TdxException">Exit 3: absent, no strings, or not UTF-8.</exception>
    public IReadOnlyList<string> Texts(RpmTag tag)
    {
        var value = Get(tag);
        if (value.Type is not (RpmType.Text or RpmType.TextArray or RpmType.TranslatedText))
        {
            throw Bad($"{tag} is {value.Type}, not text");
        }

        var texts = new List<string>(value.Count);
        var rest = value.Data.Span;
        while (texts.Count < value.Count)
        {
            var end = rest.IndexOf((byte)0);
            try
            {
                texts.Add(Strict.GetString(rest[..end]));
            }
            catch (DecoderFallbackException)
            {
                throw Bad($"{tag} is not UTF-8");
            }

            rest = rest[(end + 1)..];
        }

        return texts;
    }

    /// <summary>All numbers of a tag, whatever their width; empty where the tag is absent.</summary>
    /// <exception cref="TdxException">Exit 3: no numbers.</exception>
    public IReadOnlyList<long> Numbers(RpmTag tag)
    {
        if (!Has(tag))
        {
            return [];
        }

        // The type first: a text of many bytes must not cost eight times as many.
        var value = Get(tag);
        if (Alignment(value.Type) is not (> 1 and var width))
        {
            throw Bad($"{tag} is {value.Type}, not numbers");
        }

        var numbers = new long[value.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var item = value.Data.Span.Slice(width * i, width);
            numbers[i] = width switch
            {
                2 => BinaryPrimitives.ReadUInt16BigEndian(item),
                4 => BinaryPrimitives.ReadUInt32BigEndian(item),
                _ => BinaryPrimitives.ReadInt64BigEndian(item),
            };
        }

        return numbers;
    }

    /// <summary>One number.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public long Number(RpmTag tag)
    {
        var numbers = Numbers(tag);
        return numbers.Count == 1 ? numbers[0] : throw Bad($"{tag} has {numbers.Count} values, not one");
    }

    /// <summary>The bytes of a binary tag.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public ReadOnlyMemory<byte> Bytes(RpmTag tag)
    {
        var value = Get(tag);
        return value.Type == RpmType.Binary ? value.Data : throw Bad($"{tag} is {value.Type}, not bytes");
    }

    /// <summary>Serialises what was parsed. Equals <see cref="Raw"/> for every header that was accepted.</summary>
    public byte[] Serialize(RpmTag region)
    {
        var builder = new RpmHeaderBuilder(region);
        foreach (var (tag, value) in values)
        {
            builder.Raw((RpmTag)tag, value.Type, value.Count, value.Data.Span);
        }

        return builder.Build();
    }

    internal static int Alignment(RpmType type) => type switch
    {
        RpmType.Int16 => 2,
        RpmType.Int32 => 4,
        RpmType.Int64 => 8,
        _ => 1,
    };

    internal static int Padding(int offset, int alignment) => (alignment - (offset % alignment)) % alignment;

    internal TdxException Bad(string what) => new(ExitCode.BadInput, $"{place}: {what}");

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private RpmValue Get(RpmTag tag) => values.TryGetValue((int)tag, out var value) ? value : throw Bad($"{tag} is missing");
}

/// <summary>One value of a header.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Count">Number of items (bytes for binary).</param>
/// <param name="Data">The items as stored.</param>
public readonly record struct RpmValue(RpmType Type, int Count, ReadOnlyMemory<byte> Data);
