using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Packages.Oci;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Release.Provenance;
using TdxRelease.Repositories;
using TdxRelease.Signing.Checksums;

namespace TdxRelease.Release.Rebuild;

/// <summary>Holds a rebuilt release against what was published.</summary>
/// <param name="statement">The provenance's statement, with the hashes of what was published.</param>
/// <param name="provenance">Its predicate.</param>
/// <param name="bundle">The bundle, built again.</param>
internal sealed class RebuildComparison(Statement statement, SlsaProvenance provenance, Bundle bundle)
{
    private readonly List<string> same = [];
    private readonly List<RebuildDifference> differences = [];

    public IReadOnlyList<string> Same => same;

    public IReadOnlyList<RebuildDifference> Differences => differences;

    /// <summary>Builds every published form again and compares each subject, and with a folder every other file too.</summary>
    public void Whole(PackageRequest request, string? against)
    {
        var scratch = Directory.CreateTempSubdirectory("tdxrel-rebuild-").FullName;
        try
        {
            using var folder = new AtomicFolder(Path.Combine(scratch, "out"));
            PackageStage.Write(request with { Formats = Formats(against), Cold = statement.Subjects.Any(s => IsCold(s.Name)) }, folder);
            Subjects(folder.Staging, against);
            if (against is not null)
            {
                Others(folder.Staging, against);
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>
    /// Without the key: the manifest, which holds the hash of every other file, and with a folder the bundle in each published form.
    /// </summary>
    public void WithoutSignatures(string? against, Action<string> notice)
    {
        var want = provenance.Byproducts.FirstOrDefault(b => b.Name == Manifest.FileName)?.Digests.GetValueOrDefault("sha256");
        var manifest = bundle.Files.First(f => f.Path == Manifest.FileName).Content;
        Compare(Manifest.FileName, Convert.ToHexStringLower(SHA256.HashData(manifest.Span)), want ?? "not in the provenance");
        if (against is null)
        {
            notice("signatures and packages are not compared: give the key, or the published directory");
            return;
        }

        Listed(against);
        foreach (var subject in statement.Subjects.Where(s => Containers.FormatOf(s.Name) is not null
            && !OutputFolderAudit.AttestedOnly(s.Name)))
        {
            var bytes = Read(against, subject.Name);
            if (bytes is null)
            {
                differences.Add(new RebuildDifference(subject.Name, "is not in the published directory"));
                continue;
            }

            Compare(subject.Name, Convert.ToHexStringLower(SHA256.HashData(bytes)), subject.Sha256);
            var published = Containers.Open(subject.Name, bytes, null, null, []).Files.Where(f => !IsSignature(f.Path))
                .ToDictionary(f => f.Path, f => f.Content, StringComparer.Ordinal);
            CompareBundle(subject.Name, published);
        }
    }

    // What only the key can make again is at least what the list says.
    private void Listed(string against)
    {
        if (Read(against, ChecksumList.FileName) is not { } list)
        {
            differences.Add(new RebuildDifference(ChecksumList.FileName, "is not in the published directory"));
            return;
        }

        var found = FolderChecksums.Compare(against, FolderEntries.Of(against), ChecksumList.Parse(list, ChecksumList.FileName),
            OutputMarker.FileName);
        differences.AddRange(found.Select(d => new RebuildDifference(d.Path, d.Problem)));
        if (found.Count == 0)
        {
            same.Add(ChecksumList.FileName);
        }
    }

    private void CompareBundle(string container, Dictionary<string, ReadOnlyMemory<byte>> published)
    {
        foreach (var file in bundle.Files)
        {
            var path = $"{container}: {file.Path}";
            if (!published.Remove(file.Path, out var got))
            {
                differences.Add(new RebuildDifference(path, "is not in it"));
            }
            else if (got.Span.SequenceEqual(file.Content.Span))
            {
                same.Add(path);
            }
            else
            {
                differences.Add(new RebuildDifference(path, $"differs from byte {got.Span.CommonPrefixLength(file.Content.Span)} on"));
            }
        }

        differences.AddRange(published.Keys.Select(p => new RebuildDifference($"{container}: {p}", "does not come out of a rebuild")));
    }

    private void Subjects(string rebuilt, string? against)
    {
        foreach (var subject in statement.Subjects)
        {
            if (Read(rebuilt, subject.Name) is not { } bytes)
            {
                differences.Add(new RebuildDifference(subject.Name, "does not come out of a rebuild"));
                continue;
            }

            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (hash != subject.Sha256 && against is not null && Read(against, subject.Name) is { } published)
            {
                differences.Add(new RebuildDifference(subject.Name,
                    $"differs from byte {published.AsSpan().CommonPrefixLength(bytes)} on: "
                    + $"{bytes.Length} bytes rebuilt, {published.Length} published"));
                continue;
            }

            Compare(subject.Name, hash, subject.Sha256);
        }
    }

    // Repositories that older releases share lie elsewhere, and are not compared: they hold more than this release.
    private void Others(string rebuilt, string against)
    {
        var known = statement.Subjects.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var files = FolderEntries.Of(rebuilt).Files;
        differences.AddRange(FolderEntries.Of(against).Files.Except(files).Except(known).Where(p => p != OutputMarker.FileName)
            .Select(p => new RebuildDifference(p, "does not come out of a rebuild")));
        foreach (var path in files.Where(p => !known.Contains(p)))
        {
            var made = Read(rebuilt, path)!;
            if (Read(against, path) is not { } published)
            {
                differences.Add(new RebuildDifference(path, "is not in the published directory"));
            }
            else if (published.AsSpan().SequenceEqual(made))
            {
                same.Add(path);
            }
            else
            {
                differences.Add(new RebuildDifference(path, $"differs from byte {published.AsSpan().CommonPrefixLength(made)} on"));
            }
        }
    }

    // What is attested says which files there were, the published folder which other folders.
    private IReadOnlyList<PackageFormat> Formats(string? against)
    {
        var names = statement.Subjects.Select(s => s.Name).Where(n => !IsCold(n)).ToList();
        return [.. PackageFormats.All.Where(f =>
            names.Exists(n => n.StartsWith($"{f.Name}/", StringComparison.Ordinal) || Containers.FormatOf(n) == f)
            || (against is not null && f is RepositoryFormat or LayoutFormat && Directory.Exists(Path.Combine(against, f.Name))))];
    }

    private void Compare(string path, string got, string want)
    {
        if (got == want)
        {
            same.Add(path);
        }
        else
        {
            differences.Add(new RebuildDifference(path, $"SHA-256 {got}, the provenance says {want}"));
        }
    }

    private static bool IsCold(string path) => path.StartsWith($"{DistributionFormat.ColdFolder}/", StringComparison.Ordinal);

    private static bool IsSignature(string path) => path is Manifest.SignatureName or Manifest.OpenPgpSignatureName;

    private static byte[]? Read(string folder, string path)
    {
        SafePath.Require(path);
        var file = Path.Combine(folder, path);
        return FileStat.Of(file) is not null ? InputFile.Read(file, Containers.MaxArchive) : null;
    }
}
