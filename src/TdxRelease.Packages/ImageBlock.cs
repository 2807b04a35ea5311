using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages;

/// <summary>The images of a release as deb and Arch package hold them: the one block that takes long to compress, and that depends on nothing but the images.</summary>
public static class ImageBlock
{
    /// <summary>Compresses it, so that it is there when the packages' writers ask for it.</summary>
    /// <param name="images">All images, as files of a package.</param>
    /// <param name="time">Of the release.</param>
    /// <param name="compression">The packages'. Anything but xz has no blocks, and nothing is done.</param>
    /// <param name="blocks">What the writers get.</param>
    public static void Compress(IEnumerable<PackageFile> images, DateTimeOffset time, Compression compression, BlockCache blocks)
    {
        if (compression.Kind == CompressionKind.Xz)
        {
            _ = Compressor.CompressParts([PackedTar.ImagesOf(images, time)], compression, blocks);
        }
    }
}
