using TdxRelease.Core.Findings;

namespace TdxRelease.Archives.Codecs;

/// <summary>
/// One xz stream, LZMA2 only, CRC64; the dictionary reaches over the whole input, up to 64 MiB, and no further: what it does not need,
/// neither side has to allocate. Levels 4 and 5 find matches with hash chains instead of trees (docs/packaging.md).
/// </summary>
internal static unsafe class Xz
{
    /// <summary>The dictionary of xz -9: what every decoder is prepared for.</summary>
    private const uint MaxDictionary = 64 << 20;

    /// <summary>Matches of this length are taken without looking for longer ones.</summary>
    private const uint NiceLength = 32;

    /// <summary>How many candidates of a hash chain are looked at.</summary>
    private const uint Depth = 16;

    /// <summary>Bits of the byte before that predict a literal: the most that decoders take.</summary>
    private const uint ContextBits = 4;

    private const uint MinDictionary = 64 << 10;

    /// <summary>Memory a decoder may take: the largest dictionary above, and room.</summary>
    private const ulong DecoderMemory = 80UL << 20;

    private const ulong Lzma2 = 0x21;

    /// <summary>Compresses; the same input and level give the same bytes.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> data, int level)
    {
        XzLibrary.LzmaOptions options = default;
        if (XzLibrary.Preset(&options, (uint)level) != 0)
        {
            throw new TdxException(ExitCode.InternalError, $"liblzma does not know preset {level}");
        }

        // Module releases are nearly alike: the window has to reach from the last to the first.
        options.DictionarySize = MinDictionary;
        while (options.DictionarySize < data.Length && options.DictionarySize < MaxDictionary)
        {
            options.DictionarySize *= 2;
        }

        // Where the presets begin to parse optimally, the trees take twice the time of the chains for a thirtieth in size.
        if (level is 4 or 5)
        {
            options.MatchFinder = XzLibrary.HashChain4;
            options.NiceLength = NiceLength;
            options.Depth = Depth;
            options.ContextBits = ContextBits;

            // Code of x86 has no alignment that would help to predict a byte.
            options.PositionBits = 0;
        }

        var filters = stackalloc XzLibrary.Filter[2];
        filters[0] = new XzLibrary.Filter { Id = Lzma2, Options = &options };
        filters[1] = new XzLibrary.Filter { Id = ulong.MaxValue };
        var output = GC.AllocateUninitializedArray<byte>((int)XzLibrary.Bound((nuint)data.Length));
        nuint length = 0;
        fixed (byte* from = data, to = output)
        {
            var code = XzLibrary.Encode(filters, XzLibrary.CheckCrc64, 0, from, (nuint)data.Length, to, &length, (nuint)output.Length);
            if (code != XzLibrary.Ok)
            {
                throw new TdxException(ExitCode.InternalError, $"liblzma: compression ends in code {code}");
            }
        }

        return output[..(int)length];
    }

    /// <summary>Decompresses one stream that fills the input; anything behind it is exit 3.</summary>
    public static void Decompress(ReadOnlySpan<byte> data, string name, BoundedOutput output)
    {
        XzLibrary.Stream stream = default;
        var buffer = new byte[128 * 1024];
        try
        {
            var code = XzLibrary.Decoder(&stream, DecoderMemory, 0);
            if (code != XzLibrary.Ok)
            {
                throw new TdxException(ExitCode.InternalError, $"liblzma: the decoder ends in code {code}");
            }

            fixed (byte* from = data)
            {
                stream.NextIn = from;
                stream.AvailableIn = (nuint)data.Length;
                while (DecompressNext(&stream, name, output, buffer))
                {
                }

                if (stream.AvailableIn != 0)
                {
                    throw ArchiveErrors.At(name, (long)stream.TotalIn, $"{stream.AvailableIn} bytes behind the xz stream");
                }
            }
        }
        finally
        {
            XzLibrary.End(&stream);
        }
    }

    // True while the stream goes on.
    private static bool DecompressNext(XzLibrary.Stream* stream, string name, BoundedOutput output, byte[] buffer)
    {
        var target = output.Next(buffer);
        int code;
        fixed (byte* to = target)
        {
            stream->NextOut = to;
            stream->AvailableOut = (nuint)target.Length;
            code = XzLibrary.Code(stream, XzLibrary.Finish);
        }

        if (code is not XzLibrary.Ok and not XzLibrary.StreamEnd)
        {
            throw ArchiveErrors.At(name, (long)stream->TotalIn, Reason(code));
        }

        output.Write(target[..^(int)stream->AvailableOut]);
        return code != XzLibrary.StreamEnd;
    }

    private static string Reason(int code) => code switch
    {
        XzLibrary.MemoryLimit => $"xz data needs more than {DecoderMemory >> 20} MiB to decompress",
        XzLibrary.Format => "is not xz data",
        XzLibrary.Options => "xz data uses options that liblzma does not know",
        XzLibrary.BufferError => "is cut short: the xz stream does not end",
        _ => $"is damaged: liblzma ends in code {code}",
    };
}
