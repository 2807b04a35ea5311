using System.Runtime.InteropServices;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives.Codecs;

/// <summary>
/// Decompresses exactly one zstd frame with the system's libzstd.so.1. Read-only,
/// forward-only; a truncated or damaged frame, a second one and bytes behind the first
/// throw <see cref="InvalidDataException"/>.
/// </summary>
public sealed unsafe partial class ZstdReadStream : ForwardStream
{
    private const int MaxWindowLog = 27; // 128 MiB, the default limit of the zstd program
    private const int WindowLogParameter = 100; // ZSTD_d_windowLogMax

    private readonly Stream input;
    private readonly byte[] buffer = new byte[1 << 16];
    private nint context;
    private int start;
    private int end;
    private nuint pending = 1;

    /// <summary>Reads from the stream, which is disposed with this one.</summary>
    /// <exception cref="TdxException">Exit 6: there is no libzstd.so.1.</exception>
    public ZstdReadStream(Stream input)
    {
        this.input = input;
        try
        {
            context = Create();
            _ = SetParameter(context, WindowLogParameter, MaxWindowLog);
        }
        catch (DllNotFoundException e)
        {
            throw new TdxException(ExitCode.Io, "cannot load libzstd.so.1", "install libzstd1, or use a .tar.gz", e);
        }
    }

    /// <summary>Frees libzstd's memory where nobody disposed the stream.</summary>
    ~ZstdReadStream() => Dispose(disposing: false);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (start == end)
            {
                (start, end) = (0, input.Read(this.buffer));
                if (end == 0)
                {
                    // A non-zero hint from the last call means that a frame is open.
                    return pending == 0 ? 0 : throw new InvalidDataException("the zstd data is truncated");
                }
            }

            if (pending == 0)
            {
                throw new InvalidDataException("data behind the zstd frame");
            }

            if (Step(buffer) is var written and > 0)
            {
                return written;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (context != 0)
        {
            _ = Free(context);
            context = 0;
        }

        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Step(Span<byte> output)
    {
        fixed (byte* from = buffer)
        fixed (byte* to = output)
        {
            var source = new Buffer { Data = from, Size = (nuint)end, Position = (nuint)start };
            var target = new Buffer { Data = to, Size = (nuint)output.Length, Position = 0 };
            pending = Decompress(context, &target, &source);
            if (IsError(pending) != 0)
            {
                throw new InvalidDataException($"the zstd data is damaged: {Marshal.PtrToStringUTF8(ErrorName(pending))}");
            }

            start = (int)source.Position;
            return (int)target.Position;
        }
    }

    // ZSTD_inBuffer and ZSTD_outBuffer (zstd.h) have the same layout.
    private struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_createDStream")]
    private static partial nint Create();

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_freeDStream")]
    private static partial nuint Free(nint context);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_DCtx_setParameter")]
    private static partial nuint SetParameter(nint context, int parameter, int value);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_decompressStream")]
    private static partial nuint Decompress(nint context, Buffer* output, Buffer* input);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_getErrorName")]
    private static partial nint ErrorName(nuint code);
}
