using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>The payload: a cpio archive, compressed, with the tags by which rpm reads and checks it.</summary>
internal sealed class RpmPayload
{
    private readonly Compression compression;
    private readonly byte[] archive;

    public RpmPayload(byte[] archive, Compression compression)
    {
        if (compression.Kind == CompressionKind.None)
        {
            throw new TdxException(ExitCode.BadInput, "rpm payload: compression none, want gzip, xz or zstd");
        }

        this.archive = archive;
        this.compression = compression;
        Compressed = Compressor.Compress(archive, compression);
    }

    public byte[] Compressed { get; }

    public int UncompressedLength => archive.Length;

    /// <summary>The feature that rpm needs to read it, if it is not as old as rpm itself.</summary>
    public RpmDependency? Feature => compression.Kind switch
    {
        CompressionKind.Zstd => RpmDependency.Feature("PayloadIsZstd", "5.4.18-1"),
        CompressionKind.Xz => RpmDependency.Feature("PayloadIsXz", "5.2-1"),
        _ => null,
    };

    /// <summary>rpm's name of the compression, or null for one that it does not read.</summary>
    public static CompressionKind? KindOf(string compressor) => compressor switch
    {
        "gzip" => CompressionKind.Gzip,
        "xz" => CompressionKind.Xz,
        "zstd" => CompressionKind.Zstd,
        _ => null,
    };

    public void Describe(RpmHeaderBuilder header)
    {
        header.Text(RpmTag.PayloadFormat, "cpio");
        header.Text(RpmTag.PayloadCompressor,
            compression.Kind switch { CompressionKind.Zstd => "zstd", CompressionKind.Xz => "xz", _ => "gzip" });
        header.Text(RpmTag.PayloadFlags, compression.Level.ToString(CultureInfo.InvariantCulture));
        header.Texts(RpmTag.PayloadSha256, [Convert.ToHexStringLower(SHA256.HashData(Compressed))]);
        header.Int32(RpmTag.PayloadDigestAlgorithm, RpmAssembler.Sha256Id);
        header.Texts(RpmTag.PayloadSha256Uncompressed, [Convert.ToHexStringLower(SHA256.HashData(archive))]);
    }
}
