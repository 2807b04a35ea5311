using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Repositories;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>Two releases of the sample package in every format, built once for all tests of this folder.</summary>
public sealed class PackagesFixture : IDisposable
{
    private readonly TempFolder temp = new();

    public PackagesFixture()
    {
        // apt drops privileges to read repositories: everyone may enter.
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        Old = Packages(SamplePackage.Spec("20250811"));
        New = Packages(SamplePackage.Spec());
        foreach (var package in Old.Concat(New))
        {
            File.WriteAllBytes(temp[package.FileName], package.Content.ToArray());
        }
    }

    internal string Folder => temp.Path;

    internal IReadOnlyList<RepositoryPackage> Old { get; }

    internal IReadOnlyList<RepositoryPackage> New { get; }

    internal string Deb => temp[New[0].FileName];

    internal string Arch => temp[New[1].FileName];

    internal string Tar => temp[New[2].FileName];

    internal string Path(string relative) => temp[relative];

    internal static RepositoryPackage Package(IPackageWriter writer, PackageSpec spec)
    {
        using var stream = new MemoryStream();
        writer.Write(spec, stream);
        return new RepositoryPackage(writer.FileName(spec), stream.ToArray());
    }

    private static RepositoryPackage[] Packages(PackageSpec spec) =>
    [
        Package(new DebWriter(Compression.Xz, signer: TestRelease.OpenPgp), spec),
        Package(new ArchWriter(Compression.Xz), spec),
        Package(new TarPackageWriter(Compression.Xz), spec),
    ];

    public void Dispose() => temp.Dispose();
}
