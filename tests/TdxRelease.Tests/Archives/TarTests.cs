using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Tar;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

public sealed class TarTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1_770_681_600);

    [Theory]
    [InlineData("", TarHeaderFormat.Pax)]
    [InlineData("./", TarHeaderFormat.Gnu)]
    public void What_is_written_is_read_back(string prefix, TarHeaderFormat names) => Property.Check(150, (random, size) =>
    {
        var entries = Tree(random, size);
        var bytes = Write(entries, prefix, names);
        Assert.Equal(0, bytes.Length % 512);
        var back = TarReader.Read(bytes, "t.tar", new ArchiveLimits(Links: true));
        var want = TarTree.Complete(entries);
        Assert.Equal(want.Select(Show), back.Select(Show));
        Assert.Equal(bytes, Write(back, prefix, names));
    });

    [Fact]
    public void The_header_is_ustar_owned_by_root()
    {
        var bytes = Write([new TarEntry("a/b", "xy"u8.ToArray())]);
        var header = bytes.AsSpan(512, 512);
        Assert.Equal("0000644\00000000\00000000\000000000002\0", Encoding.ASCII.GetString(header[100..136]));
        Assert.Equal("15142472400\0", Encoding.ASCII.GetString(header[136..148]));
        Assert.True(header[257..265].SequenceEqual((byte[])[.. "ustar"u8, 0, .. "00"u8]));
        Assert.Equal("root", Encoding.ASCII.GetString(header[265..269]));
        Assert.Equal(512 * 5, bytes.Length);
    }

    [Fact]
    public void Mutations_end_in_bad_input_or_a_list() => Property.Check(3000, (random, size) =>
    {
        var bytes = Write(Tree(random, 1 + (size % 12)));
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(Math.Min(bytes.Length, 4096));
            bytes[at] = (byte)random.Next(256);
            if (random.Next(2) == 0)
            {
                FixChecksum(bytes, at / 512 * 512);
            }
        }

        if (random.Next(4) == 0)
        {
            bytes = bytes[..random.Next(bytes.Length)];
        }

        try
        {
            Assert.NotNull(TarReader.Read(bytes, "t.tar", new ArchiveLimits(Links: true)));
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.BadInput, e.Code);
        }
    });

    public static TheoryData<string, string, char> Unsafe => new()
    {
        { "../x", "is not a safe relative path", '0' },
        { "/etc/x", "is not a safe relative path", '0' },
        { "a/../../x", "is not a safe relative path", '0' },
        { "a//x", "is not a safe relative path", '0' },
        { "a\\x", "is not a safe relative path", '0' },
        { "a\nx", "is not a safe relative path", '0' },
        { "dev", "is a device or a pipe", '3' },
        { "fifo", "is a device or a pipe", '6' },
        { "hard", "is a hard link", '1' },
        { "soft", "is a symbolic link", '2' },
        { "sparse", "has the unknown type \"S\"", 'S' },
        { "contiguous", "has the unknown type \"7\"", '7' },
        { "old", "has the unknown type \"\\x00\"", '\0' },
        { "folder/", "ends in a slash", '0' },
    };

    [Theory]
    [MemberData(nameof(Unsafe))]
    public void What_could_leave_the_root_is_refused(string path, string message, char type)
    {
        var bytes = Raw(path, type);
        var e = Assert.Throws<TdxException>(() => TarReader.Read(bytes, "t.tar"));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("t.tar: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../x")]
    [InlineData("a/../../x")]
    public void A_link_that_leaves_the_root_is_refused(string target)
    {
        var bytes = Write([TarEntry.Link("a/l", target)]);
        var e = Assert.Throws<TdxException>(() => TarReader.Read(bytes, "t.tar", new ArchiveLimits(Links: true)));
        Assert.Contains("outside the archive or unclear", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_below_a_link_is_refused()
    {
        var e = Assert.Throws<TdxException>(() => TarReader.Read(
            Unordered(TarEntry.Link("a", "b"), new TarEntry("a/x", default)), "t.tar", new ArchiveLimits(Links: true)));
        Assert.Contains("which is not a directory", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", "x", "stands twice")]
    [InlineData("x", "X", "differs from \"x\" only in upper and lower case")]
    [InlineData("a/x", "A/y", "differs from \"a\" only in upper and lower case")]
    public void Twofold_names_are_refused(string one, string two, string message)
    {
        var e = Assert.Throws<TdxException>(() =>
            TarReader.Read(Unordered(new TarEntry(one, default), new TarEntry(two, default)), "t.tar"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_hold()
    {
        var bytes = Write([new TarEntry("a/b/c", new byte[100]), new TarEntry("d", new byte[100])]);
        Assert.Contains("more than 150 bytes", Refused(new ArchiveLimits(TotalBytes: 150)), StringComparison.Ordinal);
        Assert.Contains("more than 2 entries", Refused(new ArchiveLimits(Entries: 2)), StringComparison.Ordinal);
        Assert.Contains("lies 2 directories deep; the limit is 1", Refused(new ArchiveLimits(Depth: 1)), StringComparison.Ordinal);

        string Refused(ArchiveLimits limits) => Assert.Throws<TdxException>(() => TarReader.Read(bytes, "t.tar", limits)).Message;
    }

    [Fact]
    public void A_size_beyond_the_end_and_data_behind_the_end_are_refused()
    {
        var bytes = Write([new TarEntry("a", new byte[10])]);
        var lie = bytes.ToArray();
        TarHeader.Octal(lie.AsSpan(TarHeader.Size, 12), 1 << 30);
        FixChecksum(lie, 0);
        Assert.Contains("an entry says 1073741824 bytes, 1536 are left",
            Assert.Throws<TdxException>(() => TarReader.Read(lie, "t.tar")).Message, StringComparison.Ordinal);
        Assert.Contains("data behind the end marker",
            Assert.Throws<TdxException>(() => TarReader.Read((byte[])[.. bytes, 1], "t.tar")).Message, StringComparison.Ordinal);
        Assert.Single(TarReader.Read((byte[])[.. bytes, .. new byte[4096]], "t.tar"));
    }

    [Fact]
    public void A_set_user_id_mode_is_neither_written_nor_read()
    {
        Assert.Throws<TdxException>(() => Write([new TarEntry("a", default, 0x9ED)]));
        var bytes = Write([new TarEntry("a", default)]);
        TarHeader.Octal(bytes.AsSpan(TarHeader.Mode, 8), 0x9ED);
        FixChecksum(bytes, 0);
        Assert.Contains("mode 4755", Assert.Throws<TdxException>(() => TarReader.Read(bytes, "t.tar")).Message, StringComparison.Ordinal);
    }

    internal static byte[] Write(IEnumerable<TarEntry> entries, string prefix = "", TarHeaderFormat names = TarHeaderFormat.Pax)
    {
        using var stream = new MemoryStream();
        TarWriter.WriteTree(stream, entries, Time, prefix, names);
        return stream.ToArray();
    }

    private static byte[] Unordered(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        var writer = new TarWriter(stream, Time);
        foreach (var entry in entries)
        {
            writer.Write(entry);
        }

        writer.End();
        return stream.ToArray();
    }

    private static byte[] Raw(string path, char type)
    {
        var bytes = Write([new TarEntry("placeholder", default)]);
        bytes.AsSpan(0, 100).Clear();
        Encoding.UTF8.GetBytes(path, bytes.AsSpan(0, 100));
        bytes[TarHeader.Type] = (byte)type;
        FixChecksum(bytes, 0);
        return bytes;
    }

    private static void FixChecksum(byte[] bytes, int at)
    {
        if (at + 512 <= bytes.Length)
        {
            TarHeader.Octal(bytes.AsSpan(at + TarHeader.Checksum, 7), TarHeader.Sum(bytes.AsSpan(at, 512)));
            bytes[at + TarHeader.Checksum + 7] = (byte)' ';
        }
    }

    private static string Show(TarEntry e) => $"{e.Kind} {e.Mode:x} {e.Path} {e.LinkTarget} {Convert.ToHexString(e.Content.Span)}";

    internal static List<TarEntry> Tree(Random random, int size)
    {
        var entries = new Dictionary<string, TarEntry>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < size; i++)
        {
            // Folders and files have names of their own kind, so that no file is a folder.
            var folders = Enumerable.Range(0, random.Next(5))
                .Select(_ => $"d{random.Next(4)}{new string('x', random.Next(10) == 0 ? 90 : 0)}");
            var path = string.Join('/', [.. folders, $"f{random.Next(1000)}{(random.Next(8) == 0 ? "é" : "")}"]);
            entries[path] = random.Next(5) == 0
                ? TarEntry.Link(path, $"f{random.Next(9)}{new string('y', random.Next(6) == 0 ? 120 : 0)}")
                : new TarEntry(path, CompressorTests.Data(random, random.Next(1500)), random.Next(2) == 0 ? 0x1A4 : 0x1ED);
        }

        return [.. entries.Values];
    }
}
