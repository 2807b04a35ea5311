using System.Runtime.InteropServices;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.SourceArchives;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Core;

/// <summary>Files and directories that the system does not give, be the tests run as root or not; standard input and output.</summary>
public sealed partial class RefusingSystemTests : IDisposable
{
    private const uint Nobody = 65534;

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void What_the_system_refuses_is_told_from_mistakes()
    {
        Assert.True(IoErrors.Is(new FileNotFoundException()));
        Assert.True(IoErrors.Is(new UnauthorizedAccessException()));
        Assert.False(IoErrors.Is(new InvalidOperationException()));
    }

    /// <summary>A regular file of 4096 bytes by its status, which the kernel refuses to read: the loopback device has no speed.</summary>
    [Fact]
    public void A_file_that_gives_no_bytes_is_exit_6()
    {
        const string Speed = "/sys/class/net/lo/speed";
        var kept = Array.Empty<byte>();
        foreach (var read in (Action[])[() => InputFile.Read(Speed, 4096), () => InputFile.ReadPieces(Speed, 4096, _ => { }),
            () => InputFile.ReadInto(Speed, 4096, Speed, ref kept), () => InputFile.OpenStream(Speed, 4096).CopyTo(Stream.Null),
            () => ArchiveKinds.Of(Speed)])
        {
            var error = Assert.Throws<TdxException>(read);
            Assert.Equal(ExitCode.Io, error.Code);
            Assert.StartsWith($"cannot read \"{Speed}\": ", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Neither has a name of its own: opening tells nothing, the first read does.</summary>
    [Fact]
    public void A_descriptor_that_is_not_open_or_a_directory_s_is_exit_6()
    {
        using var folder = FolderHandle.Open(temp.Path)!;
        foreach (var descriptor in (long[])[folder.DangerousGetHandle(), 1_000_000])
        {
            using var stream = InputFile.OpenStreaming($"/dev/fd/{descriptor}", 1);
            var error = Assert.Throws<TdxException>(() => stream.Read(new byte[1], 0, 1));
            Assert.Equal(ExitCode.Io, error.Code);
            Assert.StartsWith($"cannot read \"/dev/fd/{descriptor}\": ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_directory_that_cannot_be_listed_is_exit_6_and_no_place_for_an_output()
    {
        File.SetUnixFileMode(temp.Path,
            AtomicFile.PrivateMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var closed = Directory.CreateDirectory(temp["closed"], UnixFileMode.None).FullName;
        var message = $"cannot read \"{closed}\": permission denied";
        AsNobody(() => Refused(ExitCode.Io, message, null, () => FolderState.Of(closed)));
        AsNobody(() => Refused(ExitCode.Io, message, null, () => OutputGuard.Require(closed)));
    }

    [Fact]
    public void A_directory_with_more_files_than_any_output_of_ours_is_not_looked_at_further()
    {
        File.WriteAllText(temp["a"], "");
        Directory.CreateDirectory(temp["b"]);
        Assert.Equal(2, FolderState.Of(temp.Path, maxEntries: 2).Entries.Count);
        Refused(ExitCode.Io, $"cannot read \"{temp.Path}\": it contains more than 1 files", null,
            () => FolderState.Of(temp.Path, maxEntries: 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_stream_is_read_to_its_end_and_no_further_than_its_limit(int length)
    {
        var bytes = new byte[length];
        Assert.Equal(bytes, InputFile.ReadStream("-", new MemoryStream(bytes), length));
        Assert.Equal(bytes, InputFile.ReadStream("-", new MemoryStream(bytes), length + 1));
        Refused(ExitCode.BadInput, $"-: more than {length} bytes, which is the limit", null,
            () => InputFile.ReadStream("-", new MemoryStream([.. bytes, 1]), length));
        Refused(ExitCode.Io, "cannot read \"-\": broken", null, () => InputFile.ReadStream("-", new BrokenStream(), length));
    }

    [Fact]
    public void Standard_input_and_output_are_no_files_of_that_name()
    {
        using (var input = InputFile.OpenStreaming("-", 1))
        {
            Assert.Equal((true, false, false), (input.CanRead, input.CanSeek, input.CanWrite));
        }

        var inner = new MemoryStream();
        new InputStream(inner, "n").Dispose();
        Assert.False(inner.CanRead);

        AtomicFile.Write("-", []);
        Assert.False(Path.Exists("-"));
    }

    [Fact]
    public void A_stream_that_is_only_read_can_do_nothing_else()
    {
        using var stream = new NothingStream();
        Assert.Equal((true, false, false, -1), (stream.CanRead, stream.CanSeek, stream.CanWrite, stream.ReadByte()));
        stream.Flush();
        foreach (var act in (Action[])[() => stream.Position = 0, () => _ = stream.Position, () => _ = stream.Length,
            () => stream.SetLength(0), () => stream.Seek(0, SeekOrigin.Begin), () => stream.Write([], 0, 0)])
        {
            Assert.Throws<NotSupportedException>(act);
        }
    }

    // The kernel keeps the user that files are opened as for each thread; root's rights go with it.
    private static void AsNobody(Action act)
    {
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            _ = SetFileSystemUser(Nobody);
            failed = Record.Exception(act);
        });
        thread.Start();
        thread.Join();
        Assert.Null(failed);
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);

    private sealed class NothingStream : ForwardStream
    {
        public override int Read(Span<byte> buffer) => 0;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw new IOException("broken.");
    }
}
