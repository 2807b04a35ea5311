using TdxRelease.Archives;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Oci;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.Audit;

/// <summary>Gets the files of a bundle out of what a user has. Everything is bounded, and nothing is unpacked to disk.</summary>
internal static class Containers
{
    /// <summary>The longest archive or package taken.</summary>
    public const long MaxArchive = 1L << 30;

    private const int MaxFiles = 20_000;
    private const string Installed = DistributionFormat.FirmwareFolder + "/";
    private const string LicenseFolder = "usr/share/licenses/";

    /// <summary>The format that a path's file name says, or null; source packages hold no bundle.</summary>
    public static PackageFormat? FormatOf(string path) => PackageFormats.OfFile(path);

    /// <summary>The name of that format.</summary>
    public static string? KindOf(string path) => FormatOf(path)?.Name;

    /// <summary>Opens an archive or package.</summary>
    /// <param name="name">File name; its ending decides the kind.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="signature">A detached OpenPGP signature over it, or null.</param>
    /// <param name="verifier">Whose package signatures are accepted, or null where nobody is known.</param>
    /// <param name="findings">Signatures that do not hold.</param>
    /// <exception cref="TdxException">Exit 3: damaged, hostile, or not in the form that a release has; exit 4: a digest does not
    /// hold.</exception>
    public static Container Open(string name, ReadOnlyMemory<byte> bytes, byte[]? signature, IDetachedVerifier? verifier,
        List<Finding> findings)
    {
        var format = FormatOf(name) ?? throw new TdxException(ExitCode.BadInput, $"{name}: want {PackageFormats.Wanted}");
        var signed = signature is not null && Holds(verifier, bytes.Span, signature, name, findings)
            ? $"the signature {Path.GetFileName(name)}.sig" : null;
        var contents = format.Read(bytes, name);
        if (format is TarFormat)
        {
            return Tar(name, contents);
        }

        if (contents.Signature is { } own && Holds(verifier, contents.Signed.Span, own.Span, name, findings))
        {
            signed = contents.SignatureName;
        }

        return Package(name, format.Name, contents, signed);
    }

    /// <summary>A bundle's folder.</summary>
    public static Container Folder(string folder)
    {
        var files = new List<AuditFile>();
        Walk(folder, "", files, 0);
        return new Container(Path.GetFileName(Path.GetFullPath(folder)), "folder", [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)],
            []);
    }

    /// <summary>An OCI layout; its digests are checked, and all of it is compared with the layout that the bundle in it gives.</summary>
    /// <param name="folder">The layout.</param>
    /// <param name="name">What findings call it.</param>
    /// <param name="findings">What differs.</param>
    public static Container Oci(string folder, string name, List<Finding> findings)
    {
        var bundle = OciLayoutReader.Read(folder);
        var signed = bundle.Files.Any(f => f.Path == Manifest.SignatureName);
        string[] beside = [bundle.SigstoreBundles.Count > 0 ? "provenance" : "", bundle.Signature is not null ? "signature" : ""];
        string[] wanted = signed ? ["provenance", "signature"] : ["", ""];
        findings.AddRange(wanted.Zip(beside).Where(w => w.First != w.Second).Select(w => new Finding(AuditRules.Layout,
            signed ? $"the {w.First} that every signed bundle has beside it is missing" : $"an unsigned bundle has {w.Second} beside it",
            new Location(name))));

        // A manifest that cannot be read is refused with the bundle.
        if (bundle.Files.FirstOrDefault(f => f.Path == Manifest.FileName) is { Path: not null } file
            && Manifest.TryParse(file.Content.Span) is { } manifest)
        {
            findings.AddRange(OciLayoutReader.Compare(folder, bundle, BundleStage.VersionOf(manifest), manifest.Created)
                .Select(d => new Finding(AuditRules.Layout, d.Problem, new Location($"{name}/{d.Path}"))));
        }

        return new Container(name, bundle.Format.Name, [.. bundle.Files.Select(f => new AuditFile(f.Path, f.Content))],
            [])
        { Referrers = bundle.SigstoreBundles, Signature = bundle.Signature };
    }

    private static void Walk(string folder, string prefix, List<AuditFile> files, int depth)
    {
        FileSystemInfo[] entries = [];
        IoErrors.Reading(folder, () => entries = new DirectoryInfo(folder).GetFileSystemInfos());
        foreach (var entry in entries)
        {
            var path = prefix + entry.Name;
            SafePath.Require(path);
            if (entry.LinkTarget is not null || depth > ArchiveLimits.Default.Depth || files.Count == MaxFiles)
            {
                throw new TdxException(ExitCode.BadInput,
                    $"\"{SafePath.Printable(path)}\" is a symbolic link, too deep, or one file too many");
            }

            if (entry is DirectoryInfo)
            {
                Walk(entry.FullName, $"{path}/", files, depth + 1);
            }
            else
            {
                files.Add(new AuditFile(path, InputFile.Read(entry.FullName, MaxArchive, path)));
            }
        }
    }

    private static Container Tar(string name, PackageContents archive)
    {
        var files = archive.Entries.Where(e => e.Kind == TarEntryKind.File).ToList();
        var manifests = files.Where(e => Path.GetFileName(e.Path) == Manifest.FileName).ToList();
        if (manifests.Count != 1)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: {manifests.Count} files named {Manifest.FileName}, want one");
        }

        var root = manifests[0].Path[..^Manifest.FileName.Length];
        if (files.Find(e => !e.Path.StartsWith(root, StringComparison.Ordinal)) is { } outside)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: \"{outside.Path}\" is outside the bundle's directory \"{root}\"");
        }

        IReadOnlyList<AuditFile> bundle =
            [.. files.Select(e => new AuditFile(e.Path[root.Length..], e.Content)).OrderBy(f => f.Path, StringComparer.Ordinal)];
        BundleStage.RequireTar(archive.Signed, bundle, Manifest.Parse(manifests[0].Content.Span, $"{name}: {Manifest.FileName}"), name);
        return new Container(name, "tar", bundle,
            [])
        { CoveredBy = "the archive is byte for byte the one that the manifest gives, compression aside" };
    }

    // The bundle is the installed folder; licences lie where the distribution wants them and count as the bundle's where it lacks them.
    private static Container Package(string name, string kind, PackageContents contents, string? signed)
    {
        var files = new List<AuditFile>();
        var outside = new List<TarEntry>();
        foreach (var entry in contents.Entries.Where(e => e.Kind != TarEntryKind.Folder))
        {
            if (!entry.Path.StartsWith(Installed, StringComparison.Ordinal))
            {
                outside.Add(entry);
            }
            else if (entry.Kind == TarEntryKind.SymbolicLink)
            {
                throw new TdxException(ExitCode.BadInput,
                    $"{name}: \"{SafePath.Printable(entry.Path)}\" is a symbolic link inside the bundle");
            }
            else
            {
                files.Add(new AuditFile(entry.Path[Installed.Length..], entry.Content));
            }
        }

        foreach (var license in outside.Where(e => e.Path.StartsWith(LicenseFolder, StringComparison.Ordinal)
            && e.Kind == TarEntryKind.File).ToList())
        {
            var path = Path.GetFileName(license.Path);
            if (path is UpstreamLayout.BinariesLicense or UpstreamLayout.License && !files.Exists(f => f.Path == path))
            {
                files.Add(new AuditFile(path, license.Content));
                outside.Remove(license);
            }
        }

        return new Container(name, kind, files, [.. contents.Metadata, .. outside.Select(e => e.Path)])
        {
            CoveredBy = signed,
            Version = contents.Version
        };
    }

    // False, without a finding, where nobody knows whose signature it should be.
    private static bool Holds(IDetachedVerifier? verifier, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature, string name,
        List<Finding> findings)
    {
        if (verifier is null)
        {
            return false;
        }

        var result = verifier.VerifyDetached(content, signature);
        if (!result.IsGood || !RsaOpenPgpVerifier.IsRigid(signature))
        {
            findings.Add(new Finding(AuditRules.PackageSignature,
                result.IsGood ? "the signature has bytes that are not protected by it" : result.Message, new Location(name)));
            return false;
        }

        return true;
    }
}
