using System.Buffers.Text;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>Reads a cpio archive of the "new ASCII" format from memory, trusting nothing in it.</summary>
public static class CpioReader
{
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Directory = 0x4000;
    private const int SymbolicLink = 0xA000;

    /// <summary>Reads all members up to and including the trailer. Contents are slices of the archive.</summary>
    /// <param name="archive">The uncompressed archive.</param>
    /// <param name="place">How messages call it.</param>
    /// <exception cref="TdxException">
    /// Exit 3: bad magic or digits, a length past the end, padding that is not zero, an unsafe path, a duplicate, a file under a file,
    /// a type other than regular file, folder or symbolic link, no trailer, bytes behind it.
    /// </exception>
    public static IReadOnlyList<CpioEntry> Read(ReadOnlyMemory<byte> archive, string place)
    {
        var cursor = new Cursor(archive, place);
        var entries = new List<CpioEntry>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (cursor.Next() is { } entry)
        {
            if (!names.Add(entry.Name))
            {
                throw cursor.Bad($"\"{entry.Name}\" comes twice");
            }

            entries.Add(entry);
        }

        CheckParents(entries, cursor);
        return entries;
    }

    private static void CheckParents(List<CpioEntry> entries, Cursor cursor)
    {
        var files = entries.Where(e => (e.Mode & TypeMask) != Directory).Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in entries.Select(e => e.Name))
        {
            for (var slash = name.LastIndexOf('/'); slash > 0; slash = name.LastIndexOf('/', slash - 1))
            {
                if (files.Contains(name[..slash]))
                {
                    throw cursor.Bad($"\"{name}\" lies below \"{name[..slash]}\", which is not a directory");
                }
            }
        }
    }

    private sealed class Cursor(ReadOnlyMemory<byte> archive, string place)
    {
        private int at;
        private int start;

        public TdxException Bad(string what) => new(ExitCode.BadInput, $"{place}: cpio member at {start}: {what}");

        public CpioEntry? Next()
        {
            start = at;
            var header = ReadBytes(CpioWriter.HeaderLength);
            if (!header.Span.StartsWith("070701"u8))
            {
                throw Bad("does not begin with 070701");
            }

            var nameLength = Field(header, 11);
            var length = Field(header, 6);
            if (nameLength is < 2 or > SafePath.MaxLength + 3)
            {
                throw Bad($"its name takes {nameLength} bytes, want 2 to {SafePath.MaxLength + 3}");
            }

            var name = Name(ReadBytes((int)nameLength).Span);
            Pad();
            if (name == CpioWriter.Trailer)
            {
                return End(length);
            }

            var mode = Field(header, 1);
            var content = ReadBytes(length);
            Pad();
            Check(name, mode, content.Span, header);
            return new CpioEntry(name, (int)mode, (int)Math.Min(Field(header, 0), int.MaxValue), Field(header, 5), content);
        }

        private void Check(string name, long mode, ReadOnlySpan<byte> content, ReadOnlyMemory<byte> header)
        {
            if (!SafePath.IsSafe(name))
            {
                throw Bad($"\"{SafePath.Printable(name)}\" is not a safe relative path");
            }

            var sound = (mode & TypeMask) switch
            {
                Regular => true,
                Directory => content.IsEmpty,
                SymbolicLink => content.Length is > 0 and <= SafePath.MaxLength && !content.Contains((byte)0),
                _ => false,
            };
            if (!sound || mode > 0xFFFF || Field(header, 4) != 1)
            {
                throw Bad($"\"{name}\" has mode {Convert.ToString(mode, 8)}, {Field(header, 4)} links and {content.Length} bytes: "
                    + "only regular files, empty directories and symbolic links with one link are supported");
            }
        }

        private CpioEntry? End(long length)
        {
            if (length != 0 || archive.Span[at..].ContainsAnyExcept((byte)0) || archive.Length - at > 512)
            {
                throw Bad($"{archive.Length - at} bytes behind the trailer, want up to 512 zeros");
            }

            return null;
        }

        private string Name(ReadOnlySpan<byte> bytes)
        {
            if (bytes.IndexOf((byte)0) != bytes.Length - 1)
            {
                throw Bad("its name does not end with its only NUL");
            }

            string name;
            try
            {
                name = new UTF8Encoding(false, true).GetString(bytes[..^1]);
            }
            catch (DecoderFallbackException)
            {
                throw Bad("its name is not UTF-8");
            }

            return name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        }

        private long Field(ReadOnlyMemory<byte> header, int index)
        {
            var digits = header.Span.Slice(6 + (8 * index), 8);
            return Utf8Parser.TryParse(digits, out uint value, out var used, 'x') && used == 8 ? value
                : throw Bad($"field {index} is not eight hex digits");
        }

        private ReadOnlyMemory<byte> ReadBytes(long length)
        {
            if (length > archive.Length - at)
            {
                throw Bad($"{length} bytes wanted at {at}, {archive.Length - at} are left");
            }

            var taken = archive.Slice(at, (int)length);
            at += (int)length;
            return taken;
        }

        private void Pad()
        {
            if (ReadBytes(CpioWriter.Padding(at)).Span.ContainsAnyExcept((byte)0))
            {
                throw Bad("padding is not zero");
            }
        }
    }
}
