using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Packages.Arch;

/// <summary>Arch packages, architecture "any", with checksums of every file in .MTREE.</summary>
/// <param name="compression">pacman reads xz, zstd and gzip; uncompressed works too.</param>
/// <param name="blocks">What other packages of the run have compressed already, or null.</param>
public sealed class ArchWriter(Compression compression, BlockCache? blocks = null) : IPackageWriter
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
        output.Write(new PackedTar(spec.Time, "", TarLongNames.Pax).Pack(
            writer => metadata.OrderBy(e => e.Path, StringComparer.Ordinal).ToList().ForEach(writer.Write),
            content,
            compression,
            blocks));
    }

    private static TarEntry Text(string path, string content) => new(path, Encoding.UTF8.GetBytes(content));
}
