using System.Text;
using TdxRelease.Archives;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Rpm;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

public sealed class CpioReaderTests
{
    private const int File = 0x81A4;
    private const int Folder = 0x41ED;
    private const int Link = 0xA1FF;
    private const int Device = 0x21A4;

    [Fact]
    public void Members_read_back()
    {
        CpioEntry[] entries =
            [new("d", Folder, 1, 5, default), new("d/a", File, 2, 5, "content"u8.ToArray()), new("d/b", Link, 3, 5, "a"u8.ToArray())];
        var read = CpioReader.Read(CpioWriter.Write(entries, "./"), "c");
        Assert.Equal(entries.Select(e => (e.Name, e.Mode, e.Inode, e.Mtime)), read.Select(e => (e.Name, e.Mode, e.Inode, e.Mtime)));
        Assert.Equal("content", Encoding.ASCII.GetString(read[1].Content.Span));
    }

    [Theory]
    [InlineData("../x", File, "not a safe relative path")]
    [InlineData("/etc/passwd", File, "not a safe relative path")]
    [InlineData("a/../../b", File, "not a safe relative path")]
    [InlineData("a\nb", File, "not a safe relative path")]
    [InlineData("dev", Device, "only regular files")]
    public void Unsafe_members_are_refused(string name, int mode, string message) =>
        Refused(CpioWriter.Write([new CpioEntry(name, mode, 1, 0, default)], ""), message);

    [Fact]
    public void Duplicates_and_files_below_links_are_refused()
    {
        Refused(CpioWriter.Write([new CpioEntry("a", File, 1, 0, default), new CpioEntry("a", File, 2, 0, default)], ""),
            "\"a\" comes twice");
        Refused(CpioWriter.Write([new CpioEntry("a", Link, 1, 0, "/etc"u8.ToArray()), new CpioEntry("a/b", File, 2, 0, default)], ""),
            "which is not a directory");
    }

    [Fact]
    public void A_cut_or_longer_archive_is_refused()
    {
        var archive = CpioWriter.Write([new CpioEntry("a", File, 1, 0, "hello"u8.ToArray())], "");
        Refused([.. archive, 1], "behind the trailer");
        for (var length = 0; length < archive.Length; length++)
        {
            Refused(archive[..length], "c: cpio member");
        }
    }

    [Fact]
    public void A_length_that_lies_is_refused()
    {
        var archive = CpioWriter.Write([new CpioEntry("a", File, 1, 0, "hello"u8.ToArray())], "");
        "ffffffff"u8.CopyTo(archive.AsSpan(54));
        Refused(archive, "4294967295 bytes wanted");
    }

    [Fact]
    public void Mutated_archives_end_in_our_error_or_read_back_to_the_same()
    {
        var seed = CpioWriter.Write([new CpioEntry("d", Folder, 1, 0, default), new CpioEntry("d/a", File, 2, 0, "hello"u8.ToArray())],
            "./");
        var accepted = 0;
        Property.Check(3000, (random, _) =>
        {
            var bytes = (byte[])seed.Clone();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Assert.True(CpioReader.Read(bytes, "c").Sum(e => e.Content.Length) <= bytes.Length);
                accepted++;
            }
            catch (TdxException e)
            {
                Assert.Equal(ExitCode.BadInput, e.Code);
            }
        });
        Assert.InRange(accepted, 1, 2900);
    }

    private static void Refused(byte[] archive, string message)
    {
        var error = Assert.Throws<TdxException>(() => CpioReader.Read(archive, "c"));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
