using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.SourceArchives;
using TdxRelease.Upstream.Sources;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Acquisition;

/// <summary>What is read of a tar or a zip: where its root is, which entries are data, and what is said of others, word for word.</summary>
public sealed class ArchiveReaderTests
{
    private const string Twice = "x: \"LICENSE\" appears twice";

    /// <summary>Paths, a folder's with a slash at the end; the data files, and how many are not data.</summary>
    [Theory]
    [InlineData("up/mapping_file.json up/LICENSE up/x", "mapping_file.json LICENSE 1")]
    [InlineData("up/ up/mapping_file.json", "mapping_file.json 0")]
    [InlineData("up/x up/LICENSE up/a/", "LICENSE 1")]
    [InlineData("mapping_file.json LICENSE", "mapping_file.json LICENSE 0")]
    [InlineData("mapping_file.json up/LICENSE", "mapping_file.json 1")]
    [InlineData("up/LICENSE mapping_file.json", "mapping_file.json 1")]
    [InlineData("up/LICENSE x", "2")]
    [InlineData("up/LICENSE other/LICENSE", "2")]
    [InlineData("up/LICENSE upper/LICENSE", "2")]
    [InlineData("up/ other/ up/LICENSE", "1")]
    [InlineData("up/up/LICENSE", "1")]
    [InlineData("up/", "0")]
    [InlineData("up/LICENSE/ up/x", "x: \"LICENSE\" is a directory, want a file")]
    [InlineData("mapping_file.json/ mapping_file.json/x", "x: \"mapping_file.json\" is a directory, want a file")]
    [InlineData("LICENSE up/x LICENSE", Twice)]
    [InlineData("up/LICENSE up/LICENSE", "x: \"up/LICENSE\" appears twice")]
    public void The_root_is_the_one_folder_that_holds_everything(string paths, string want)
    {
        var entries = paths.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var archive in (Stream[])[Tar(entries), Zip(entries)])
        {
            var found = new List<string>();
            void Read() => found.Add($"{Reader(archive).ReadAll((path, _) => found.Add(path), default)}");
            if (want.StartsWith("x: ", StringComparison.Ordinal))
            {
                Says(want, Read);
                continue;
            }

            Read();
            Assert.Equal(want, string.Join(' ', found));
        }
    }

    [Fact]
    public void The_folder_that_a_tar_is_made_of_is_no_entry()
    {
        Assert.Equal(["LICENSE"], Data(Tar("./", "./up/", "./up/LICENSE")));
        Assert.Equal(["LICENSE"], Data(Tar(".", "LICENSE")));
        Says("x: \"\" is not a safe relative path", () => Data(Raw(".", '0')));
        Assert.Equal([], Data(Raw(".", '5')));
    }

    /// <summary>Type flags of tar.</summary>
    [Theory]
    [InlineData('0', null)]
    [InlineData('1', "x: \"README\" is a symbolic link")]
    [InlineData('2', "x: \"README\" is a symbolic link")]
    [InlineData('3', "x: \"README\" is not a regular file")]
    [InlineData('4', "x: \"README\" is not a regular file")]
    [InlineData('6', "x: \"README\" is not a regular file")]
    [InlineData('7', "x: offset 0: entry \"README\": has the unknown type \"7\"")]
    public void Types(char type, string? want) => Says(want, () => Data(Raw("README", type)));

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef01234567", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456", false)]
    [InlineData("made by hand", false)]
    [InlineData("", false)]
    public void The_commit_is_the_comment_that_git_writes(string comment, bool isCommit)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxGlobalExtendedAttributesTarEntry([new("comment", comment.Length == 0 ? "-" : comment)]));
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "LICENSE"));
        }

        var zip = Zip("LICENSE");
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Update, leaveOpen: true))
        {
            archive.Comment = comment;
        }

        foreach (var stream in (Stream[])[tar, zip])
        {
            var reader = Reader(stream);
            Assert.Null(reader.Commit);
            reader.ReadAll((_, _) => { }, default);
            Assert.Equal(isCommit ? comment : null, reader.Commit);
        }
    }

    [Fact]
    public void Comments_of_a_zips_entries_are_passed_over()
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in (string[])["LICENSE", "BINARIES_LICENSE", "README.md"])
            {
                archive.CreateEntry(name).Comment = "a comment";
            }
        }

        Assert.Equal(["LICENSE", "BINARIES_LICENSE"], Data(zip));
    }

    /// <summary>Kinds by the first bytes; a tar's are those of its first header.</summary>
    [Theory]
    [InlineData("", "None")]
    [InlineData("1F", "None")]
    [InlineData("1F8B", "GzipTar")]
    [InlineData("1F8C", "None")]
    [InlineData("28B52FFD", "ZstdTar")]
    [InlineData("28B52FFE", "None")]
    [InlineData("504B0304", "Zip")]
    [InlineData("504B0506", "Zip")]
    [InlineData("504B0102", "None")]
    [InlineData("2320763220676974" + "2062756E646C65", "GitBundle")]
    [InlineData("2320763320676974" + "2062756E646C65", "GitBundle")]
    [InlineData("2320763420676974" + "2062756E646C65", "None")]
    public void Kinds(string start, string want)
    {
        var bytes = Convert.FromHexString(start);
        Assert.Equal(want, $"{ArchiveKinds.Of(new MemoryStream(bytes) { Position = bytes.Length })}");
        if (want == "None")
        {
            Says("x: is not a tar, tar.gz, tar.zst or zip archive", () => Data(new MemoryStream(bytes)));
        }
    }

    [Fact]
    public void A_tar_is_known_by_its_magic_in_a_whole_block()
    {
        var tar = Raw("x", '0').ToArray();
        Assert.Equal(ArchiveKind.Tar, ArchiveKinds.Of(new MemoryStream(tar, 0, 512)));
        Assert.Equal(ArchiveKind.None, ArchiveKinds.Of(new MemoryStream(tar, 0, 511)));
        tar[261] ^= 1;
        Assert.Equal(ArchiveKind.None, ArchiveKinds.Of(new MemoryStream(tar)));
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_refused()
    {
        var pointer = Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\n");
        foreach (var archive in (Stream[])[Tar(["LICENSE"], pointer), Zip(["LICENSE"], pointer)])
        {
            Says("x: \"LICENSE\" is a git LFS pointer, not the file", () => Data(archive));
        }
    }

    [Fact]
    public void Reading_can_be_stopped()
    {
        foreach (var archive in (Stream[])[Tar("LICENSE"), Zip("LICENSE")])
        {
            Assert.Throws<OperationCanceledException>(() => Reader(archive).ReadAll((_, _) => { }, new CancellationToken(true)));
        }
    }

    [Fact]
    public void What_is_damaged_is_said_with_a_hint_and_a_failing_disk_with_another_code()
    {
        var tar = Tar("LICENSE").ToArray();
        Refused(ExitCode.Io, "x: offset 512: ends without an end marker", "the archive is damaged or incomplete",
            () => new ArchiveReader(new MemoryStream(tar, 0, 512), "x", new FetchLimits(), ExitCode.Io).ReadAll((_, _) => { }, default));
        Refused(ExitCode.Io, "x: the disk is gone", null, () => Data(new Failing(tar)));
    }

    [Theory]
    [InlineData(9, null)]
    [InlineData(8, "x: unpacks to more than 8 bytes")]
    public void What_the_entries_of_a_zip_claim_is_added_up(long limit, string? want)
    {
        byte[] content = [1, 2, 3];
        var zip = Zip(["LICENSE", "BINARIES_LICENSE", "README.md"], content);
        Says(want, () => new ArchiveReader(zip, "x", new FetchLimits { MaxUnpacked = limit }, ExitCode.BadInput)
            .ReadAll((_, bytes) => Assert.Equal(content, bytes), default));
    }

    private static ArchiveReader Reader(Stream archive) => new(archive, "x", new FetchLimits(), ExitCode.BadInput);

    private static List<string> Data(Stream archive)
    {
        var paths = new List<string>();
        Reader(archive).ReadAll((path, _) => paths.Add(path), default);
        return paths;
    }

    private static MemoryStream Tar(params string[] paths) => Tar(paths, []);

    private static MemoryStream Tar(string[] paths, byte[] content)
    {
        var tar = new MemoryStream();
        using var writer = new TarWriter(tar, leaveOpen: true);
        foreach (var path in paths)
        {
            var isFolder = path.EndsWith('/') || path == ".";
            var entry = new UstarTarEntry(isFolder ? TarEntryType.Directory : TarEntryType.RegularFile, path);
            if (!isFolder)
            {
                entry.DataStream = new MemoryStream(content);
            }

            writer.WriteEntry(entry);
        }

        return tar;
    }

    private static MemoryStream Zip(params string[] paths) => Zip(paths, []);

    private static MemoryStream Zip(string[] paths, byte[] content)
    {
        var zip = new MemoryStream();
        using var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var path in paths)
        {
            using var entry = archive.CreateEntry(path).Open();
            entry.Write(path.EndsWith('/') ? [] : content);
        }

        return zip;
    }

    // One ustar header of an empty entry, and the end marker.
    private static MemoryStream Raw(string name, char type)
    {
        var tar = new byte[3 * 512];
        void Put(int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(tar, at);
        Put(0, name);
        Put(100, "0000644\0" + "0000000\0" + "0000000\0" + "00000000000\0" + "00000000000\0" + "        " + type);
        Put(257, "ustar\0" + "00");
        Put(148, Convert.ToString(tar.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return new MemoryStream(tar);
    }

    private sealed class Failing(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            Position < 512 ? base.Read(buffer, offset, count) : throw new IOException("The disk is gone.");
    }
}
