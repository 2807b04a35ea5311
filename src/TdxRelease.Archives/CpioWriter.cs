using System.Globalization;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>One member of a cpio archive.</summary>
/// <param name="Name">Path as stored, without the <c>./</c> that rpm puts in front.</param>
/// <param name="Mode">Mode with type bits.</param>
/// <param name="Inode">Inode number; unique, since equal numbers mean hard links.</param>
/// <param name="Mtime">Seconds since 1970.</param>
/// <param name="Content">The bytes; of a symbolic link, the target.</param>
public sealed record CpioEntry(string Name, int Mode, int Inode, long Mtime, ReadOnlyMemory<byte> Content);

/// <summary>
/// Writes the "new ASCII" cpio format (magic 070701): a header of 13 eight-digit hex fields, the name with its NUL and the content, each
/// padded to 4 bytes.
/// </summary>
public static class CpioWriter
{
    internal const string Magic = "070701";
    internal const string Trailer = "TRAILER!!!";
    internal const int HeaderLength = 110;

    /// <summary>Writes all members and the trailer.</summary>
    /// <param name="entries">In the order wanted.</param>
    /// <param name="prefix">Put in front of each name: <c>./</c> in binary packages, nothing in source packages.</param>
    public static byte[] Write(IEnumerable<CpioEntry> entries, string prefix)
    {
        IReadOnlyList<CpioEntry> members = [.. entries];

        // The length is known: a buffer that doubles would take thrice the archive.
        var archive = new MemoryStream(members.Sum(e => Length(prefix + e.Name, e.Content.Length)) + Length(Trailer, 0));
        foreach (var entry in members)
        {
            Member(archive, prefix + entry.Name, entry);
        }

        Member(archive, Trailer, new CpioEntry(Trailer, 0, 0, 0, default));
        return archive.GetBuffer();
    }

    private static int Length(string name, int content) => Padded(HeaderLength + Encoding.UTF8.GetByteCount(name) + 1) + Padded(content);

    /// <summary>Bytes from an offset to the next multiple of 4.</summary>
    internal static int Padding(int offset) => -offset & 3;

    private static int Padded(int length) => length + Padding(length);

    private static void Member(MemoryStream archive, string name, CpioEntry entry)
    {
        if (entry.Mtime is < 0 or > uint.MaxValue)
        {
            throw new TdxException(ExitCode.BadInput, $"cpio {name}: time {entry.Mtime} does not fit into 32 bits");
        }

        var bytes = Encoding.UTF8.GetBytes(name);
        var fields = string.Create(CultureInfo.InvariantCulture,
            $"{Magic}{entry.Inode:x8}{entry.Mode:x8}{0:x8}{0:x8}{1:x8}{entry.Mtime:x8}{entry.Content.Length:x8}"
            + $"{0:x8}{0:x8}{0:x8}{0:x8}{bytes.Length + 1:x8}{0:x8}");
        archive.Write(Encoding.ASCII.GetBytes(fields));
        archive.Write(bytes);
        archive.WriteByte(0);
        Pad(archive);
        archive.Write(entry.Content.Span);
        Pad(archive);
    }

    private static void Pad(MemoryStream archive) => archive.Write(stackalloc byte[Padding((int)archive.Length)]);
}
