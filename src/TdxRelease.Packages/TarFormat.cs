using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages;

/// <summary>The bundle folder as a tar archive, with one top folder.</summary>
public sealed class TarFormat : PackageFormat
{
    /// <inheritdoc/>
    public override string Name => "tar";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Endings => [".tar", ".tar.gz", ".tar.xz", ".tar.zst"];

    /// <inheritdoc/>
    public override bool NamesMaintainer => false;

    /// <inheritdoc/>
    public override IEnumerable<PublishedFile> Files(ReleaseContent release, RepositoryPackage? package)
    {
        var tar = Archive(release.Name, release.Files, release.Time);
        yield return new PublishedFile($"{release.Name}.tar.gz", Compressor.Compress(tar.Span, Compression.FastGzip), FileUse.Download);
    }

    /// <summary>The archive before compression.</summary>
    /// <param name="top">Its top folder.</param>
    /// <param name="files">What is in that folder.</param>
    /// <param name="time">Of every entry.</param>
    public static ReadOnlyMemory<byte> Archive(string top, IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> files,
        DateTimeOffset time)
    {
        var tar = new MemoryStream();
        TarWriter.WriteTree(tar, files.Select(f => new TarEntry($"{top}/{f.Path}", f.Content)), time);
        return tar.GetBuffer().AsMemory(0, (int)tar.Length);
    }

    /// <inheritdoc/>
    public override PackageContents Read(ReadOnlyMemory<byte> file, string name)
    {
        CanonicalTar.RequireFrame(file.Span, Compressor.KindOf(name), name);
        var archive = Compressor.Decompress(file.Span, Compressor.KindOf(name), name);
        var entries = TarReader.Read(archive, name);
        return new PackageContents(entries, []) { Signed = archive };
    }
}
