using System.Runtime.InteropServices;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives.Codecs;

/// <summary>
/// Compresses whole buffers, always on one thread, so that the output depends on the input, the level and the library's version only.
/// </summary>
public static class Compressor
{
    /// <summary>Whether this system can compress and decompress the kind.</summary>
    public static bool Available(CompressionKind kind) => kind switch
    {
        CompressionKind.Zstd => ZstdLibrary.Available,
        CompressionKind.Xz => XzLibrary.Available,
        _ => true,
    };

    /// <summary>The wanted compression, or gzip with a notice where its library is missing.</summary>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="notice">Gets one line that names the missing library, so that the fallback is never silent.</param>
    /// <param name="available">Stands in for <see cref="Available"/> in tests.</param>
    public static Compression Choose(Compression wanted, Action<string> notice, Func<CompressionKind, bool>? available = null)
    {
        if ((available ?? Available)(wanted.Kind))
        {
            return wanted;
        }

        notice($"{LibraryOf(wanted.Kind)} is not installed: compressing with gzip instead of {NameOf(wanted.Kind)}");
        return Compression.Gzip;
    }

    /// <summary>Compresses the bytes.</summary>
    /// <exception cref="TdxException">Exit 6: the library is missing; exit 3: the level is out of range.</exception>
    public static byte[] Compress(ReadOnlySpan<byte> data, Compression compression)
    {
        Require(compression.Kind);
        var top = compression.Kind switch { CompressionKind.Zstd => 22, CompressionKind.None => 0, _ => 9 };
        var bottom = compression.Kind is CompressionKind.Xz or CompressionKind.None ? 0 : 1;
        if (compression.Level < bottom || compression.Level > top)
        {
            throw new TdxException(ExitCode.BadInput, $"{NameOf(compression.Kind)} level {compression.Level}: want {bottom} to {top}");
        }

        return compression.Kind switch
        {
            CompressionKind.Gzip => Gzip.Compress(data, compression.Level),
            CompressionKind.Zstd => Zstd.Compress(data, compression.Level),
            CompressionKind.Xz => Xz.Compress(data, compression.Level),
            _ => data.ToArray(),
        };
    }

    /// <summary>Decompresses exactly one gzip member, zstd frame or xz stream.</summary>
    /// <param name="data">The compressed bytes.</param>
    /// <param name="kind">How they are compressed.</param>
    /// <param name="name">What messages call the input.</param>
    /// <param name="limits">Bounds on the output.</param>
    /// <exception cref="TdxException">Exit 3: damaged, trailing data, too large, too dense; exit 6: the library is missing.</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> data, CompressionKind kind, string name, ArchiveLimits? limits = null)
    {
        Require(kind);
        var output = new BoundedOutput(name, data.Length, limits ?? ArchiveLimits.Default);
        switch (kind)
        {
            case CompressionKind.Gzip:
                Gzip.Decompress(data, name, output);
                break;
            case CompressionKind.Zstd:
                Zstd.Decompress(data, name, output);
                break;
            case CompressionKind.Xz:
                Xz.Decompress(data, name, output);
                break;
            default:
                output.Write(data);
                break;
        }

        return output.ToArray();
    }

    /// <summary>The kind that a file name's ending says: <c>.gz</c>, <c>.zst</c>, <c>.xz</c>, otherwise none.</summary>
    public static CompressionKind KindOf(string fileName) => Path.GetExtension(fileName) switch
    {
        ".gz" => CompressionKind.Gzip,
        ".zst" => CompressionKind.Zstd,
        ".xz" => CompressionKind.Xz,
        _ => CompressionKind.None,
    };

    /// <summary>Whether a shared library can be loaded.</summary>
    internal static bool CanLoad(string library)
    {
        if (!NativeLibrary.TryLoad(library, typeof(Compressor).Assembly, DllImportSearchPath.SafeDirectories, out var handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }

    private static void Require(CompressionKind kind)
    {
        if (!Available(kind))
        {
            throw new TdxException(ExitCode.Io, $"{LibraryOf(kind)} is not installed",
                $"install the package that provides {LibraryOf(kind)}");
        }
    }

    private static string NameOf(CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => "gzip",
        CompressionKind.Zstd => "zstd",
        CompressionKind.Xz => "xz",
        _ => "no compression",
    };

    private static string LibraryOf(CompressionKind kind) => kind == CompressionKind.Zstd ? ZstdLibrary.Name : XzLibrary.Name;
}
