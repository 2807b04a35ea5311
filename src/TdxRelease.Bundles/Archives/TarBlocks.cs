using System.Text;
using TdxRelease.Files;

namespace TdxRelease.Bundles.Archives;

/// <summary>Walks the blocks of a tar archive: headers with their content, GNU and pax long names applied, the end marker checked.</summary>
internal sealed class TarBlocks(SplitBytes archive, string name)
{
    private const int MaxExtension = 64 * 1024;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private long offset;

    internal readonly record struct Header(string Path, string Link, char Type, int Mode, ReadOnlyMemory<byte> Content);

    /// <summary>The next entry, or null behind the end marker.</summary>
    public Header? Next()
    {
        string? path = null, link = null;
        while (true)
        {
            var start = offset;
            var block = Block();
            if (block.Span.IndexOfAnyExcept((byte)0) < 0)
            {
                End(start, path is not null || link is not null);
                return null;
            }

            var header = Parse(block.Span, start);
            switch (header.Type)
            {
                case 'x':
                    ReadPax(header.Content.Span, start, ref path, ref link);
                    continue;
                case 'g':
                    SkipGlobal(header.Content.Span, start);
                    continue;
                case 'L':
                    path = GnuName(header.Content.Span, start);
                    continue;
                case 'K':
                    link = GnuName(header.Content.Span, start);
                    continue;
                default:
                    return header with { Path = path ?? header.Path, Link = link ?? header.Link };
            }
        }
    }

    private ReadOnlyMemory<byte> Block()
    {
        if (archive.Length - offset < TarHeader.Block)
        {
            throw ArchiveErrors.At(name, offset, archive.Length == offset ? "ends without an end marker" : $"{archive.Length - offset} bytes left over, a block has {TarHeader.Block}");
        }

        offset += TarHeader.Block;
        return archive.Slice(offset - TarHeader.Block, TarHeader.Block);
    }

    private void End(long start, bool pending)
    {
        if (pending)
        {
            throw ArchiveErrors.At(name, start, "a long name stands before the end marker");
        }

        if (archive.Length - offset < TarHeader.Block)
        {
            throw ArchiveErrors.At(name, start, "the end marker has one block of zeros, want two");
        }

        var trailing = archive.Slice(offset, (int)(archive.Length - offset)).Span.IndexOfAnyExcept((byte)0);
        if (trailing >= 0)
        {
            throw ArchiveErrors.At(name, offset + trailing, "data behind the end marker");
        }
    }

    private Header Parse(ReadOnlySpan<byte> block, long start)
    {
        var want = TarHeader.ParseOctal(block.Slice(TarHeader.Checksum, 8));
        var got = TarHeader.Sum(block);
        if (want != got)
        {
            throw ArchiveErrors.At(name, start + TarHeader.Checksum, $"header checksum {want}, computed {got}");
        }

        var magic = block.Slice(TarHeader.Magic, 8);
        var gnu = magic.SequenceEqual("ustar  \0"u8);
        if (!gnu && !magic[..6].SequenceEqual("ustar\0"u8))
        {
            throw ArchiveErrors.At(name, start + TarHeader.Magic, "is neither a ustar nor a GNU header");
        }

        var path = Text(block.Slice(TarHeader.Name, TarHeader.NameLength), start);
        var prefix = gnu ? "" : Text(block.Slice(TarHeader.Prefix, TarHeader.PrefixLength), start);
        var mode = TarHeader.ParseOctal(block.Slice(TarHeader.Mode, 8));
        return new Header(
            prefix.Length > 0 ? $"{prefix}/{path}" : path,
            Text(block.Slice(TarHeader.Link, TarHeader.LinkLength), start),
            (char)block[TarHeader.Type],
            mode is < 0 or > 0xFFF ? -1 : (int)mode,
            Content(TarHeader.ParseOctal(block.Slice(TarHeader.Size, 12)), start));
    }

    private ReadOnlyMemory<byte> Content(long size, long start)
    {
        if (size < 0)
        {
            throw ArchiveErrors.At(name, start + TarHeader.Size, "the size is not an octal number");
        }

        var left = archive.Length - offset;
        if (size > left || ((size + TarHeader.Block - 1) & ~(TarHeader.Block - 1L)) > left)
        {
            throw ArchiveErrors.At(name, start + TarHeader.Size, $"an entry says {size} bytes, {left} are left");
        }

        var content = archive.Slice(offset, (int)size);
        var padded = (size + TarHeader.Block - 1) & ~(TarHeader.Block - 1L);
        if (archive.Slice(offset + size, (int)(padded - size)).Span.IndexOfAnyExcept((byte)0) >= 0)
        {
            throw ArchiveErrors.At(name, offset + size, "padding is not zero");
        }

        offset += padded;
        return content;
    }

    private void ReadPax(ReadOnlySpan<byte> content, long start, ref string? path, ref string? link)
    {
        foreach (var (key, value) in PaxRecords(content, start))
        {
            switch (key)
            {
                case "path":
                    path = value;
                    break;
                case "linkpath":
                    link = value;
                    break;
                case "size":
                    // Only needed beyond 8 GiB; taken here it could disagree with the header.
                    throw ArchiveErrors.At(name, start, "a pax record overrides the size");
                default:
                    // Times, owners and extended attributes say nothing about names and bytes.
                    break;
            }
        }
    }

    private void SkipGlobal(ReadOnlySpan<byte> content, long start)
    {
        foreach (var (key, _) in PaxRecords(content, start))
        {
            // git archive writes the commit as a comment; any other global key would rename what follows.
            if (key != "comment")
            {
                throw ArchiveErrors.At(name, start, $"global pax record \"{SafePath.Printable(key)}\"");
            }
        }
    }

    private List<(string Key, string Value)> PaxRecords(ReadOnlySpan<byte> content, long start)
    {
        RequireShort(content, start);
        var records = new List<(string, string)>();
        while (content.Length > 0)
        {
            var blank = content.IndexOf((byte)' ');
            if (blank is < 1 or > 5 || !int.TryParse(content[..blank], out var length) || length <= blank + 2 || length > content.Length || content[length - 1] != '\n')
            {
                throw ArchiveErrors.At(name, start, "a pax record has a wrong length");
            }

            var record = Text(content[(blank + 1)..(length - 1)], start, whole: true);
            var equals = record.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw ArchiveErrors.At(name, start, "a pax record has no key");
            }

            records.Add((record[..equals], record[(equals + 1)..]));
            content = content[length..];
        }

        return records;
    }

    private string GnuName(ReadOnlySpan<byte> content, long start)
    {
        RequireShort(content, start);
        return Text(content, start);
    }

    private void RequireShort(ReadOnlySpan<byte> content, long start)
    {
        if (content.Length > MaxExtension)
        {
            throw ArchiveErrors.At(name, start, $"an extended header of {content.Length} bytes, at most {MaxExtension} are taken");
        }
    }

    private string Text(ReadOnlySpan<byte> field, long start, bool whole = false)
    {
        var end = whole ? -1 : field.IndexOf((byte)0);
        var text = end < 0 ? field : field[..end];
        if (end >= 0 && field[end..].IndexOfAnyExcept((byte)0) >= 0)
        {
            throw ArchiveErrors.At(name, start, "bytes behind the end of a name");
        }

        try
        {
            return Strict.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw ArchiveErrors.At(name, start, "a name is not UTF-8");
        }
    }
}
