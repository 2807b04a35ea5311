using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Upstream.Drift;

/// <summary>
/// One side of a comparison: what a snapshot, a lock, a bundle or a mapping
/// file says about upstream. What a side does not know is not compared.
/// </summary>
/// <param name="Name">For messages.</param>
/// <param name="Mapping">The releases; null for a lock, which has hashes only.</param>
/// <param name="Hashes">SHA-256 by path; null for a lone mapping file.</param>
/// <param name="Formats">Image format by path of the blob; empty where unknown.</param>
public sealed record DriftSide(
    string Name,
    MappingFile? Mapping,
    IReadOnlyDictionary<string, string>? Hashes,
    IReadOnlyDictionary<string, ImageFormat> Formats)
{
    private static readonly Dictionary<string, ImageFormat> Unknown = [];

    /// <summary>A snapshot; every byte of it is read.</summary>
    /// <exception cref="TdxException">Exit 3: no mapping file that can be read. Exit 4, 6: see <see cref="Snapshot.Read"/>.</exception>
    public static DriftSide Of(Snapshot snapshot)
    {
        var formats = new Dictionary<string, ImageFormat>(StringComparer.Ordinal);
        foreach (var file in snapshot.Files.Where(file => DataFiles.KindOf(file.Path) == DataFileKind.Blob))
        {
            if (Image.TryRead(snapshot.Read(file.Path), out var image))
            {
                formats.Add(file.Path, image.Format);
            }
        }

        return new DriftSide(
            snapshot.Folder,
            Read(snapshot.Read(UpstreamLayout.Mapping), $"{snapshot.Folder}/{UpstreamLayout.Mapping}"),
            snapshot.ToRecord().Files.ToDictionary(file => file.Path, file => file.Sha256!, StringComparer.Ordinal),
            formats);
    }

    /// <summary>A lock.</summary>
    public static DriftSide Of(LockFile wanted, string name) =>
        new(name, null, wanted.Files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal), Unknown);

    /// <summary>A mapping file alone.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static DriftSide OfMapping(ReadOnlyMemory<byte> utf8, string name) => new(name, Read(utf8, name), null, Unknown);

    private static MappingFile Read(ReadOnlyMemory<byte> utf8, string name)
    {
        var findings = new List<Finding>();
        return MappingReader.Read(utf8, name, Strictness.Lenient, findings)
            ?? throw new TdxException(ExitCode.BadInput,
                findings.FirstOrDefault(finding => finding.Fails)?.ToString() ?? $"{name}: is not a mapping file");
    }
}
