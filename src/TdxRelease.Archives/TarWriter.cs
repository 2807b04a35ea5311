using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Archives.Tar;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>The two forms of headers that GNU tar calls its formats.</summary>
public enum TarHeaderFormat
{
    /// <summary>POSIX ustar; a path that does not fit gets a pax extended header (pacman, GNU tar, BSD tar).</summary>
    Pax,

    /// <summary>GNU, with entries for long names and whole records, as dpkg-deb writes it: the only form that dpkg reads.</summary>
    Gnu,
}

/// <summary>Writes tar archives that depend on nothing but the entries and the time: root owns all, one time for all.</summary>
/// <param name="output">Where the archive goes; left open.</param>
/// <param name="time">Modification time of every entry, whole seconds.</param>
/// <param name="prefix">Put before every path: <c>./</c> for deb, empty elsewhere.</param>
/// <param name="format">Form of the headers.</param>
public sealed class TarWriter(Stream output, DateTimeOffset time, string prefix = "", TarHeaderFormat format = TarHeaderFormat.Pax)
{
    /// <summary>The largest size an octal field of 11 digits holds: 8 GiB - 1.</summary>
    public const long MaxSize = 0x1FFFFFFFF;

    // GNU tar writes whole records of 20 blocks.
    private const int GnuRecord = 20 * TarHeader.Block;

    private static readonly byte[] Zeros = new byte[GnuRecord + (2 * TarHeader.Block)];

    private long written;

    /// <summary>Writes a complete archive: the root where the paths begin with it, the tree completed and sorted, the end marker.</summary>
    /// <exception cref="TdxException">Exit 3: see <see cref="TarTree.Complete"/>.</exception>
    public static void WriteTree(Stream output, IEnumerable<TarEntry> entries, DateTimeOffset time, string prefix = "",
        TarHeaderFormat format = TarHeaderFormat.Pax)
    {
        var writer = new TarWriter(output, time, prefix, format);
        if (prefix.Length > 0)
        {
            writer.WriteRoot();
        }

        foreach (var entry in TarTree.Complete(entries))
        {
            writer.Write(entry);
        }

        writer.End();
    }

    /// <summary>As <see cref="WriteTree"/>, compressed.</summary>
    /// <exception cref="TdxException">Exit 3: see <see cref="TarTree.Complete"/>.</exception>
    public static byte[] Pack(IEnumerable<TarEntry> entries, DateTimeOffset time, Compression compression, string prefix = "",
        TarHeaderFormat format = TarHeaderFormat.Pax)
    {
        using var tar = new MemoryStream();
        WriteTree(tar, entries, time, prefix, format);
        return Compressor.Compress(tar.GetBuffer().AsSpan(0, (int)tar.Length), compression);
    }

    /// <summary>Writes the entry of the root itself, <c>./</c>, which deb archives begin with.</summary>
    public void WriteRoot() => WriteHeader("./", '5', TarEntry.FolderMode, 0, "", Seconds());

    /// <summary>Writes one entry as it comes; order and parents are the caller's.</summary>
    /// <exception cref="TdxException">
    /// Exit 3: an unsafe path, a mode with other than permission bits, a time outside the format.
    /// </exception>
    public void Write(TarEntry entry)
    {
        var size = entry.Kind == TarEntryKind.File ? entry.Content.Length : 0;
        WriteHeaders(entry, size);
        if (size > 0)
        {
            WriteContent(entry.Content.Span);
        }
    }

    /// <summary>Writes what stands before the content of an entry.</summary>
    /// <param name="entry">The entry; its content does not matter.</param>
    /// <param name="size">Bytes of the content.</param>
    internal void WriteHeaders(TarEntry entry, long size)
    {
        SafePath.Require(entry.Path);
        if (entry.Mode is < 0 or > 0x1FF)
        {
            throw new TdxException(ExitCode.BadInput,
                $"\"{entry.Path}\": mode {Convert.ToString(entry.Mode, 8)} has other than permission bits");
        }

        var path = prefix + entry.Path + (entry.Kind == TarEntryKind.Folder ? "/" : "");
        var type = entry.Kind switch { TarEntryKind.File => '0', TarEntryKind.Folder => '5', _ => '2' };
        WriteLongNames(path, entry.LinkTarget ?? "");
        WriteHeader(path, type, entry.Mode, size, entry.LinkTarget ?? "", Seconds());
    }

    /// <summary>Writes the end marker.</summary>
    public void End() => Write(Zeros.AsSpan(0, EndLength(written, format)));

    /// <summary>Bytes of the end marker of an archive of that length: two blocks of zeros, and in GNU's form to a record's end.</summary>
    internal static int EndLength(long length, TarHeaderFormat format) => format == TarHeaderFormat.Pax ? 2 * TarHeader.Block
        : (2 * TarHeader.Block) + (int)((GnuRecord - ((length + (2 * TarHeader.Block)) % GnuRecord)) % GnuRecord);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        written += bytes.Length;
    }

    private void WriteContent(ReadOnlySpan<byte> content)
    {
        Write(content);
        Write(Zeros.AsSpan(0, -content.Length & (TarHeader.Block - 1)));
    }

    private void WriteLongNames(string path, string link)
    {
        var longPath = !Split(Encoding.UTF8.GetBytes(path), out _);
        var longLink = Encoding.UTF8.GetByteCount(link) > TarHeader.LinkLength;
        if (format == TarHeaderFormat.Gnu)
        {
            // GNU tar writes the link first; the name "././@LongLink" is its mark.
            WriteGnu('K', link, longLink);
            WriteGnu('L', path, longPath);
            return;
        }

        // Only a pax record says that a name is UTF-8.
        var records = (longLink || !Ascii.IsValid(link) ? PaxRecord("linkpath", link) : "")
            + (longPath || !Ascii.IsValid(path) ? PaxRecord("path", path) : "");
        if (records.Length > 0)
        {
            var content = Encoding.UTF8.GetBytes(records);
            WriteHeader("PaxHeaders/entry", 'x', TarEntry.FileMode, content.Length, "", Seconds());
            WriteContent(content);
        }
    }

    private void WriteGnu(char type, string value, bool needed)
    {
        if (needed)
        {
            var content = Encoding.UTF8.GetBytes(value + '\0');
            WriteHeader("././@LongLink", type, TarEntry.FileMode, content.Length, "", seconds: 0);
            WriteContent(content);
        }
    }

    // The length counts its own digits: "30 path=…\n" is 30 bytes in all.
    private static string PaxRecord(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        var length = rest + 1;
        while (rest + $"{length}".Length != length)
        {
            length = rest + $"{length}".Length;
        }

        return $"{length} {key}={value}\n";
    }

    private void WriteHeader(string path, char type, int mode, long size, string link, long seconds)
    {
        Span<byte> header = stackalloc byte[TarHeader.Block];
        header.Clear();
        var name = Encoding.UTF8.GetBytes(path);
        var fits = Split(name, out var cut);
        (fits && cut > 0 ? name.AsSpan(cut + 1) : Cut(name, TarHeader.NameLength))
            .CopyTo(header[TarHeader.Name..]);
        name.AsSpan(0, fits ? cut : 0).CopyTo(header[TarHeader.Prefix..]);
        TarHeader.Octal(header.Slice(TarHeader.Mode, 8), mode);
        TarHeader.Octal(header.Slice(TarHeader.Uid, 8), 0);
        TarHeader.Octal(header.Slice(TarHeader.Gid, 8), 0);
        TarHeader.Octal(header.Slice(TarHeader.Size, 12), size);
        TarHeader.Octal(header.Slice(TarHeader.Time, 12), seconds);
        header[TarHeader.Type] = (byte)type;
        var target = Encoding.UTF8.GetBytes(link);
        Cut(target, TarHeader.LinkLength).CopyTo(header[TarHeader.Link..]);
        (format == TarHeaderFormat.Gnu ? "ustar  "u8 : "ustar\u000000"u8).CopyTo(header[TarHeader.Magic..]);
        "root"u8.CopyTo(header[TarHeader.User..]);
        "root"u8.CopyTo(header[TarHeader.Group..]);
        if (format == TarHeaderFormat.Pax)
        {
            TarHeader.Octal(header.Slice(TarHeader.DeviceMajor, 8), 0);
            TarHeader.Octal(header.Slice(TarHeader.DeviceMinor, 8), 0);
        }

        TarHeader.Octal(header.Slice(TarHeader.Checksum, 7), TarHeader.Sum(header));
        header[TarHeader.Checksum + 7] = (byte)' ';
        Write(header);
    }

    // What stands in another header as a whole is cut between two characters.
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int length)
    {
        while (length < text.Length && (text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return text[..Math.Min(length, text.Length)];
    }

    private long Seconds()
    {
        var seconds = time.ToUnixTimeSeconds();
        return seconds is >= 0 and <= MaxSize
            ? seconds
            : throw new TdxException(ExitCode.BadInput, $"time {time:O} does not fit into a tar header: want 1970 to 2242");
    }

    /// <summary>Whether the name fits into the 100-byte field or, in POSIX's form, into prefix (cut at a slash) and name.</summary>
    private bool Split(ReadOnlySpan<byte> name, out int cut)
    {
        cut = 0;
        if (name.Length <= TarHeader.NameLength || format == TarHeaderFormat.Gnu)
        {
            return name.Length <= TarHeader.NameLength;
        }

        // The first slash that leaves a short enough name; the slash of a folder's end is no place to cut.
        for (var i = Math.Max(1, name.Length - TarHeader.NameLength - 1); i < Math.Min(name.Length - 1, TarHeader.PrefixLength + 1); i++)
        {
            if (name[i] == '/')
            {
                cut = i;
                return true;
            }
        }

        return false;
    }
}
