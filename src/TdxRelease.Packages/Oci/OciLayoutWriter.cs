using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Oci;

/// <summary>
/// Writes a bundle as an OCI image layout (image-spec 1.1): a manifest with the bundle's layers, and, as its referrer, the Sigstore bundle.
/// Registries, mirrors and clusters carry it like any image. The bundle's configuration is a true, minimal image configuration, which
/// image-spec 1.1 allows beside an artifactType: tools that know images only can show the bundle.
/// </summary>
public static partial class OciLayoutWriter
{
    private static readonly byte[] EmptyConfig = "{}"u8.ToArray();

    /// <summary>Writes a layout.</summary>
    /// <param name="format">How the files become layers.</param>
    /// <param name="write">Gets each path in the layout with its bytes.</param>
    /// <param name="files">The bundle's files under their paths in the bundle.</param>
    /// <param name="tag">Tag of the bundle in the layout: up to 128 letters, digits and <c>._-</c>.</param>
    /// <param name="created">SOURCE_DATE_EPOCH, the created annotation.</param>
    /// <param name="sigstoreBundle">The provenance to attach, or null for none.</param>
    /// <param name="sign">Signs the payload of an <see cref="ImageSignature"/>; null leaves the bundle's manifest unsigned.</param>
    /// <returns>Digest of the bundle's manifest, <c>sha256:…</c>: what users pin.</returns>
    /// <exception cref="TdxException">Exit 3: a bad tag, an unsafe path, a path twice, no files; exit 6.</exception>
    public static string Write(
        LayoutFormat format,
        Action<string, ReadOnlySpan<byte>> write,
        IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files,
        string tag,
        DateTimeOffset created,
        ReadOnlyMemory<byte>? sigstoreBundle,
        Func<byte[], byte[]>? sign = null)
    {
        if (!TagPattern().IsMatch(tag))
        {
            throw new TdxException(ExitCode.BadInput,
                $"OCI tag \"{SafePath.Printable(tag)}\": want up to 128 letters, digits and ._- that begin with none of .-");
        }

        var blobs = new Blobs(write);
        var time = created.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        List<OciDescriptor> layers = [.. format.Layers(Sorted(files), created).Select(blobs.Add)];
        var bundle = Manifest(blobs, format.ArtifactType, Config(blobs, layers, time), layers, time, subject: null);
        List<OciDescriptor> manifests = [Annotated(bundle, OciTypes.RefName, tag)];
        if (sign is not null)
        {
            var payload = ImageSignature.PayloadOf(bundle.Digest);
            var layer = Annotated(blobs.Add(payload, OciTypes.Payload), OciTypes.Signature, Convert.ToBase64String(sign(payload)));
            manifests.Add(Annotated(Manifest(blobs, null, Config(blobs, [layer], time), [layer], time, subject: null), OciTypes.RefName,
                ImageSignature.TagOf(bundle.Digest)));
        }

        if (sigstoreBundle is { } provenance)
        {
            var layer = blobs.Add(provenance.Span, OciTypes.Sigstore);
            var referrer = Manifest(blobs, OciTypes.Sigstore, blobs.Add(EmptyConfig, OciTypes.Empty), [layer], time,
                bundle with { ArtifactType = null });
            manifests.AddRange(Referrers(blobs, referrer, bundle.Digest));
        }

        write("oci-layout", JsonSerializer.SerializeToUtf8Bytes(new OciLayout { ImageLayoutVersion = "1.0.0" }, OciJson.Plain.OciLayout));
        write("index.json", Index(manifests));
        return bundle.Digest;
    }

    private static List<(string Path, ReadOnlyMemory<byte> Content)> Sorted(
        IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files)
    {
        if (files.Count == 0)
        {
            throw new TdxException(ExitCode.BadInput, "OCI layout: no files to write");
        }

        var sorted = files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        sorted.ForEach(f => SafePath.Require(f.Path));
        return sorted.Zip(sorted.Skip(1)).FirstOrDefault(pair => pair.First.Path == pair.Second.Path) is { First.Path: { } twice }
            ? throw new TdxException(ExitCode.BadInput, $"OCI layout: \"{twice}\" comes twice")
            : sorted;
    }

    private static OciDescriptor Config(Blobs blobs, IReadOnlyList<OciDescriptor> layers, string created)
    {
        var image = new OciImageConfig
        {
            Created = created,
            Architecture = "amd64",
            Os = "linux",
            RootFs = new OciRootFs { Type = "layers", DiffIds = [.. layers.Select(l => l.Digest)] },
        };
        return blobs.Add(Json(image, OciJson.Plain.OciImageConfig), OciTypes.ImageConfig);
    }

    private static OciDescriptor Annotated(OciDescriptor blob, string key, string value) =>
        blob with { Annotations = new(StringComparer.Ordinal) { [key] = value } };

    private static OciDescriptor Manifest(
        Blobs blobs, string? type, OciDescriptor config, IReadOnlyList<OciDescriptor> layers, string created, OciDescriptor? subject)
    {
        var manifest = new OciManifest
        {
            SchemaVersion = 2,
            MediaType = OciTypes.Manifest,
            ArtifactType = type,
            Config = config,
            Layers = [.. layers],
            Subject = subject,
            Annotations = new(StringComparer.Ordinal) { [OciTypes.Created] = created },
        };
        return blobs.Add(Json(manifest, OciJson.Plain.OciManifest), OciTypes.Manifest) with { ArtifactType = type };
    }

    /// <summary>
    /// The referrer itself, and the index under the tag <c>sha256-HEX</c> by which registries and tools without the referrers API find it
    /// (distribution-spec 1.1, "Referrers Tag Schema").
    /// </summary>
    private static IEnumerable<OciDescriptor> Referrers(Blobs blobs, OciDescriptor referrer, string subject)
    {
        var index = blobs.Add(Index([referrer]), OciTypes.Index);
        yield return referrer;
        yield return Annotated(index, OciTypes.RefName, subject.Replace(':', '-'));
    }

    private static byte[] Index(IReadOnlyList<OciDescriptor> manifests) =>
        Json(new OciIndex { SchemaVersion = 2, MediaType = OciTypes.Index, Manifests = manifests }, OciJson.Plain.OciIndex);

    private static byte[] Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\\z")]
    private static partial Regex TagPattern();

    /// <summary>The content-addressed store: equal contents are written once.</summary>
    private sealed class Blobs(Action<string, ReadOnlySpan<byte>> write)
    {
        private readonly HashSet<string> written = new(StringComparer.Ordinal);

        public OciDescriptor Add(OciLayer layer) => Add(layer.Content.Span, layer.MediaType) is var blob && layer.Title is { } title
            ? Annotated(blob, OciTypes.Title, title)
            : blob;

        public OciDescriptor Add(ReadOnlySpan<byte> content, string mediaType)
        {
            var hex = Convert.ToHexStringLower(SHA256.HashData(content));
            if (written.Add(hex))
            {
                write($"blobs/sha256/{hex}", content);
            }

            return new OciDescriptor { MediaType = mediaType, Digest = $"sha256:{hex}", Size = content.Length };
        }
    }
}
