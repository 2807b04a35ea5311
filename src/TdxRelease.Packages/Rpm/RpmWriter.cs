using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Rpm;

/// <summary>Writes binary rpm packages (format v4) without rpmbuild.</summary>
/// <param name="compression">Compression of the payload: gzip, xz or zstd.</param>
/// <param name="signer">Signs the header; null leaves the package unsigned.</param>
public sealed class RpmWriter(Compression compression, IOpenPgpSigner? signer = null) : IPackageWriter
{
    private const string Shell = "/bin/sh";

    /// <inheritdoc/>
    public string FileName(PackageSpec spec) => $"{RpmIdentity.Nevr(spec)}.{RpmIdentity.Architecture(spec)}.rpm";

    /// <summary>
    /// Writes the package. Removal scripts run on removal only, not on upgrades; all scripts do nothing without a running systemd.
    /// </summary>
    /// <exception cref="TdxException">Exit 3: a field that rpm cannot hold, a path twice, a time outside of 32 bits; exit 6: a missing
    /// compression library.</exception>
    public void Write(PackageSpec spec, Stream output)
    {
        var time = RpmIdentity.Time(spec);
        var files = RpmFileTable.Binary(spec);
        if (files.InstalledSize > int.MaxValue)
        {
            throw new TdxException(ExitCode.BadInput, $"rpm cannot hold {files.InstalledSize} bytes of files: want at most {int.MaxValue}");
        }

        var header = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        RpmIdentity.Describe(header, spec);
        header.Text(RpmTag.SourceRpm, $"{RpmIdentity.Nevr(spec)}.src.rpm");
        files.Describe(header, time, source: false);
        var payload = new RpmPayload(files.Archive(time, "./"), compression);
        Dependencies(header, spec, files, payload);
        foreach (var script in RpmScript.Of(spec.Scripts))
        {
            header.Text(script.Body, script.Text);
            header.Text(script.Program, Shell);
        }

        RpmAssembler.Write(output, RpmIdentity.Nevr(spec), source: false, header, payload, signer, spec.Time);
    }

    private static void Dependencies(RpmHeaderBuilder header, PackageSpec spec, RpmFileTable files, RpmPayload payload)
    {
        var evr = RpmIdentity.Evr(spec);
        var relations = spec.Relations;
        List<RpmDependency> provided = [new(spec.Name, RpmSense.Equal, evr), .. relations.Provides.Select(RpmDependency.Parse)];
        List<RpmDependency> required =
        [
            RpmDependency.CompressedFileNames, RpmDependency.FileDigests, RpmDependency.PayloadFilesHavePrefix,
            .. relations.Depends.Select(RpmDependency.Parse),
            .. RpmScript.Of(spec.Scripts).Select(s => new RpmDependency(Shell, RpmSense.Interpreter | s.Sense, "")),
        ];
        if (files.HasConfiguration)
        {
            var config = new RpmDependency($"config({spec.Name})", RpmSense.Config | RpmSense.Equal, evr);
            provided.Add(config);
            required.Add(config);
        }

        if (payload.Feature is { } feature)
        {
            required.Add(feature);
        }

        RpmDependency.Write(header, RpmDependencyTags.Provides, provided);
        RpmDependency.Write(header, RpmDependencyTags.Requires, required);
        RpmDependency.Write(header, RpmDependencyTags.Conflicts, relations.Conflicts.Select(RpmDependency.Parse));
        RpmDependency.Write(header, RpmDependencyTags.Obsoletes, relations.Replaces.Select(RpmDependency.Parse));
        RpmDependency.Write(header, RpmDependencyTags.Recommends, relations.Recommends.Select(RpmDependency.Parse));
        RpmDependency.Write(header, RpmDependencyTags.Suggests, relations.Suggests.Select(RpmDependency.Parse));
    }
}
