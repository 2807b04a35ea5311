using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TdxRelease.Bundles.Archives;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Oci;

/// <summary>A bundle read from an OCI layout.</summary>
/// <param name="Digest">Digest of its manifest, <c>sha256:…</c>.</param>
/// <param name="Created">The created annotation as written.</param>
/// <param name="Files">Files sorted by path.</param>
/// <param name="SigstoreBundles">What refers to the bundle: Sigstore bundles, in the index's order.</param>
/// <param name="Blobs">Digests of every blob that was read for it, without <c>sha256:</c>.</param>
public sealed record OciBundle(string Digest, string? Created, IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> Files, IReadOnlyList<byte[]> SigstoreBundles, IReadOnlySet<string> Blobs);

/// <summary>Reads a bundle from an OCI layout: every blob that is used is checked for its digest and length, every path for safety.</summary>
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
    /// <param name="memo">What was hashed before, or null.</param>
    /// <exception cref="TdxException">Exit 3: malformed, unsafe paths, unknown JSON keys; exit 4: a digest or length differs; exit 6: unreadable.</exception>
    public static OciBundle Read(string folder, string? tag = null, ContentMemo? memo = null)
    {
        memo ??= ContentMemo.None;
        var layout = Parse(InputFile.Read(Path.Combine(folder, "oci-layout"), MaxJson), OciJson.Default.OciLayout, $"{folder}/oci-layout");
        Require(layout.ImageLayoutVersion == "1.0.0", $"{folder}/oci-layout: version \"{SafePath.Printable(layout.ImageLayoutVersion)}\", want 1.0.0");
        var index = Parse(InputFile.Read(Path.Combine(folder, "index.json"), MaxJson), OciJson.Default.OciIndex, $"{folder}/index.json");
        Require(index.SchemaVersion == 2 && index.Manifests.Count <= MaxEntries, $"{folder}/index.json: schema {index.SchemaVersion} with {index.Manifests.Count} manifests, want schema 2 and at most {MaxEntries}");

        Require(!index.Manifests.Contains(null!), $"{folder}/index.json: a manifest is null");

        var manifests = Manifests(folder, index, memo);
        var bundles = manifests.Where(m => m.Manifest.ArtifactType == OciTypes.Bundle && (tag is null || Annotation(m.Descriptor, OciTypes.RefName) == tag)).ToList();
        if (bundles.Count != 1)
        {
            throw new TdxException(ExitCode.BadInput, $"{folder}/index.json: {bundles.Count} bundles{(tag is null ? "" : $" with the tag \"{SafePath.Printable(tag)}\"")}, want one");
        }

        var (descriptor, manifest) = bundles[0];
        var referrers = manifests.Where(m => m.Manifest.ArtifactType == OciTypes.Sigstore && m.Manifest.Subject is { } s && s.Digest == descriptor.Digest && s.Size == descriptor.Size).ToList();
        var blobs = index.Manifests.Where(d => d.MediaType == OciTypes.Index)
            .Concat(referrers.Append(bundles[0]).SelectMany(m => m.Manifest.Layers.Append(m.Manifest.Config).Append(m.Descriptor)))
            .Select(d => d.Digest["sha256:".Length..]).ToHashSet(StringComparer.Ordinal);
        var provenance = referrers
            .Select(m => m.Manifest.Layers is [var layer] ? Blob(folder, layer, MaxJson, memo) : throw new TdxException(ExitCode.BadInput, $"{m.Descriptor.Digest}: a Sigstore referrer with {m.Manifest.Layers.Count} layers, want one"));
        return new OciBundle(descriptor.Digest, manifest.Annotations?.GetValueOrDefault(OciTypes.Created), Files(folder, descriptor.Digest, manifest, memo), [.. provenance], blobs);
    }

    /// <summary>The files of a layout that a bundle in it does not need: other artifacts, blobs that nothing names, foreign files and links. Relative paths, sorted.</summary>
    /// <exception cref="TdxException">Exit 6: unreadable.</exception>
    public static IReadOnlyList<string> Strays(string folder, OciBundle bundle)
    {
        try
        {
            return
            [
                .. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = 8 })
                    .Where(e => e is FileInfo || e.LinkTarget is not null)
                    .Select(e => SafePath.Printable(Path.GetRelativePath(folder, e.FullName)))
                    .Where(p => p is not ("oci-layout" or "index.json") && !(p.StartsWith(BlobFolder, StringComparison.Ordinal) && bundle.Blobs.Contains(p[BlobFolder.Length..])))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Reading(folder, e);
        }
    }

    private static List<(OciDescriptor Descriptor, OciManifest Manifest)> Manifests(string folder, OciIndex index, ContentMemo memo)
    {
        var manifests = new List<(OciDescriptor, OciManifest)>();
        foreach (var descriptor in index.Manifests)
        {
            if (descriptor.MediaType != OciTypes.Manifest)
            {
                Require(descriptor.MediaType == OciTypes.Index, $"{folder}/index.json: media type \"{SafePath.Printable(descriptor.MediaType)}\", want a manifest or an index");
                _ = Blob(folder, descriptor, MaxJson, memo);
                continue;
            }

            var manifest = Parse(Blob(folder, descriptor, MaxJson, memo), OciJson.Default.OciManifest, descriptor.Digest);
            Require(!manifest.Layers.Contains(null!), $"{descriptor.Digest}: a layer is null");
            Require(
                manifest.SchemaVersion == 2 && manifest.MediaType == OciTypes.Manifest && manifest.Layers.Count <= MaxEntries && manifest.Config.MediaType is OciTypes.Empty or OciTypes.ImageConfig,
                $"{descriptor.Digest}: schema {manifest.SchemaVersion}, {manifest.Layers.Count} layers, config \"{SafePath.Printable(manifest.Config.MediaType)}\": not an artifact manifest that is taken");
            _ = Blob(folder, manifest.Config, MaxJson, memo);
            manifests.Add((descriptor, manifest));
        }

        return manifests;
    }

    private static List<(string Path, ReadOnlyMemory<byte> Content)> Files(string folder, string digest, OciManifest manifest, ContentMemo memo)
    {
        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var buffer = Array.Empty<byte>();
        var total = 0L;
        foreach (var layer in manifest.Layers)
        {
            var path = Annotation(layer, OciTypes.Title) ?? throw new TdxException(ExitCode.BadInput, $"{digest}: layer {SafePath.Printable(layer.Digest)} has no {OciTypes.Title}");
            SafePath.Require(path);
            total += Math.Max(0, Math.Min(layer.Size, MaxBlob));
            Require(total <= MaxTotal, $"{digest}: layers of more than {MaxTotal} bytes in all");
            Require(files.TryAdd(path, Blob(folder, layer, MaxBlob, memo, ref buffer)), $"{digest}: \"{path}\" comes twice");
        }

        return [.. files.Select(f => (f.Key, f.Value))];
    }

    private static byte[] Blob(string folder, OciDescriptor descriptor, long limit, ContentMemo memo)
    {
        var buffer = Array.Empty<byte>();
        return Blob(folder, descriptor, limit, memo, ref buffer).ToArray();
    }

    // The buffer takes one blob after the other; what is given back is not part of it.
    private static ReadOnlyMemory<byte> Blob(string folder, OciDescriptor descriptor, long limit, ContentMemo memo, ref byte[] buffer)
    {
        var digest = descriptor.Digest;
        Require(
            digest.Length == 71 && digest.StartsWith("sha256:", StringComparison.Ordinal) && digest.Skip(7).All(char.IsAsciiHexDigitLower),
            $"{folder}: digest \"{SafePath.Printable(digest)}\", want sha256: and 64 lower-case hex digits");
        Require(descriptor.Size >= 0 && descriptor.Size <= limit, $"{folder}: {digest}: {descriptor.Size} bytes, at most {limit} are taken");
        var path = Path.Combine(folder, "blobs/sha256", digest[7..]);
        var content = memo.Detach(InputFile.ReadInto(path, limit, path, ref buffer).Span);
        var got = memo.Sha256(content);
        return got == digest[7..] && content.Length == descriptor.Size
            ? content
            : throw new TdxException(ExitCode.VerificationFailed, $"{folder}: blob {digest} of {descriptor.Size} bytes is sha256:{got} of {content.Length} bytes");
    }

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
