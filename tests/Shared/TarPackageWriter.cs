using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;

namespace TdxRelease.Testing;

/// <summary>The bundle folder as a plain tar archive, for systems without a package format: one top folder <c>NAME-VERSION</c>.</summary>
/// <param name="compression">Of the archive.</param>
/// <param name="root">Installed folder whose content goes to the top folder; what lies elsewhere stays out. Empty: the whole tree.</param>
internal sealed class TarPackageWriter(Compression compression, string root = DistributionFormat.FirmwareFolder) : IPackageWriter
{
    /// <inheritdoc/>
    public string FileName(PackageSpec spec)
    {
        SpecRules.Require(spec);
        return $"{Top(spec)}.tar{compression.Extension}";
    }

    /// <inheritdoc/>
    public void Write(PackageSpec spec, Stream output)
    {
        SpecRules.Require(spec);
        var below = root.Length == 0 ? "" : $"{root}/";
        var entries = spec.Files
            .Where(f => f.Path.StartsWith(below, StringComparison.Ordinal))
            .Select(f => PackageTree.Entry(f) with { Path = $"{Top(spec)}/{f.Path[below.Length..]}" })
            .ToList();
        if (entries.Count == 0)
        {
            throw new TdxException(ExitCode.BadInput, $"package \"{spec.Name}\": no file below \"{root}\"");
        }

        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, entries, spec.Time);
        output.Write(Compressor.Compress(tar.GetBuffer().AsSpan(0, (int)tar.Length), compression));
    }

    private static string Top(PackageSpec spec)
    {
        _ = DebianVersion.Of(spec);
        return $"{spec.Name}-{spec.Version}";
    }
}
