using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Oci;
using TdxRelease.Packages.Rpm;
using TdxRelease.Repositories;
using static TdxRelease.Fuzz.Contract;

namespace TdxRelease.Fuzz.Targets;

/// <summary>Packages, and the indexes of repositories.</summary>
internal static class PackageTargets
{
    public static bool Debs(byte[] bytes)
    {
        var control = DebReader.ReadControl(bytes, "fuzz.deb", ArchiveTargets.Limits);
        Require(control.Fields.Count > 0, "a control file without a field is taken");
        return DebReader.ReadWritten(bytes, "fuzz.deb", ArchiveTargets.Limits).Data.Count > 0;
    }

    /// <summary>The header is read whether or not the digests fit, then the package as the audit reads it.</summary>
    public static bool Rpms(byte[] bytes)
    {
        var package = RpmReader.Read(bytes, "fuzz.rpm");
        _ = Quiet(() => package.Files.Count) + Quiet(() => package.Nevr.Length);
        _ = Quiet(() => package.Signature is { } signature ? signature.Length : 0);
        return package.Verify(ArchiveTargets.Limits).Count > 0 && package.VerifyWritten().Count > 0;
    }

    /// <summary>The name says that nothing is compressed, so that mutations reach the archive.</summary>
    public static bool ArchPackages(byte[] bytes)
    {
        var package = ArchReader.Read(bytes, "fuzz.pkg.tar", ArchiveTargets.Limits);
        Require(package.One("pkgname").Length > 0 || package.All("pkgname").Any(), "a package without a name is taken");
        return Quiet(() => ArchReader.ReadWritten(bytes, "fuzz.pkg.tar").Content.Count) > 0;
    }

    public static bool ControlFiles(byte[] bytes) => Deb822.Parse(Deb822.Text(bytes, "fuzz"), "fuzz").Count > 0;

    public static bool DnfIndexes(byte[] bytes) =>
        Quiet(() => DnfRepomd.Read(bytes, "fuzz").Count) + Quiet(() => DnfRepomd.ReadPrimary(bytes, "fuzz").Count) > 0;

    /// <summary>
    /// Parts that a NUL separates: blobs, and last the index. <c>@N</c> in a later part stands for the digest of blob N and
    /// <c>"#N"</c> for its length, so that mutations of a blob do not end at its digest.
    /// </summary>
    public static bool OciLayouts(byte[] bytes)
    {
        using var folder = new ScratchFolder();
        var parts = Encoding.Latin1.GetString(bytes).Split('\0').Take(10).ToList();
        Directory.CreateDirectory(folder["blobs/sha256"]);
        for (var i = 0; i < parts.Count; i++)
        {
            var content = Encoding.Latin1.GetBytes(parts[i]);
            var digest = Convert.ToHexStringLower(SHA256.HashData(content));
            File.WriteAllBytes(folder[i == parts.Count - 1 ? "index.json" : $"blobs/sha256/{digest}"], content);
            for (var j = i + 1; j < parts.Count; j++)
            {
                parts[j] = parts[j].Replace(string.Create(CultureInfo.InvariantCulture, $"@{i}"), digest, StringComparison.Ordinal)
                    .Replace($"\"#{i}\"", content.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            }
        }

        File.WriteAllText(folder["oci-layout"], "{\"imageLayoutVersion\":\"1.0.0\"}");
        var bundle = OciLayoutReader.Read(folder.Path);
        Require(bundle.Files.All(f => SafePath.IsSafe(f.Path)), "an unsafe path is taken");
        _ = OciLayoutReader.Compare(folder.Path, bundle, "fuzz", DateTimeOffset.UnixEpoch);
        return true;
    }

    private static int Quiet(Func<int> read)
    {
        try
        {
            return read();
        }
        catch (TdxException)
        {
            return 0;
        }
    }
}
