using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Rpm;
using TdxRelease.Repositories;
using TdxRelease.SourcePackages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>One set of packages, and one repository with two releases, for all tests of this folder.</summary>
public sealed class RpmFixture : IDisposable
{
    private readonly TempFolder temp = new();

    public RpmFixture()
    {
        var scripts = new PackageScripts("echo installed >> /marker\n", "echo removing >> /marker\n", "echo removed >> /marker\n");
        Old = Pack(FirmwareSample.Spec("20260101", 1, scripts), Compression.Gzip);
        New = Pack(FirmwareSample.Spec("20260210", 2, scripts), Compression.Zstd);
        Xz = Pack(FirmwareSample.Spec("20260210", 2, scripts), Compression.Xz);
        Source = Pack(FirmwareSample.Source("20260210", 2));
        NoSource = Pack(FirmwareSample.Source("20260210", 2, withBinaries: false));
        foreach (var package in new[] { Old, New, Source, NoSource })
        {
            System.IO.File.WriteAllBytes(File(package.FileName), package.Content.Span);
        }

        System.IO.File.WriteAllBytes(File("xz.rpm"), Xz.Content.Span);
        System.IO.File.WriteAllText(File("key.asc"), TestRelease.Certificate.ToArmored());
        System.IO.File.WriteAllBytes(File("key.pgp"), TestRelease.Certificate.ToArray());
        Tool.Run(Folder, "rpmkeys", "--dbpath", File("db"), "--import", File("key.asc")).Ok();

        // The maintainer scripts need a shell in the install root, and nothing else is there.
        var shell = new PackageFile("usr/bin/busybox", System.IO.File.ReadAllBytes("/bin/busybox"), 0x1ED);
        Shell = Pack(FirmwareSample.Spec("1") with
        {
            Name = "test-shell",
            Files = [shell, new PackageFile("bin/sh", default, LinkTarget: "../usr/bin/busybox")]
        }, Compression.Gzip);
        Publish(Old, Shell);
        Tool.Run(Folder, "cp", "-a", Repository, File("repo-old")).Ok();
        Publish(New);
    }

    internal string Folder => temp.Path;

    internal string Repository => File("repo");

    internal DnfPackage Old { get; }

    internal DnfPackage New { get; }

    internal DnfPackage Xz { get; }

    internal DnfPackage Shell { get; }

    internal DnfPackage Source { get; }

    internal DnfPackage NoSource { get; }

    public void Dispose() => temp.Dispose();

    internal string File(string name) => temp[name];

    internal string NewFolder(string name) => Directory.CreateDirectory(File(name)).FullName;

    internal static DnfPackage Pack(PackageSpec spec, Compression compression, bool signed = true)
    {
        var writer = new RpmWriter(compression, signed ? TestRelease.OpenPgp : null);
        using var output = new MemoryStream();
        writer.Write(spec, output);
        return new DnfPackage(writer.FileName(spec), output.ToArray());
    }

    internal static DnfPackage Pack(SourceSpec source)
    {
        var writer = new RpmSourceWriter(Compression.Zstd, TestRelease.OpenPgp);
        using var output = new MemoryStream();
        writer.Write(source, SourceTarball.Build(source, Compression.FastXz), output);
        return new DnfPackage(writer.FileName(source), output.ToArray());
    }

    internal static DnfRepository RepositoryAt(string folder) =>
        new(new DnfRepositoryOptions("tdx-module", "TDX module firmware", $"file://{folder}", TestRelease.Later, Compression.Gzip),
            TestRelease.OpenPgp);

    private void Publish(params DnfPackage[] packages) => RepositoryAt(Repository).Publish(Repository, packages);
}
