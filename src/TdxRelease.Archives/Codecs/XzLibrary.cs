using System.Runtime.InteropServices;

namespace TdxRelease.Archives.Codecs;

/// <summary>The few functions of liblzma that are used (lzma/base.h, container.h, lzma12.h; ABI of liblzma.so.5).</summary>
internal static unsafe partial class XzLibrary
{
    public const string Name = "liblzma.so.5";

    public const int Ok = 0, StreamEnd = 1, MemoryLimit = 6, Format = 7, Options = 8, Data = 9, BufferError = 10;
    public const int CheckCrc64 = 4;
    public const int Run = 0, Finish = 3;

    /// <summary>LZMA_MF_HC4.</summary>
    public const int HashChain4 = 4;

    private static readonly Lazy<bool> Loaded = new(() => Compressor.CanLoad(Name));

    public static bool Available => Loaded.Value;

    /// <summary>lzma_stream.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Stream
    {
        public byte* NextIn;
        public nuint AvailableIn;
        public ulong TotalIn;
        public byte* NextOut;
        public nuint AvailableOut;
        public ulong TotalOut;
        public nint Allocator;
        public nint Internal;
        public fixed ulong Reserved[10];
    }

    /// <summary>lzma_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Filter
    {
        public ulong Id;
        public void* Options;
    }

    /// <summary>lzma_options_lzma (lzma/lzma12.h): the preset fills it, six fields are changed.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct LzmaOptions
    {
        [FieldOffset(0)]
        public uint DictionarySize;

        [FieldOffset(20)]
        public uint ContextBits;

        [FieldOffset(28)]
        public uint PositionBits;

        [FieldOffset(36)]
        public uint NiceLength;

        [FieldOffset(40)]
        public int MatchFinder;

        [FieldOffset(44)]
        public uint Depth;
    }

    [LibraryImport(Name, EntryPoint = "lzma_lzma_preset")]
    internal static partial byte Preset(LzmaOptions* options, uint preset);

    [LibraryImport(Name, EntryPoint = "lzma_stream_buffer_bound")]
    internal static partial nuint Bound(nuint length);

    [LibraryImport(Name, EntryPoint = "lzma_stream_buffer_encode")]
    internal static partial int Encode(Filter* filters, int check, nint allocator, byte* input, nuint length, byte* output, nuint* position,
        nuint capacity);

    [LibraryImport(Name, EntryPoint = "lzma_stream_decoder")]
    internal static partial int Decoder(Stream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Name, EntryPoint = "lzma_code")]
    internal static partial int Code(Stream* stream, int action);

    [LibraryImport(Name, EntryPoint = "lzma_end")]
    internal static partial void End(Stream* stream);
}
