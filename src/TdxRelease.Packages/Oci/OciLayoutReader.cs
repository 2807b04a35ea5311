using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.Checksums;

namespace TdxRelease.Packages.Oci;

/// <summary>A bundle read from an OCI layout.</summary>
/// <param name="Format">How its files lie in layers.</param>
/// <param name="Files">Files sorted by path.</param>
/// <param name="SigstoreBundles">What refers to the bundle: Sigstore bundles, in the index's order.</param>
public sealed record OciBundle(LayoutFormat Format, IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> Files,
    IReadOnlyList<byte[]> SigstoreBundles)
{
    /// <summary>The signature of its manifest as cosign keeps it; null where there is none. Nobody has verified it.</summary>
    public ImageSignature? Signature { get; init; }
}

/// <summary>
/// Reads a bundle from an OCI layout: every blob that is used is checked for its digest and length, every path for safety.
/// </summary>
public static class OciLayoutReader
{
    private const int MaxJson = 4 << 20;
    private const long MaxBlob = 64 << 20;
    private const long MaxTotal = 1L << 30;
    private const int MaxEntries = 10_000;
    private const string BlobFolder = "blobs/sha256/";

    /// <summary>Reads the bundle with a tag, or the only bundle of the layout.</summary>
    /// <param name="folder">The layout.</param>
    /// <param name="tag">The tag; null where the layout holds one bundle.</param>
    /// <exception cref="TdxException">Exit 3: malformed, unsafe paths, unknown JSON keys; exit 4: a digest or length differs, or a blob is
    /// missing; exit 6: unreadable.</exception>
    public static OciBundle Read(string folder, string? tag = null)
    {
        var layout = Parse(Required(folder, "oci-layout"), OciJson.Default.OciLayout, $"{folder}/oci-layout");
        Require(layout.ImageLayoutVersion == "1.0.0",
            $"{folder}/oci-layout: version \"{SafePath.Printable(layout.ImageLayoutVersion)}\", want 1.0.0");
        var index = Parse(Required(folder, "index.json"), OciJson.Default.OciIndex, $"{folder}/index.json");
        Require(index.SchemaVersion == 2 && index.Manifests.Count <= MaxEntries,
            $"{folder}/index.json: schema {index.SchemaVersion} with {index.Manifests.Count} manifests, "
            + $"want schema 2 and at most {MaxEntries}");

        Require(!index.Manifests.Contains(null!), $"{folder}/index.json: a manifest is null");

        var manifests = Manifests(folder, index);
        var bundles = manifests.Where(m => FormatOf(m.Manifest) is not null
            && !m.Manifest.Layers.Any(IsPayload)
            && (tag is null || Annotation(m.Descriptor, OciTypes.RefName) == tag)).ToList();
        if (bundles.Count != 1)
        {
            var tagged = tag is null ? "" : $" with the tag \"{SafePath.Printable(tag)}\"";
            throw new TdxException(ExitCode.BadInput, $"{folder}/index.json: {bundles.Count} bundles{tagged}, want one");
        }

        var (descriptor, manifest) = bundles[0];
        var referrers = manifests.Where(m =>
            m.Manifest.ArtifactType == OciTypes.Sigstore && m.Manifest.Subject is { } s && s.Digest == descriptor.Digest
            && s.Size == descriptor.Size).ToList();
        var provenance = referrers.Select(m => m.Manifest.Layers is [var layer]
            ? Blob(folder, layer, MaxJson)
            : throw new TdxException(ExitCode.BadInput,
                $"{m.Descriptor.Digest}: a Sigstore referrer with {m.Manifest.Layers.Count} layers, want one"));
        var format = FormatOf(manifest)!;
        return new OciBundle(format, Files(folder, descriptor.Digest, manifest, format), [.. provenance])
        {
            Signature = Signature(folder, descriptor.Digest, manifests),
        };
    }

    private static ImageSignature? Signature(string folder, string digest,
        List<(OciDescriptor Descriptor, OciManifest Manifest)> manifests)
    {
        var tag = ImageSignature.TagOf(digest);
        if (manifests.Find(m => Annotation(m.Descriptor, OciTypes.RefName) == tag) is not { Manifest: { } manifest })
        {
            return null;
        }

        Require(manifest.Layers is [var only] && IsPayload(only),
            $"{tag}: {manifest.Layers.Count} layers, want one of type {OciTypes.Payload}");
        var layer = manifest.Layers[0];
        var text = Annotation(layer, OciTypes.Signature) ?? "";
        var signature = new byte[text.Length];
        Require(Convert.TryFromBase64String(text, signature, out var length) && length > 0, $"{tag}: {OciTypes.Signature} is not base64");
        var payload = Blob(folder, layer, MaxJson);
        return payload.AsSpan().SequenceEqual(ImageSignature.PayloadOf(digest))
            ? new ImageSignature(payload, signature.AsMemory(0, length))
            : throw new TdxException(ExitCode.VerificationFailed, $"{tag}: what is signed does not name the image {digest}");
    }

    private static bool IsPayload(OciDescriptor layer) => layer.MediaType == OciTypes.Payload;

    private static LayoutFormat? FormatOf(OciManifest manifest) =>
        LayoutFormat.All.FirstOrDefault(f => f.ArtifactType == manifest.ArtifactType);

    /// <summary>
    /// How a layout differs from the one that is written for the bundle in it: other bytes, files that are missing, files that nothing
    /// needs.
    /// </summary>
    /// <param name="folder">The layout; blobs that were read had the bytes of their digests.</param>
    /// <param name="bundle">What was read from it.</param>
    /// <param name="tag">The tag that the bundle has.</param>
    /// <param name="created">The time that the bundle has.</param>
    /// <exception cref="TdxException">Exit 6: unreadable.</exception>
    public static IReadOnlyList<FolderDifference> Compare(string folder, OciBundle bundle, string tag, DateTimeOffset created)
    {
        var blobs = new HashSet<string>(StringComparer.Ordinal);
        var others = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        OciLayoutWriter.Write(
            bundle.Format,
            (path, content) => _ = path.StartsWith(BlobFolder, StringComparison.Ordinal) ? blobs.Add(path)
                : others.TryAdd(path, content.ToArray()),
            bundle.Files,
            tag,
            created,
            bundle.SigstoreBundles is [var provenance, ..] ? provenance : default(ReadOnlyMemory<byte>?),
            bundle.Signature is { } own ? _ => own.Signature.ToArray() : null);
        var entries = FolderEntries.Of(folder);
        var differences = new List<FolderDifference>(entries.Against([.. blobs, .. others.Keys]));
        foreach (var (path, want) in others.Where(o => entries.Files.Contains(o.Key)))
        {
            var got = InputFile.Read(Path.Combine(folder, path), MaxJson);
            if (!got.AsSpan().SequenceEqual(want))
            {
                differences.Add(new FolderDifference(path,
                    $"differs from byte {got.AsSpan().CommonPrefixLength(want)} on from the one that the bundle gives"));
            }
        }

        return differences;
    }

    private static List<(OciDescriptor Descriptor, OciManifest Manifest)> Manifests(string folder, OciIndex index)
    {
        var manifests = new List<(OciDescriptor, OciManifest)>();
        foreach (var descriptor in index.Manifests)
        {
            if (descriptor.MediaType != OciTypes.Manifest)
            {
                Require(descriptor.MediaType == OciTypes.Index,
                    $"{folder}/index.json: media type \"{SafePath.Printable(descriptor.MediaType)}\", want a manifest or an index");
                _ = Blob(folder, descriptor, MaxJson);
                continue;
            }

            var manifest = Parse(Blob(folder, descriptor, MaxJson), OciJson.Default.OciManifest, descriptor.Digest);
            Require(!manifest.Layers.Contains(null!), $"{descriptor.Digest}: a layer is null");
            Require(
                manifest.SchemaVersion == 2 && manifest.MediaType == OciTypes.Manifest && manifest.Layers.Count <= MaxEntries
                && manifest.Config.MediaType is OciTypes.Empty or OciTypes.ImageConfig,
                $"{descriptor.Digest}: schema {manifest.SchemaVersion}, {manifest.Layers.Count} layers, "
                + $"config \"{SafePath.Printable(manifest.Config.MediaType)}\": this artifact manifest is not supported");
            _ = Blob(folder, manifest.Config, MaxJson);
            manifests.Add((descriptor, manifest));
        }

        return manifests;
    }

    private static List<(string Path, ReadOnlyMemory<byte> Content)> Files(string folder, string digest, OciManifest manifest,
        LayoutFormat format)
    {
        Require(manifest.Layers.Sum(layer => Math.Clamp(layer.Size, 0, MaxBlob)) <= MaxTotal,
            $"{digest}: layers of more than {MaxTotal} bytes in all");
        var layers = manifest.Layers
            .Select(layer => new OciLayer(layer.MediaType, Annotation(layer, OciTypes.Title), Blob(folder, layer, MaxBlob))).ToList();
        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var (path, content) in format.Files(layers, digest))
        {
            SafePath.Require(path);
            Require(files.TryAdd(path, content), $"{digest}: \"{path}\" comes twice");
        }

        return [.. files.Select(f => (f.Key, f.Value))];
    }

    private static byte[] Blob(string folder, OciDescriptor descriptor, long limit)
    {
        var digest = descriptor.Digest;
        Require(
            digest.Length == 71 && digest.StartsWith("sha256:", StringComparison.Ordinal) && digest.Skip(7).All(char.IsAsciiHexDigitLower),
            $"{folder}: digest \"{SafePath.Printable(digest)}\", want sha256: and 64 lower-case hex digits");
        Require(descriptor.Size >= 0 && descriptor.Size <= limit, $"{folder}: {digest}: {descriptor.Size} bytes, the limit is {limit}");
        var path = Path.Combine(folder, BlobFolder, digest[7..]);
        if (!File.Exists(path))
        {
            throw Missing(folder, $"blob {digest}");
        }

        var content = InputFile.Read(path, limit, path);
        var got = Convert.ToHexStringLower(SHA256.HashData(content));
        return got == digest[7..] && content.Length == descriptor.Size
            ? content
            : throw new TdxException(ExitCode.VerificationFailed,
                $"{folder}: blob {digest} of {descriptor.Size} bytes is sha256:{got} of {content.Length} bytes");
    }

    private static byte[] Required(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? InputFile.Read(path, MaxJson) : throw Missing(folder, name);
    }

    private static TdxException Missing(string folder, string what) => new(ExitCode.VerificationFailed, $"{folder}: {what} is missing");

    private static string? Annotation(OciDescriptor descriptor, string key) => descriptor.Annotations?.GetValueOrDefault(key);

    private static T Parse<T>(byte[] json, JsonTypeInfo<T> type, string place)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new TdxException(ExitCode.BadInput, $"{place}: is null");
        }
        catch (JsonException e)
        {
            throw new TdxException(ExitCode.BadInput, $"{place}: {e.Message.TrimEnd('.')}", inner: e);
        }
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new TdxException(ExitCode.BadInput, message);
        }
    }
}
