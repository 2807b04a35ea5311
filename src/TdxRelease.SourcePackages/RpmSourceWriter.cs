using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages.Rpm;
using TdxRelease.Signing;

namespace TdxRelease.SourcePackages;

/// <summary>
/// Writes source rpms: the spec file and the source tarball. Without upstream's bytes it is a <c>.nosrc.rpm</c>, whose build wants the
/// files fetched into the source folder.
/// </summary>
/// <param name="compression">Compression of the payload; the tarball in it is compressed already.</param>
/// <param name="signer">Signs the header; null leaves the package unsigned.</param>
public sealed class RpmSourceWriter(Compression compression, IOpenPgpSigner? signer = null)
{
    /// <summary>Conventional file name.</summary>
    public string FileName(SourceSpec source) => $"{RpmIdentity.Nevr(source.Package)}.{(source.WithBinaries ? "src" : "nosrc")}.rpm";

    /// <summary>The spec file alone, for those who keep it in version control.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3.</exception>
    public string SpecFile(SourceSpec source, SourceArchive archive)
    {
        _ = RpmIdentity.Nevr(source.Package);
        SourceTarball.Require(source);
        return RpmSpecFile.Write(source, archive);
    }

    /// <summary>Writes the source package.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: a field that rpm or a recipe cannot hold.</exception>
    public void Write(SourceSpec source, SourceArchive archive, Stream output)
    {
        var spec = source.Installed;
        var time = RpmIdentity.Time(spec);
        var files = RpmFileTable.Source(
        [
            RpmEntry.Source(archive.FileName, archive.Content, RpmFileFlags.None),
            RpmEntry.Source($"{spec.Name}.spec", Encoding.UTF8.GetBytes(SpecFile(source, archive)), RpmFileFlags.SpecFile),
        ]);
        var header = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        RpmIdentity.Describe(header, spec);
        header.Int32(RpmTag.SourcePackage, 1);
        header.Texts(RpmTag.BuildArchs, ["noarch"]);
        files.Describe(header, time, source: true);

        // rpm lists sources from the last to the first.
        var fetched = source.Fetched;
        header.Texts(RpmTag.Source, [.. fetched.Select(SourceTarball.Flat).Reverse(), archive.FileName]);
        header.Int32s(RpmTag.NoSource, [.. Enumerable.Range(1, fetched.Count).Select(i => (long)i)]);

        var payload = new RpmPayload(files.Archive(time, ""), compression);
        List<RpmDependency> required =
        [
            RpmDependency.CompressedFileNames, RpmDependency.FileDigests, .. RpmSpecFile.BuildRequires(spec).Select(RpmDependency.Parse),
        ];
        if (payload.Feature is { } feature)
        {
            required.Add(feature);
        }

        RpmDependency.Write(header, RpmDependencyTags.Requires, required);
        RpmAssembler.Write(output, RpmIdentity.Nevr(spec), source: true, header, payload, signer, spec.Time);
    }
}
