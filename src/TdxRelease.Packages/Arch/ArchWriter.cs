using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages.Arch;

/// <summary>Arch packages, architecture "any", with checksums of every file in .MTREE.</summary>
/// <param name="compression">pacman reads xz, zstd and gzip; uncompressed works too.</param>
public sealed class ArchWriter(Compression compression) : IPackageWriter
{
    /// <inheritdoc/>
    public string FileName(PackageSpec spec)
    {
        SpecRules.Require(spec);
        return $"{spec.Name}-{ArchVersion.Of(spec)}-any.pkg.tar{compression.Extension}";
    }

    /// <inheritdoc/>
    public void Write(PackageSpec spec, Stream output)
    {
        SpecRules.Require(spec);
        var content = TarTree.Complete(PackageTree.WithLicenseFolder(spec));
        List<TarEntry> metadata = [Text(".BUILDINFO", ArchText.BuildInfo(spec)), Text(".PKGINFO", ArchText.PkgInfo(spec, content))];
        if (ArchText.Install(spec.Scripts) is { } install)
        {
            metadata.Insert(1, Text(".INSTALL", install));
        }

        metadata.Add(new TarEntry(".MTREE", ArchText.Mtree([.. metadata, .. content], spec.Time)));

        // pacman reads the metadata from the front and stops there, whatever else sorts before a dot.
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar, spec.Time);
        foreach (var entry in metadata.OrderBy(e => e.Path, StringComparer.Ordinal).Concat(content))
        {
            writer.Write(entry);
        }

        writer.End();
        output.Write(Compressor.Compress(tar.GetBuffer().AsSpan(0, (int)tar.Length), compression));
    }

    private static TarEntry Text(string path, string content) => new(path, Encoding.UTF8.GetBytes(content));
}
