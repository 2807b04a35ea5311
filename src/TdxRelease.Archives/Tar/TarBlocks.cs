using TdxRelease.Core.Files;

namespace TdxRelease.Archives.Tar;

/// <summary>
/// Walks the headers of a tar archive that may be hostile: the one reader of the
/// whole program. It takes what every extractor reads alike, in the forms that git
/// archive, GNU tar, bsdtar and dpkg write unless told otherwise, and
/// nothing else. What an entry may be and where it may lie is the caller's.
/// </summary>
/// <param name="input">The uncompressed archive.</param>
public sealed class TarBlocks(TarInput input)
{
    private const int MaxExtension = 64 << 10;
    private const int Chunk = 64 << 10;

    private long unread;
    private int padding;
    private bool begun;

    /// <summary>The comment of the global header at the start, or null: git archive writes the commit there.</summary>
    public string? Comment { get; private set; }

    /// <summary>Where the end marker begins, once <see cref="Next"/> gave null.</summary>
    public long End { get; private set; }

    /// <summary>The next entry, or null behind the end marker. What is unread of the one before is skipped.</summary>
    /// <exception cref="InvalidDataException">What is not taken, with its offset.</exception>
    public TarMember? Next()
    {
        Skip();
        var first = input.Offset;
        var (start, name) = (first, default(LongName));
        try
        {
            while (true)
            {
                start = input.Offset;
                var block = Block();
                if (block.Span.IndexOfAnyExcept((byte)0) < 0)
                {
                    Finish(start, name.Any);
                    return null;
                }

                var member = Parse(block.Span);
                switch (member.Type)
                {
                    case 'x':
                        name.AddPax(PaxRecords.Read(Extension().Span));
                        break;
                    case 'g' when !begun:
                        Comment = PaxRecords.ReadGlobal(Extension().Span);
                        first = input.Offset;
                        break;
                    case 'L' or 'K':
                        name.AddGnu(member.Type, TarHeader.Text(Extension().Span, mustEnd: true));
                        break;
                    default:
                        begun = true;
                        return name.Apply(Check(member)) with { Start = first };
                }

                begun = true;
            }
        }
        catch (InvalidDataException e)
        {
            throw e.Message.StartsWith("offset ", StringComparison.Ordinal) ? e : At(start, e.Message);
        }
    }

    /// <summary>The content of the entry that <see cref="Next"/> gave. Only once.</summary>
    /// <exception cref="InvalidDataException">Cut short, or padded with other than zeros.</exception>
    public ReadOnlyMemory<byte> Content()
    {
        var content = input.Read(checked((int)unread));
        Require(content.Length == unread, $"ends inside an entry: {unread - content.Length} bytes are missing");
        unread = 0;
        Skip();
        return content;
    }

    private ReadOnlyMemory<byte> Extension()
    {
        Require(unread <= MaxExtension, $"an extended header of {unread} bytes, the limit is {MaxExtension}");
        return Content();
    }

    private void Skip()
    {
        while (unread > 0)
        {
            var skipped = input.Read((int)Math.Min(unread, Chunk)).Length;
            Require(skipped > 0, $"ends inside an entry: {unread} bytes are missing");
            unread -= skipped;
        }

        var at = input.Offset;
        var zeros = input.Read(padding);
        if (zeros.Length < padding || zeros.Span.ContainsAnyExcept((byte)0))
        {
            throw At(at, "padding is not zero");
        }

        padding = 0;
    }

    private ReadOnlyMemory<byte> Block()
    {
        var block = input.Read(TarHeader.Block);
        Require(block.Length > 0, "ends without an end marker");
        Require(block.Length == TarHeader.Block, $"{block.Length} bytes left over, a block has {TarHeader.Block}");
        return block;
    }

    // GNU tar and bsdtar fill up to their record size; the rest is read, so that a damaged or longer compressed stream is noticed.
    private void Finish(long start, bool pending)
    {
        Require(!pending, "a long name stands before the end marker");
        End = start;
        var blocks = 1;
        for (var block = input.Read(TarHeader.Block); block.Length > 0; block = input.Read(TarHeader.Block))
        {
            var trailing = block.Span.IndexOfAnyExcept((byte)0);
            if (trailing >= 0 || block.Length < TarHeader.Block)
            {
                throw At(input.Offset - block.Length + Math.Max(trailing, 0),
                    trailing >= 0 ? "data behind the end marker" : $"{block.Length} bytes left over, a block has {TarHeader.Block}");
            }

            blocks++;
        }

        Require(blocks > 1, "the end marker has one block of zeros, want two");
    }

    private TarMember Parse(ReadOnlySpan<byte> block)
    {
        var member = TarHeader.Parse(block);
        if (member.Size > 0 && member.Type is not (TarMember.File or 'x' or 'g' or 'L' or 'K'))
        {
            throw new InvalidDataException(
                $"an entry of type \"{SafePath.Printable($"{member.Type}")}\" has {member.Size} bytes and is not a file");
        }

        padding = (int)(-member.Size & (TarHeader.Block - 1));
        if (input.Left is { } left && (member.Size > left || member.Size + padding > left))
        {
            throw At(input.Offset - TarHeader.Block + TarHeader.Size, $"an entry says {member.Size} bytes, {left} are left");
        }

        unread = member.Size;
        return member;
    }

    private static TarMember Check(TarMember member) => member.Type switch
    {
        // Some extractors make a folder of it.
        TarMember.File when member.Path.EndsWith('/') =>
            throw new InvalidDataException($"file \"{SafePath.Printable(member.Path)}\" ends in a slash"),
        >= TarMember.File and <= TarMember.Pipe => member,
        _ => throw new InvalidDataException(
            $"entry \"{SafePath.Printable(member.Path)}\": has the unknown type \"{SafePath.Printable($"{member.Type}")}\""),
    };

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidDataException(problem);
        }
    }

    private static InvalidDataException At(long offset, string problem) => new($"offset {offset}: {problem}");

    /// <summary>
    /// What stands before an entry to give its name: one pax header, or a GNU
    /// long link and a GNU long name. Extractors differ on everything else.
    /// </summary>
    private struct LongName
    {
        private string? path;
        private string? link;
        private bool pax;

        public readonly bool Any => pax || path is not null || link is not null;

        public void AddPax((string? Path, string? Link) records)
        {
            Require(!Any, "two extended headers for one entry");
            (path, link) = records;
            pax = true;
        }

        public void AddGnu(char type, string value)
        {
            Require(!pax && (type == 'L' ? path : link) is null, "two extended headers for one entry");
            Require(value.Length > 0, "an empty long name");
            (path, link) = type == 'L' ? (value, link) : (path, value);
        }

        public readonly TarMember Apply(TarMember member)
        {
            Require(link is null || member.Type is TarMember.HardLink or TarMember.SymbolicLink,
                "a link target for an entry that is not a link");
            return Check(member with { Path = path ?? member.Path, Link = link ?? member.Link });
        }
    }
}
