using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Signing;

namespace TdxRelease.Release.Packaging;

/// <summary>The host updater's files, as every package carries them. Their source is src/host.</summary>
internal static class HostProgram
{
    /// <summary>
    /// The systemd units that an administrator enables; none ships enabled. The timer starts a third one that only reports.
    /// </summary>
    public static IReadOnlyList<string> Units { get; } = ["tdx-module-update.service", "tdx-module-report.timer"];

    private const int Executable = 0x1ED;

    /// <summary>File name of its licence.</summary>
    public const string License = $"LICENSE.{Name}";

    /// <summary>What it is called.</summary>
    public const string Name = "tdx-module-update";

    /// <summary>Whether the path is that of the updater's own licence, which is not Intel's.</summary>
    public static bool IsLicense(string path) => Path.GetFileName(path) == License;

    /// <summary>The files.</summary>
    /// <param name="package">Name of the package.</param>
    /// <param name="programs">Folder of system programs: <c>usr/sbin</c>, or <c>usr/bin</c> where that is a link.</param>
    /// <param name="signer">Whose public halves the updater trusts; none in an unsigned package.</param>
    public static IEnumerable<PackageFile> Files(string package, string programs, ReleaseSigner? signer)
    {
        yield return new PackageFile($"usr/share/licenses/{package}/{License}", Resource("LICENSE"), Role: FileRole.License);
        yield return new PackageFile($"{programs}/{Name}", Resource("tdx-module-update"), Executable);
        foreach (var unit in Units.Append("tdx-module-report.service"))
        {
            yield return new PackageFile($"usr/lib/systemd/system/{unit}", Resource(unit));
        }

        yield return new PackageFile("usr/share/tdx-module-update/tdx-module.rules.yml", Resource("tdx-module-update.rules.yml"));
        yield return new PackageFile("usr/share/man/man8/tdx-module-update.8.gz",
            Compressor.Compress(Resource("tdx-module-update.8"), Compression.Gzip), Role: FileRole.Documentation);
        yield return new PackageFile("usr/share/bash-completion/completions/tdx-module-update",
            Resource("tdx-module-update.bash-completion"));
        yield return new PackageFile("etc/tdx-module-update/config", Resource("tdx-module-update.conf"), Role: FileRole.Configuration);
        yield return PackageFile.Folder("etc/tdx-module-update/pre.d");
        yield return PackageFile.Folder("etc/tdx-module-update/post.d");
        if (signer is not null)
        {
            yield return new PackageFile("usr/share/tdx-module-update/release.pem",
                System.Text.Encoding.ASCII.GetBytes(signer.Rsa.PublicKey.ToPem()));
        }

        if (signer?.OpenPgp is { } openPgp)
        {
            yield return new PackageFile("usr/share/tdx-module-update/release.pgp", openPgp.Certificate);
        }
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(HostProgram).Assembly.GetManifestResourceStream($"host/{name}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
