using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages;

/// <summary>
/// The tar archive of a package in three parts: what sorts before the images, the images, the rest. The images' entries are the same bytes in every
/// format, names without <c>./</c> included (dpkg takes both), and are compressed once. They depend on nothing that is signed.
/// </summary>
/// <param name="Time">Of every entry.</param>
/// <param name="Prefix">Before the other names: <c>./</c> for deb, as everyone expects it there.</param>
/// <param name="LongNames">Form of long names.</param>
internal sealed record PackedTar(DateTimeOffset Time, string Prefix, TarLongNames LongNames)
{
    private const string ImageFolder = TarPackageWriter.FirmwareFolder + "/joined_files";

    /// <summary>The compressed archive.</summary>
    /// <param name="begin">Writes what comes first.</param>
    /// <param name="content">The complete, sorted tree.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <param name="blocks">The run's blocks, or null.</param>
    public byte[] Pack(Action<TarWriter> begin, IReadOnlyList<TarEntry> content, Compression compression, BlockCache? blocks)
    {
        var first = content.TakeWhile(e => !IsImage(e)).Count();
        var images = content.Skip(first).TakeWhile(IsImage).Count();
        return Compressor.CompressParts(
            [
                Part(Prefix, writer =>
                {
                    begin(writer);
                    WriteAll(writer, content.Take(first));
                }),
                Images(content.Skip(first).Take(images)),
                Part(Prefix, writer =>
                {
                    WriteAll(writer, content.Skip(first + images));
                    writer.End();
                }),
            ],
            compression,
            blocks);
    }

    /// <summary>The images of a release alone, as every package's archive holds them.</summary>
    public static ReadOnlyMemory<byte> ImagesOf(IEnumerable<PackageFile> files, DateTimeOffset time) =>
        new PackedTar(time, "", TarLongNames.Gnu).Images(TarTree.Complete(files.Select(PackageTree.Entry)).Where(IsImage));

    private static bool IsImage(TarEntry entry) =>
        entry.Path.StartsWith(ImageFolder, StringComparison.Ordinal) && (entry.Path.Length == ImageFolder.Length || entry.Path[ImageFolder.Length] == '/');

    private ReadOnlyMemory<byte> Images(IEnumerable<TarEntry> entries) => Part("", writer => WriteAll(writer, entries));

    private static void WriteAll(TarWriter writer, IEnumerable<TarEntry> entries)
    {
        foreach (var entry in entries)
        {
            writer.Write(entry);
        }
    }

    private ReadOnlyMemory<byte> Part(string prefix, Action<TarWriter> write)
    {
        var part = new MemoryStream();
        write(new TarWriter(part, Time, prefix, LongNames));
        return part.GetBuffer().AsMemory(0, (int)part.Length);
    }
}
