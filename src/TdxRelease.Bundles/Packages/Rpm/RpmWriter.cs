using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Signing;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Packages.Rpm;

/// <summary>Writes binary rpm packages (format v4, noarch) without rpmbuild.</summary>
/// <param name="compression">Compression of the payload: gzip, xz or zstd.</param>
/// <param name="signer">Signs the header; null leaves the package unsigned.</param>
public sealed class RpmWriter(Compression compression, IOpenPgpSigner? signer = null) : IPackageWriter
{
    private const string Shell = "/bin/sh";

    // Image builds and chroots have no running systemd: nothing may happen there (distributions' rule for firmware packages).
    private const string SystemdGuard = "[ -d /run/systemd/system ] || exit 0\n";

    // rpm passes the number of packages of this name that remain: above 0 it is an upgrade, not a removal.
    private const string RemovalGuard = "[ \"$1\" -eq 0 ] || exit 0\n";

    /// <inheritdoc/>
    public string FileName(PackageSpec spec) => $"{RpmIdentity.Nevr(spec)}.noarch.rpm";

    /// <summary>Writes the package. Removal scripts run on removal only, not on upgrades; all scripts do nothing without a running systemd.</summary>
    /// <exception cref="TdxException">Exit 3: a field that rpm cannot hold, a path twice, a time outside of 32 bits; exit 6: a missing compression library.</exception>
    public void Write(PackageSpec spec, Stream output)
    {
        var time = RpmIdentity.Time(spec);
        var files = RpmFileTable.Binary(spec.Files);
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
        Script(header, RpmTag.PostIn, RpmTag.PostInProg, SystemdGuard, spec.Scripts.PostInstall);
        Script(header, RpmTag.PreUn, RpmTag.PreUnProg, SystemdGuard + RemovalGuard, spec.Scripts.PreRemove);
        Script(header, RpmTag.PostUn, RpmTag.PostUnProg, SystemdGuard + RemovalGuard, spec.Scripts.PostRemove);
        RpmAssembler.Write(output, RpmIdentity.Nevr(spec), source: false, header, payload, signer, spec.Time);
    }

    private static void Dependencies(RpmHeaderBuilder header, PackageSpec spec, RpmFileTable files, RpmPayload payload)
    {
        var evr = RpmIdentity.Evr(spec);
        List<RpmDependency> provided = [new(spec.Name, RpmSense.Equal, evr)];
        List<RpmDependency> required = [RpmDependency.CompressedFileNames, RpmDependency.FileDigests, RpmDependency.PayloadFilesHavePrefix];
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

        var scripts = (spec.Scripts.PostInstall is null ? 0 : RpmSense.ScriptPostIn)
            | (spec.Scripts.PreRemove is null ? 0 : RpmSense.ScriptPreUn)
            | (spec.Scripts.PostRemove is null ? 0 : RpmSense.ScriptPostUn);
        required.AddRange(Enum.GetValues<RpmSense>().Where(s => s != 0 && scripts.HasFlag(s)).Select(s => new RpmDependency(Shell, RpmSense.Interpreter | s, "")));
        RpmDependency.Provide(header, provided);
        RpmDependency.Require(header, required);
    }

    private static void Script(RpmHeaderBuilder header, RpmTag body, RpmTag program, string guard, string? script)
    {
        if (script is not null)
        {
            header.Text(body, guard + script);
            header.Text(program, Shell);
        }
    }
}
