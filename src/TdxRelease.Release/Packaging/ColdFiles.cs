using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Packages;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Images;

namespace TdxRelease.Release.Packaging;

/// <summary>
/// What loads a module at boot: v1 images, which Intel's UEFI loader reads, and for each module the files of the EFI system partition as an
/// archive to unpack there
/// (docs/packaging.md). The archives keep the modules, which are ELF files, from being taken for programs of the distribution.
/// </summary>
internal static class ColdFiles
{
    /// <summary>Installed folder, without the leading slash.</summary>
    public const string Folder = "usr/lib/firmware/intel/tdx-module-cold";

    private const string Sums = "SHA256SUMS";

    /// <summary>The files, sorted.</summary>
    public static IReadOnlyList<PackageFile> Of(VerifiedSnapshot verified, DateTimeOffset time)
    {
        var files = verified.Modules.SelectMany(m => Of(verified, m, time)).OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var sums = string.Concat(
            files.Select(f => string.Create(CultureInfo.InvariantCulture,
            $"{Convert.ToHexStringLower(SHA256.HashData(f.Content.Span))}  {f.Path[(Folder.Length + 1)..]}\n")));
        return [.. files, new PackageFile($"{Folder}/{Sums}", Encoding.ASCII.GetBytes(sums))];
    }

    private static IEnumerable<PackageFile> Of(VerifiedSnapshot verified, VerifiedModule module, DateTimeOffset time)
    {
        var bytes = VerifyStage.ReadVerified(verified.Snapshot, module);
        var image = ImageWriter.Join(bytes, module.Sigstruct.Span, ImageFormat.V1);
        using var partition = new MemoryStream();
        TarWriter.WriteTree(
            partition,
            [new TarEntry("EFI/TDX/TDX-SEAM.so", bytes), new TarEntry("EFI/TDX/TDX-SEAM.so.sigstruct", module.Sigstruct.ToArray()),
                new TarEntry("EFI/TDX/TDX-BLOB", image)],
            time);
        yield return new PackageFile($"{Folder}/{module.Release.BlobPath}", image);
        yield return new PackageFile($"{Folder}/esp/tdx_module_{module.Release.Spelling}.tar", partition.ToArray());
    }
}
