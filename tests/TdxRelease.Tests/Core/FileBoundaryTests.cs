using System.IO.Pipes;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Core;

/// <summary>Reading and writing of files: the last length that is taken, what is refused, and in which words.</summary>
public sealed class FileBoundaryTests : IDisposable
{
    private const UnixFileMode FolderMode = AtomicFile.DefaultMode
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void What_is_no_file_is_refused_by_every_reader()
    {
        File.WriteAllText(temp["file"], "12345");
        File.CreateSymbolicLink(temp["link"], "file");
        Node.Fifo(temp["fifo"]);
        byte[] buffer = [];
        foreach (var read in (Action<string>[])[p => InputFile.Read(p, 4, "n"), p => InputFile.ReadPieces(p, 4, _ => { }, "n"),
            p => InputFile.ReadInto(p, 4, "n", ref buffer), p => InputFile.Open(p, 4, out _, "n").Dispose()])
        {
            Refused(ExitCode.BadInput, "n: 5 bytes, the limit is 4", null, () => read(temp["file"]));
            Refused(ExitCode.BadInput, "n: is a symbolic link", "inputs are read from regular files only", () => read(temp["link"]));
            Refused(ExitCode.BadInput, "n: is not a regular file", null, () => read(temp["fifo"]));
            Refused(ExitCode.BadInput, "n: is not a regular file", null, () => read(temp.Path));
            Refused(ExitCode.Io, "cannot read \"n\": no such file", null, () => read(temp["missing"]));
            Refused(ExitCode.Io, "cannot read \"n\": no such directory", null, () => read(temp["missing/file"]));
            Refused(ExitCode.Io, "cannot read \"n\": no such directory", null, () => read(temp["file/below"]));
        }

        foreach (var read in (Action<string>[])[p => InputFile.Read(p, 4), p => InputFile.ReadNamed(p, 4),
            p => InputFile.ReadPieces(p, 4, _ => { }), p => InputFile.OpenStream(p, 4).Dispose(),
            p => InputFile.OpenStreaming(p, 4).Dispose()])
        {
            Refused(ExitCode.BadInput, $"{temp["file"]}: 5 bytes, the limit is 4", null, () => read(temp["file"]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(64 << 10)]
    [InlineData((64 << 10) + 1)]
    public void Every_reader_gives_the_whole_file(int length)
    {
        var want = new byte[length];
        new Random(length).NextBytes(want);
        File.WriteAllBytes(temp["file"], want);
        Assert.Equal(want, InputFile.Read(temp["file"], length));
        Assert.Equal(want, InputFile.ReadNamed(temp["file"], length));
        var pieces = new List<byte>();
        var sizes = new List<int>();
        InputFile.ReadPieces(temp["file"], length, piece =>
        {
            pieces.AddRange(piece);
            sizes.Add(piece.Length);
        });
        Assert.Equal(want, pieces);
        Assert.Equal(length <= 64 << 10 ? length == 0 ? [] : [length] : [64 << 10, 1], sizes);
        var kept = new byte[5];
        var before = kept;
        Assert.Equal(want, InputFile.ReadInto(temp["file"], length, "n", ref kept).ToArray());
        Assert.Equal(length <= 5, ReferenceEquals(before, kept));
        Assert.Equal(Math.Max(5, length), kept.Length);
        foreach (var open in (Func<string, Stream>[])[p => InputFile.OpenStream(p, length), p => InputFile.OpenStreaming(p, length)])
        {
            using var stream = open(temp["file"]);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            Assert.Equal(want, copy.ToArray());
            Assert.Equal((true, (long)length, (long)length), (stream.CanSeek, stream.Length, stream.Position));
            stream.Position = length / 2;
            Assert.Equal(length - (length / 2), stream.Read(new byte[length + 1], 0, length + 1));
            Assert.Equal(length - (length / 3), stream.Seek(-(length / 3), SeekOrigin.End));
        }

        InputFile.Open(temp["file"], length, out var found).Dispose();
        Assert.Equal(length, found);
    }

    [Fact]
    public void A_file_that_changes_while_it_is_read_is_not_taken()
    {
        File.WriteAllBytes(temp["file"], new byte[100_000]);
        foreach (var (length, atEnd) in ((int, bool)[])[(100_001, true), (100_001, false), (70_000, false)])
        {
            Refused(ExitCode.BadInput, "n: changed while it was read", null, () => InputFile.ReadPieces(temp["file"], 200_000, piece =>
            {
                if (piece.Length < 64 << 10 == atEnd)
                {
                    using var file = File.OpenWrite(temp["file"]);
                    file.SetLength(length);
                }
            }, "n"));
            File.WriteAllBytes(temp["file"], new byte[100_000]);
        }
    }

    [Fact]
    public void A_process_substitution_is_read_and_left_open()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        pipe.Write("piped"u8);
        pipe.Flush();
        var path = $"/dev/fd/{pipe.GetClientHandleAsString()}";
        using (var stream = InputFile.OpenStreaming(path, 1))
        {
            var bytes = new byte[5];
            stream.ReadExactly(bytes);
            Assert.Equal("piped"u8, bytes);
        }

        Assert.NotNull(FileStat.Of(path));
        Assert.Equal((true, true, false), (InputFile.IsStdin("-"), InputFile.IsStdin("/dev/stdin"), InputFile.IsStdin("/dev/fd/0")));
    }

    [Fact]
    public void A_written_file_has_its_mode_whatever_stood_there()
    {
        AtomicFile.Write(temp["file"], "one"u8);
        Assert.Equal(("one", AtomicFile.DefaultMode), (File.ReadAllText(temp["file"]), File.GetUnixFileMode(temp["file"])));
        AtomicFile.Write(temp["file"], "two"u8, AtomicFile.PrivateMode);
        Assert.Equal(("two", AtomicFile.PrivateMode), (File.ReadAllText(temp["file"]), File.GetUnixFileMode(temp["file"])));
        Refused(ExitCode.Io, $"\"{temp["file"]}\" exists and is not overwritten", "choose another name or remove it yourself",
            () => AtomicFile.Write(temp["file"], "three"u8, overwrite: false));
        AtomicFile.Write(temp["new"], "three"u8, overwrite: false);
        File.CreateSymbolicLink(temp["link"], "new");
        File.CreateSymbolicLink(temp["dangling"], "none");
        AtomicFile.Write(temp["link"], "four"u8);
        Assert.Equal(("new", "four"), (new FileInfo(temp["link"]).LinkTarget, File.ReadAllText(temp["new"])));
        Assert.Throws<TdxException>(() => AtomicFile.Write(temp["dangling"], "x"u8, overwrite: false));
        Directory.CreateDirectory(temp["folder"]);
        foreach (var name in (string[])["folder", "folder/", "none/"])
        {
            Refused(ExitCode.Io, $"cannot write \"{temp[name]}\": it is a directory", null, () => AtomicFile.Write(temp[name], "x"u8));
        }

        Refused(ExitCode.Io, $"cannot write \"{temp["none/"]}\": it is a directory", null,
            () => AtomicFile.Write(temp["none/"], "x"u8, overwrite: false));
        Refused(ExitCode.Io, $"cannot write \"{temp["none/x"]}\": no such directory", null, () => AtomicFile.Write(temp["none/x"], "x"u8));
        Refused(ExitCode.Io, "cannot write \"/dev/fd/9999\": Bad file descriptor", null, () => AtomicFile.Write("/dev/fd/9999", "x"u8));
        Assert.Equal(["dangling", "file", "folder", "link", "new"],
            Directory.EnumerateFileSystemEntries(temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_no_file_is_written_through()
    {
        Node.Fifo(temp["fifo"]);
        var large = new byte[200_000]; // more than a pipe holds
        new Random(1).NextBytes(large);
        var read = Task.Run(() => File.ReadAllBytes(temp["fifo"])); // opening waits for the writer
        AtomicFile.Write(temp["fifo"], large);
        Assert.Equal(large, await read);
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        AtomicFile.Write($"/proc/self/fd/{pipe.GetClientHandleAsString()}", "x"u8);
        Assert.Equal('x', pipe.ReadByte());
    }

    [Fact]
    public void A_file_gets_its_name_on_commit_and_leaves_nothing_before()
    {
        using (var writer = new AtomicFileWriter(temp["file"]))
        {
            writer.Stream.Write("half"u8);
            var aside = Assert.Single(Directory.GetFiles(temp.Path));
            Assert.Matches(@"/\.file\.[0-9]+\.[0-9a-f]{32}\.part$", aside);
            Assert.Equal(AtomicFile.DefaultMode, File.GetUnixFileMode(aside));
        }

        Assert.Empty(Directory.GetFiles(temp.Path));
        using (var writer = new AtomicFileWriter(temp["file"], AtomicFile.PrivateMode, overwrite: false))
        {
            File.WriteAllText(temp["file"], "another was faster");
            Assert.Equal(ExitCode.Io, Assert.Throws<TdxException>(writer.Commit).Code);
        }

        Assert.Equal("another was faster", File.ReadAllText(temp["file"]));
        Assert.Single(Directory.GetFiles(temp.Path));
        Refused(ExitCode.Io, $"cannot write \"{temp["none/x"]}\": no such directory", null,
            () => new AtomicFileWriter(temp["none/x"]).Dispose());
    }

    [Fact]
    public void A_folder_has_its_modes_and_its_list()
    {
        using (var folder = new AtomicFolder(temp["new/out/"]))
        {
            Assert.Matches(@"/new/\.out\.[0-9]+\.[0-9a-f]{32}\.part$", folder.Staging);
            folder.Write("a/b", "1"u8, AtomicFile.PrivateMode);
            Assert.True(Directory.Exists(folder.Staging));
            folder.Write("c", "23"u8);
            folder.Write("f", ""u8, (UnixFileMode)0x1B6); // 0666, which a umask would cut
            File.WriteAllText(folder.PathOf("d/e"), "by its path");
            Refused(ExitCode.BadInput, "\"../x\" is not a safe relative path", null, () => folder.Write("../x", ""u8));
            Assert.Equal(ExitCode.Io, Assert.Throws<TdxException>(() => folder.Write("c", ""u8)).Code);
            Assert.StartsWith($"cannot write \"{temp["new/out/c/x"]}\": ", Assert.Throws<TdxException>(() => folder.PathOf("c/x")).Message,
                StringComparison.Ordinal);
            File.SetUnixFileMode(folder.Staging, FolderMode & ~UnixFileMode.OtherExecute);
            File.SetUnixFileMode(Path.Combine(folder.Staging, "a"), FolderMode & ~UnixFileMode.OtherExecute);
            folder.Commit();
        }

        Assert.Equal((UnixFileMode)0x1B6, File.GetUnixFileMode(temp["new/out/f"]));
        Assert.Equal((AtomicFile.PrivateMode, AtomicFile.DefaultMode, FolderMode, FolderMode),
            (File.GetUnixFileMode(temp["new/out/a/b"]), File.GetUnixFileMode(temp["new/out/c"]), File.GetUnixFileMode(temp["new/out"]),
            File.GetUnixFileMode(temp["new/out/a"])));
        Assert.True(OutputMarker.TryParse(File.ReadAllBytes(temp["new/out/.tdxrel-output"]), out var entries));
        Assert.Equal([("a/b", 1L), ("c", 2L), ("d/e", 11L), ("f", 0L)], entries.Select(e => (e.Path, e.Length)));
        Assert.Equal(5, OutputGuard.Require(temp["new/out"]).Entries.Count);
        using (var folder = new AtomicFolder(temp["left"]))
        {
            folder.Write("a", ""u8);
        }

        Assert.Equal([temp["new"]], Directory.GetFileSystemEntries(temp.Path));
        Refused(ExitCode.Usage, $"the output \"{temp["new"]}\" is or contains the input \"{temp["new/out"]}\"", "name another output", () =>
        {
            using var folder = new AtomicFolder(temp["new"], FolderState.Of(temp["new"]));
            folder.RequireApart(null, "https://example.invalid/", temp["new/out"]);
        });
    }

    [Fact]
    public void A_folder_without_a_list_is_replaced_only_as_it_was_known()
    {
        Directory.CreateDirectory(temp["out"]);
        File.WriteAllText(temp["out/a"], "a");
        using (var folder = new AtomicFolder(temp["out"], FolderState.Of(temp["out"])))
        {
            folder.Write("b", "b"u8);
            folder.Commit();
        }

        Assert.Equal([temp["out/b"]], Directory.GetFileSystemEntries(temp["out"]));
        using (var folder = new AtomicFolder(temp["out"], FolderState.Of(temp["out"])))
        {
            File.WriteAllText(temp["out/mine"], "");
            Refused(ExitCode.Io, $"cannot write \"{temp["out"]}\": somebody wrote there meanwhile", null, folder.Commit);
        }

        Assert.Equal([temp["out"]], Directory.GetFileSystemEntries(temp.Path));
        Refused(ExitCode.Io, "cannot write \"/\": not a directory that can be replaced", null,
            () => new AtomicFolder("/", FolderState.Empty).Dispose());
    }

    [Fact]
    public void A_folder_that_cannot_be_exchanged_says_why_and_the_old_one_stays()
    {
        Directory.CreateDirectory(temp["out"]);
        using var folder = new AtomicFolder(temp["out"], null, (_, _) => 13);
        Refused(ExitCode.Io, $"cannot write \"{temp["out"]}\": renameat2: error 13", null, folder.Commit);
        Assert.True(Directory.Exists(temp["out"]));
        Assert.Equal(2, FolderExchange.Exchange(temp["none"], temp["out"]));
    }

    [Fact]
    public async Task One_after_the_other_has_the_turn_in_a_folder()
    {
        var first = FolderLock.Acquire(temp.Path);
        using var started = new SemaphoreSlim(0);
        var second = Task.Run(() =>
        {
            started.Release();
            return FolderLock.Acquire(temp.Path);
        });
        await started.WaitAsync(); // on a busy machine the thread itself comes late
        await Task.Delay(100);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
        FolderLock.Acquire(temp["none"]).Dispose(); // nothing there to wait for
    }
}
