using System.Text;
using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Packages.Rpm;
using TdxRelease.Bundles.Signing;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Sources;

/// <summary>Writes source rpms: the spec file and the source archive, in one of the two variants.</summary>
/// <param name="variant">With upstream's bytes (<c>.src.rpm</c>) or without (<c>.nosrc.rpm</c>, whose build wants the files fetched into the source folder).</param>
/// <param name="compression">Compression of the payload.</param>
/// <param name="signer">Signs the header; null leaves the package unsigned.</param>
public sealed class RpmSourceWriter(SourceVariant variant, Compression compression, IOpenPgpSigner? signer = null)
{
    /// <summary>Conventional file name.</summary>
    public string FileName(SourceForm form) => $"{RpmIdentity.Nevr(form.Spec)}.{(variant == SourceVariant.FetchAtBuild ? "nosrc" : "src")}.rpm";

    /// <summary>The spec file alone, for those who keep it in version control.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public string SpecFile(SourceForm form)
    {
        _ = RpmIdentity.Nevr(form.Spec);
        return RpmSpecFile.Write(form.Checked(), variant);
    }

    /// <summary>Writes the source package.</summary>
    /// <exception cref="TdxException">Exit 3: a field that rpm or a recipe cannot hold.</exception>
    public void Write(SourceForm form, Stream output)
    {
        var spec = form.Checked().Spec;
        var time = RpmIdentity.Time(spec);
        var archive = $"{spec.Name}-{spec.Version}.tar.gz";
        var files = RpmFileTable.Source(
        [
            RpmEntry.Source(archive, SourceAssembly.Archive(form, variant), RpmFileFlags.None),
            RpmEntry.Source($"{spec.Name}.spec", Encoding.UTF8.GetBytes(SpecFile(form)), RpmFileFlags.SpecFile),
        ]);
        var header = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        RpmIdentity.Describe(header, spec);
        header.Int32(RpmTag.SourcePackage, 1);
        header.Texts(RpmTag.BuildArchs, ["noarch"]);
        files.Describe(header, time, source: true);

        // rpm lists sources from the last to the first.
        var fetched = variant == SourceVariant.FetchAtBuild ? form.UpstreamFiles : [];
        header.Texts(RpmTag.Source, [.. fetched.Select(SourceForm.FlatName).Reverse(), archive]);
        header.Int32s(RpmTag.NoSource, [.. Enumerable.Range(1, fetched.Count).Select(i => (long)i)]);

        var payload = new RpmPayload(files.Archive(time, ""), compression);
        List<RpmDependency> required = [RpmDependency.CompressedFileNames, RpmDependency.FileDigests];
        if (payload.Feature is { } feature)
        {
            required.Add(feature);
        }

        RpmDependency.Write(header, RpmDependencyTags.Requires, required);
        RpmAssembler.Write(output, RpmIdentity.Nevr(spec), source: true, header, payload, signer, spec.Time);
    }
}
