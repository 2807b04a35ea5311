using System.Runtime.InteropServices;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives.Codecs;

/// <summary>The few functions of libzstd that are used (zstd.h; stable interface since 1.4).</summary>
internal static unsafe partial class ZstdLibrary
{
    public const string Name = "libzstd.so.1";

    private static readonly Lazy<bool> Loaded = new(() => Compressor.CanLoad(Name));

    public static bool Available => Loaded.Value;

    [StructLayout(LayoutKind.Sequential)]
    internal struct Buffer
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Name, EntryPoint = "ZSTD_createCCtx")]
    internal static partial nint CreateCompressor();

    [LibraryImport(Name, EntryPoint = "ZSTD_freeCCtx")]
    internal static partial nuint FreeCompressor(nint context);

    [LibraryImport(Name, EntryPoint = "ZSTD_CCtx_setParameter")]
    internal static partial nuint SetParameter(nint context, int parameter, int value);

    [LibraryImport(Name, EntryPoint = "ZSTD_compress2")]
    internal static partial nuint Compress(nint context, byte* output, nuint capacity, byte* input, nuint length);

    [LibraryImport(Name, EntryPoint = "ZSTD_compressBound")]
    internal static partial nuint Bound(nuint length);

    [LibraryImport(Name, EntryPoint = "ZSTD_isError")]
    internal static partial uint IsError(nuint code);

    [LibraryImport(Name, EntryPoint = "ZSTD_getErrorName")]
    private static partial byte* ErrorName(nuint code);

    /// <summary>Bytes that a frame says it holds; the two largest values stand for "unknown" and "no frame".</summary>
    [LibraryImport(Name, EntryPoint = "ZSTD_getFrameContentSize")]
    internal static partial ulong ContentSize(byte* input, nuint length);

    [LibraryImport(Name, EntryPoint = "ZSTD_createDCtx")]
    internal static partial nint CreateDecompressor();

    [LibraryImport(Name, EntryPoint = "ZSTD_freeDCtx")]
    internal static partial nuint FreeDecompressor(nint context);

    [LibraryImport(Name, EntryPoint = "ZSTD_DCtx_setParameter")]
    internal static partial nuint SetDecompressionParameter(nint context, int parameter, int value);

    [LibraryImport(Name, EntryPoint = "ZSTD_decompressStream")]
    internal static partial nuint Decompress(nint context, Buffer* output, Buffer* input);

    public static string Reason(nuint code) => Marshal.PtrToStringUTF8((nint)ErrorName(code))?.ToLowerInvariant() ?? "unknown error";
}

/// <summary>One zstd frame with content size and checksum; the window reaches over the whole input, up to 2^27 bytes.</summary>
internal static unsafe class Zstd
{
    /// <summary>Decoders refuse larger windows unless told otherwise (zstd.h: ZSTD_WINDOWLOG_LIMIT_DEFAULT).</summary>
    public const int MaxWindowLog = 27;

    private const int MinWindowLog = 10;
    private const int LevelParameter = 100, WindowLogParameter = 101, LongDistanceParameter = 160, ChecksumParameter = 201;
    private const int DecoderWindowLogMax = 100;

    /// <summary>Compresses; the same input and level give the same bytes.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> data, int level)
    {
        var output = GC.AllocateUninitializedArray<byte>((int)ZstdLibrary.Bound((nuint)data.Length));
        var context = ZstdLibrary.CreateCompressor();
        try
        {
            Check(ZstdLibrary.SetParameter(context, LevelParameter, level));
            Check(ZstdLibrary.SetParameter(context, ChecksumParameter, 1));
            Check(ZstdLibrary.SetParameter(context, WindowLogParameter, WindowLog(data.Length)));

            // Module releases are nearly alike, and half a megabyte apart: further than the tables of quick levels remember.
            Check(ZstdLibrary.SetParameter(context, LongDistanceParameter, 1));
            fixed (byte* to = output, from = data)
            {
                var length = Check(ZstdLibrary.Compress(context, to, (nuint)output.Length, from, (nuint)data.Length));
                return output[..(int)length];
            }
        }
        finally
        {
            _ = ZstdLibrary.FreeCompressor(context);
        }
    }

    /// <summary>Decompresses one frame that fills the input; anything behind it is exit 3.</summary>
    public static void Decompress(ReadOnlySpan<byte> data, string name, BoundedOutput output)
    {
        var context = ZstdLibrary.CreateDecompressor();
        var buffer = new byte[128 * 1024];
        try
        {
            Check(ZstdLibrary.SetDecompressionParameter(context, DecoderWindowLogMax, MaxWindowLog));
            fixed (byte* from = data)
            {
                output.Expect(ZstdLibrary.ContentSize(from, (nuint)data.Length));
                var input = new ZstdLibrary.Buffer { Start = from, Size = (nuint)data.Length };
                while (DecompressNext(context, &input, name, output, buffer))
                {
                }

                if (input.Position != input.Size)
                {
                    throw ArchiveErrors.At(name, (long)input.Position, $"{input.Size - input.Position} bytes behind the zstd frame");
                }
            }
        }
        finally
        {
            _ = ZstdLibrary.FreeDecompressor(context);
        }
    }

    // Into the place where it stays, libzstd needs no window of its own. True while the frame goes on.
    private static bool DecompressNext(nint context, ZstdLibrary.Buffer* input, string name, BoundedOutput output, byte[] buffer)
    {
        var target = output.Next(buffer);
        var before = input->Position;
        nuint left;
        int written;
        fixed (byte* to = target)
        {
            var chunk = new ZstdLibrary.Buffer { Start = to, Size = (nuint)target.Length };
            left = ZstdLibrary.Decompress(context, &chunk, input);
            written = (int)chunk.Position;
        }

        if (ZstdLibrary.IsError(left) != 0)
        {
            throw ArchiveErrors.InArchive(name, $"is damaged: zstd says \"{ZstdLibrary.Reason(left)}\"");
        }

        output.Write(target[..written]);
        return left != 0 && written == 0 && input->Position == before
            ? throw ArchiveErrors.InArchive(name, "is cut short: the zstd frame does not end")
            : left != 0;
    }

    private static int WindowLog(int length)
    {
        var log = MinWindowLog;
        while (log < MaxWindowLog && 1L << log < length)
        {
            log++;
        }

        return log;
    }

    private static nuint Check(nuint code) => ZstdLibrary.IsError(code) == 0
        ? code
        : throw new TdxException(ExitCode.InternalError, $"zstd: {ZstdLibrary.Reason(code)}");
}
