using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

public sealed class ArchiveTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("tar", "up-7a16/")]
    [InlineData("tar.gz", "up-7a16/")]
    [InlineData("zip", "up-7a16/")]
    [InlineData("tar.gz", "")]
    [InlineData("zip", "")]
    public async Task What_git_packs_is_unpacked_with_its_commit(string format, string prefix)
    {
        var commit = Pack(format, prefix);
        var source = new SourceFactory(new DownloadOptions()).Open(temp["up.archive"]);
        var snapshot = await source.FetchAsync(new FetchContext(temp["out"]), default);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        Assert.Equal(SmallUpstream.Files()["separate_files/1.5/1.5.01/tdx_module_1.5.01.bin"],
            snapshot.Read("separate_files/1.5/1.5.01/tdx_module_1.5.01.bin"));
        Assert.Equal(new Origin("archive", temp["up.archive"]) { ClaimedCommit = commit }, snapshot.Origin);
        Assert.Equal(2, snapshot.Ignored);

        var other = await Assert.ThrowsAsync<TdxException>(
            () => new ArchiveSource(temp["up.archive"], new string('1', 40)).FetchAsync(new FetchContext(temp["other"]), default));
        Assert.EndsWith($"the archive is of commit {commit}, want {new string('1', 40)}", other.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(temp["other"]));
    }

    [Fact]
    public async Task Zstd_is_unpacked_and_a_cut_one_is_noticed()
    {
        Pack("tar", "up/");
        using (var zstd = Process.Start("zstd", ["-q", temp["up.archive"], "-o", temp["up.zst"]]))
        {
            await zstd.WaitForExitAsync();
        }

        var snapshot = await new ArchiveSource(temp["up.zst"]).FetchAsync(new FetchContext(temp["out"]), default);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        await CutsAreRefusedAsync(temp["up.zst"], 31);
    }

    [Theory]
    [InlineData("tar.gz")]
    [InlineData("zip")]
    public async Task A_cut_archive_is_one_error_and_no_output(string format)
    {
        Pack(format, "up/");
        await CutsAreRefusedAsync(temp["up.archive"], 37);
    }

    [Theory]
    [InlineData("tar.gz")]
    [InlineData("zip")]
    public async Task A_flipped_byte_never_gives_other_data(string format)
    {
        Pack(format, "up/");
        var bytes = File.ReadAllBytes(temp["up.archive"]);
        var good = (await new ArchiveSource(temp["up.archive"]).FetchAsync(new FetchContext(temp["good"]), default)).ToRecord()
            .Files.Select(file => (file.Path, file.Sha256)).ToArray();
        var refused = 0;
        for (var at = 0; at < bytes.Length; at += 997)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 0x10;
            File.WriteAllBytes(temp["bad.archive"], changed);
            try
            {
                var snapshot = await new ArchiveSource(temp["bad.archive"]).FetchAsync(new FetchContext(temp["out"]), default);
                Assert.Subset(good.ToHashSet(), snapshot.ToRecord().Files.Select(file => (file.Path, file.Sha256)).ToHashSet());
            }
            catch (TdxException e)
            {
                Assert.Equal(ExitCode.BadInput, e.Code);
                refused++;
            }
        }

        Assert.True(refused > bytes.Length / 997 / 2, $"{refused} refused");
    }

    public static TheoryData<string, TarEntryType, string> BadEntries => new()
    {
        { "up/../../etc/x", TarEntryType.RegularFile, "is not a safe relative path" },
        { "/etc/x", TarEntryType.RegularFile, "is not a safe relative path" },
        { "up/a\nb", TarEntryType.RegularFile, "is not a safe relative path" },
        { "up/link", TarEntryType.SymbolicLink, "\"up/link\" is a symbolic link" },
        { "up/link", TarEntryType.HardLink, "\"up/link\" is a symbolic link" },
        { "up/fifo", TarEntryType.Fifo, "\"up/fifo\" is not a regular file" },
        { "up/device", TarEntryType.CharacterDevice, "\"up/device\" is not a regular file" },
        { "up/LICENSE", TarEntryType.RegularFile, "\"up/LICENSE\" appears twice" },
        { "up/license", TarEntryType.RegularFile, "differ only in case" },
        { "up/e\u0301", TarEntryType.RegularFile, "is not a safe relative path" },
        { "up/\u212Aey", TarEntryType.RegularFile, "is not a safe relative path" },
        { "up/\u1112\u1161", TarEntryType.RegularFile, "is not a safe relative path" },
        { "up/a\u202Eb", TarEntryType.RegularFile, "is not a safe relative path" },
    };

    [Theory]
    [MemberData(nameof(BadEntries))]
    public async Task What_no_upstream_has_is_refused_in_a_tar(string name, TarEntryType type, string message)
    {
        using (var writer = new TarWriter(File.Create(temp["bad.tar"])))
        {
            foreach (var (path, content) in SmallUpstream.Files())
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"up/{path}") { DataStream = new MemoryStream(content) });
            }

            var entry = new UstarTarEntry(type, name);
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                entry.LinkName = "/etc/passwd";
            }

            writer.WriteEntry(entry);
        }

        var error = await Assert.ThrowsAsync<TdxException>(() => new ArchiveSource(temp["bad.tar"])
            .FetchAsync(new FetchContext(temp["out"]), default));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal([temp["bad.tar"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Theory]
    [InlineData("./")]
    [InlineData("./up-1/")]
    public async Task What_tar_makes_of_a_folder_by_its_dot_is_taken(string prefix)
    {
        var folder = new UstarTarEntry(TarEntryType.Directory, "./");
        Write("dot.tgz", folder, prefix);
        var snapshot = await new ArchiveSource(temp["dot.tgz"]).FetchAsync(new FetchContext(temp["out"]), default);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
    }

    [Theory]
    [InlineData("GNU.sparse.name", "x")]
    [InlineData("GNU.sparse.major", "1")]
    [InlineData("SCHILY.xattr.user.x", "y")]
    public async Task A_record_that_extractors_read_differently_is_refused(string key, string value)
    {
        Write("bad.tgz", new PaxTarEntry(TarEntryType.RegularFile, "NOTES.md", [new(key, value)]), "");
        await Refused("bad.tgz", $"pax record \"{key}\" is not taken");
    }

    [Fact]
    public async Task A_second_stream_and_bytes_behind_the_first_are_refused()
    {
        Write("good.tgz", new UstarTarEntry(TarEntryType.RegularFile, "NOTES.md"), "");
        var good = await File.ReadAllBytesAsync(temp["good.tgz"]);
        foreach (var more in (byte[][])[good, [0], new byte[512], "x"u8.ToArray()])
        {
            await File.WriteAllBytesAsync(temp["bad.tgz"], [.. good, .. more]);
            await Refused("bad.tgz", "behind the gzip data");
        }

        using (var zstd = Process.Start("zstd", ["-q", "-d", "--format=gzip", temp["good.tgz"], "-o", temp["good.tar"]]))
        {
            await zstd.WaitForExitAsync();
        }

        using (var zstd = Process.Start("zstd", ["-q", temp["good.tar"], "-o", temp["good.tzst"]]))
        {
            await zstd.WaitForExitAsync();
        }

        var frame = await File.ReadAllBytesAsync(temp["good.tzst"]);
        await File.WriteAllBytesAsync(temp["bad.tzst"], [.. frame, .. frame]);
        await Refused("bad.tzst", "data behind the zstd frame");
    }

    private async Task Refused(string name, string message)
    {
        var error = await Assert.ThrowsAsync<TdxException>(() => new ArchiveSource(temp[name])
            .FetchAsync(new FetchContext(temp["out"]), default));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private void Write(string name, TarEntry first, string prefix)
    {
        using var writer = new TarWriter(new GZipStream(File.Create(temp[name]), CompressionLevel.Fastest));
        writer.WriteEntry(first);
        foreach (var (path, content) in SmallUpstream.Files())
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, prefix + path) { DataStream = new MemoryStream(content) });
        }
    }

    // Of the two "NOTES.md" the first stands in the local header, the second in the central directory.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_zip_whose_two_headers_have_other_names_is_refused(int nth)
    {
        Zip("x.zip");
        var bytes = await File.ReadAllBytesAsync(temp["x.zip"]);
        _ = await new ArchiveSource(temp["x.zip"]).FetchAsync(new FetchContext(temp["good"]), default);
        var at = -1;
        for (; nth >= 0; nth--)
        {
            at += 1 + bytes.AsSpan(at + 1).IndexOf("NOTES.md"u8);
        }

        "OTHER.md"u8.CopyTo(bytes.AsSpan(at));
        await File.WriteAllBytesAsync(temp["x.zip"], bytes);
        await Refused("x.zip", "differs from the central directory");
    }

    [Theory]
    [InlineData(8)] // method
    [InlineData(6)] // flags
    [InlineData(14)] // checksum
    [InlineData(18)] // packed length
    [InlineData(22)] // length
    public async Task A_zip_whose_local_header_says_another_number_is_refused(int field)
    {
        Zip("x.zip");
        var bytes = await File.ReadAllBytesAsync(temp["x.zip"]);
        bytes[bytes.AsSpan().IndexOf("NOTES.md"u8) - 30 + field] ^= 4;
        await File.WriteAllBytesAsync(temp["x.zip"], bytes);
        await Refused("x.zip", "differs from the central directory");
    }

    [Fact]
    public async Task A_zip_with_an_entry_that_its_directory_does_not_name_is_refused()
    {
        Zip("x.zip");
        var bytes = await File.ReadAllBytesAsync(temp["x.zip"]);
        var offset = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 6));
        byte[] hidden = [.. bytes.AsSpan(0, offset), .. bytes.AsSpan(0, offset), .. bytes.AsSpan(offset)];
        BinaryPrimitives.WriteInt32LittleEndian(hidden.AsSpan(hidden.Length - 6), 2 * offset);
        await File.WriteAllBytesAsync(temp["x.zip"], hidden);
        await Refused("x.zip", "\"the central directory\" begins at byte");
    }

    [Fact]
    public async Task A_zip_with_a_second_name_in_an_extra_field_is_refused()
    {
        byte[] name = [.. "NOTES.md"u8], extra = [0x75, 0x70, 8, 0, .. "OTHER.md"u8], rest = new byte[18];
        byte[] lengths = [(byte)name.Length, 0, (byte)extra.Length, 0];
        byte[] local = [(byte)'P', (byte)'K', 3, 4, 20, 0, .. rest, 0, 0, .. lengths, .. name, .. extra];
        byte[] central = [(byte)'P', (byte)'K', 1, 2, 20, 0, 20, 0, .. rest, 0, 0, .. lengths, .. new byte[14], .. name, .. extra];
        byte[] end = [(byte)'P', (byte)'K', 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, (byte)central.Length, 0, 0, 0, (byte)local.Length, 0, 0, 0, 0, 0];
        await File.WriteAllBytesAsync(temp["x.zip"], [.. local, .. central, .. end]);
        await Refused("x.zip", "has an extra field 0x7075, which is not supported");
    }

    private void Zip(string name)
    {
        using var zip = ZipFile.Open(temp[name], ZipArchiveMode.Create);
        foreach (var (path, content) in SmallUpstream.Files().Append(new("NOTES.md", [1, 2, 3])))
        {
            using var entry = zip.CreateEntry(path, CompressionLevel.NoCompression).Open();
            entry.Write(content);
        }
    }

    [Fact]
    public async Task A_link_in_a_zip_is_refused()
    {
        using (var zip = ZipFile.Open(temp["bad.zip"], ZipArchiveMode.Create))
        {
            zip.CreateEntry("mapping_file.json");
            zip.CreateEntry("LICENSE").ExternalAttributes = unchecked((int)0xA1FF0000);
        }

        var error = await Assert.ThrowsAsync<TdxException>(() => new ArchiveSource(temp["bad.zip"])
            .FetchAsync(new FetchContext(temp["out"]), default));
        Assert.Contains("\"LICENSE\" is a symbolic link", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zip")]
    public async Task A_bomb_is_stopped(string format)
    {
        if (format == "zip")
        {
            using var zip = ZipFile.Open(temp["bomb"], ZipArchiveMode.Create);
            using var entry = zip.CreateEntry("README.md").Open();
            entry.Write(new byte[3 << 20]);
        }
        else
        {
            using var gzip = new GZipStream(File.Create(temp["bomb"]), CompressionLevel.Optimal);
            using var writer = new TarWriter(gzip);
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "README.md") { DataStream = new MemoryStream(new byte[3 << 20]) });
        }

        var context = new FetchContext(temp["out"], null, SilentProgress.Instance, new FetchLimits { MaxUnpacked = 1 << 20 });
        var error = await Assert.ThrowsAsync<TdxException>(() => new ArchiveSource(temp["bomb"]).FetchAsync(context, default));
        Assert.EndsWith("unpacks to more than 1048576 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal([temp["bomb"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_file_of_another_kind_is_named()
    {
        File.WriteAllText(temp["x"], "hello");
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => new SourceFactory(new DownloadOptions()).Open(temp["x"])).Code);
        Assert.Equal(ExitCode.Io, Assert.Throws<TdxException>(() => new SourceFactory(new DownloadOptions()).Open(temp["nowhere"])).Code);
        Directory.CreateDirectory(temp["plain"]);
        Assert.Equal(ExitCode.Usage,
            Assert.Throws<TdxException>(() => new SourceFactory(new DownloadOptions()).Open(temp["plain"], "main")).Code);
        Assert.IsType<GitSource>(new SourceFactory(new DownloadOptions()).Open("git@example.org:x/y.git", "main"));
        Assert.IsType<DownloadSource>(new SourceFactory(new DownloadOptions()).Open("https://example.org/x.tar.gz"));
        Assert.IsType<GitSource>(new SourceFactory(new DownloadOptions()).Open("https://example.org/x.git"));
    }

    private string Pack(string format, string prefix)
    {
        SmallUpstream.Write(temp["repo"], SmallUpstream.Files());
        var commit = SmallUpstream.Commit(temp["repo"]);
        SmallUpstream.Git(temp["repo"], "archive", $"--format={format}", $"--prefix={prefix}", $"--output={temp["up.archive"]}", "HEAD");
        return commit;
    }

    private async Task CutsAreRefusedAsync(string path, int step)
    {
        var bytes = File.ReadAllBytes(path);
        for (var length = bytes.Length - 1; length > 0; length -= bytes.Length / step)
        {
            File.WriteAllBytes(temp["cut"], bytes.AsSpan(0, length));
            var error = await Assert.ThrowsAsync<TdxException>(() => new ArchiveSource(temp["cut"])
                .FetchAsync(new FetchContext(temp["cut.out"]), default));
            Assert.Equal(ExitCode.BadInput, error.Code);
            Assert.False(Path.Exists(temp["cut.out"]));
        }
    }
}
