using System.Globalization;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>One member of an ar archive.</summary>
/// <param name="Name">Its name, without padding.</param>
/// <param name="Content">Its bytes, a slice of the archive.</param>
public readonly record struct ArMember(string Name, ReadOnlyMemory<byte> Content);

/// <summary>Reads ar archives as dpkg-deb and <see cref="ArWriter"/> make them, and nothing looser.</summary>
public static class ArReader
{
    /// <summary>All members in order.</summary>
    /// <param name="archive">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">Bounds.</param>
    /// <exception cref="TdxException">Exit 3: no ar archive, a member beyond the end, a name twice, bytes left over.</exception>
    public static IReadOnlyList<ArMember> Read(ReadOnlyMemory<byte> archive, string name, ArchiveLimits? limits = null)
    {
        limits ??= ArchiveLimits.Default;
        if (!archive.Span.StartsWith(ArWriter.Magic))
        {
            throw ArchiveErrors.At(name, 0, "is not an ar archive: want \"!<arch>\"");
        }

        var members = new List<ArMember>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var offset = ArWriter.Magic.Length;
        while (offset < archive.Length)
        {
            var member = ReadMember(archive, name, ref offset);
            if (!names.Add(member.Name))
            {
                throw ArchiveErrors.Entry(name, member.Name, "stands twice");
            }

            if (members.Count == limits.Entries)
            {
                throw ArchiveErrors.InArchive(name, $"more than {limits.Entries} members");
            }

            members.Add(member);
        }

        return members;
    }

    /// <summary>
    /// Refuses an archive that is not byte for byte what <see cref="ArWriter"/>
    /// makes of its members: one time for all, owner, mode and padding.
    /// </summary>
    /// <param name="archive">The whole file.</param>
    /// <param name="members">What <see cref="Read"/> gave.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static void RequireWritten(ReadOnlyMemory<byte> archive, IReadOnlyList<ArMember> members, string name)
    {
        const int TimeOffset = 16, TimeLength = 12;
        var text = Encoding.Latin1.GetString(archive.Span.Slice(ArWriter.Magic.Length + TimeOffset, TimeLength)).TrimEnd(' ');
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > uint.MaxValue)
        {
            throw ArchiveErrors.At(name, ArWriter.Magic.Length + TimeOffset,
                $"time \"{TdxRelease.Core.Files.SafePath.Printable(text)}\" is not one that a release has");
        }

        using var again = new MemoryStream(archive.Length);
        var writer = new ArWriter(again, DateTimeOffset.FromUnixTimeSeconds(seconds));
        foreach (var member in members)
        {
            writer.Write(member.Name, member.Content.Span);
        }

        var want = again.GetBuffer().AsSpan(0, (int)again.Length);
        if (!archive.Span.SequenceEqual(want))
        {
            throw ArchiveErrors.At(name, archive.Span.CommonPrefixLength(want),
                "a member's owner, mode, time or padding is not the one that a release has");
        }
    }

    private static ArMember ReadMember(ReadOnlyMemory<byte> archive, string name, ref int offset)
    {
        var start = offset;
        if (archive.Length - offset < ArWriter.HeaderLength)
        {
            throw ArchiveErrors.At(name, start, $"{archive.Length - offset} bytes left over, a member header has {ArWriter.HeaderLength}");
        }

        var header = archive.Span.Slice(offset, ArWriter.HeaderLength);
        offset += ArWriter.HeaderLength;
        if (header[58] != '`' || header[59] != '\n')
        {
            throw ArchiveErrors.At(name, start + 58, "a member header does not end in \"`\" and a line feed");
        }

        var member = MemberName(header, name, start);
        var sizeText = Encoding.Latin1.GetString(header.Slice(48, 10)).TrimEnd(' ');
        if (!long.TryParse(sizeText, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            throw ArchiveErrors.At(name, start + 48, $"size \"{TdxRelease.Core.Files.SafePath.Printable(sizeText)}\" is not a number");
        }

        if (size > archive.Length - offset)
        {
            throw ArchiveErrors.Entry(name, member, $"says {size} bytes, {archive.Length - offset} are left");
        }

        var content = archive.Slice(offset, (int)size);
        offset += (int)size;
        if (size % 2 == 1 && offset < archive.Length && archive.Span[offset++] != '\n')
        {
            throw ArchiveErrors.At(name, offset - 1, "padding is not a line feed");
        }

        return new ArMember(member, content);
    }

    private static string MemberName(ReadOnlySpan<byte> header, string archive, int start)
    {
        var text = Encoding.Latin1.GetString(header[..16]).TrimEnd(' ');
        var member = text.EndsWith('/') ? text[..^1] : text;
        return member.Length > 0 && member.All(c => c is > ' ' and < (char)0x7F and not '/')
            ? member
            : throw ArchiveErrors.At(archive, start, $"\"{TdxRelease.Core.Files.SafePath.Printable(text)}\" is not a member name");
    }
}
