using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TdxRelease.Packages.Oci;

/// <summary>Media types and annotation keys of the OCI image specification 1.1 and of tdxrel.</summary>
public static class OciTypes
{
    /// <summary>Type of the artifact: a tdxrel bundle, one layer for each file.</summary>
    public const string Bundle = "application/vnd.tdxrel.bundle.v1+json";

    /// <summary>Type of the referrer and of its only layer: a Sigstore bundle.</summary>
    public const string Sigstore = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>An image manifest.</summary>
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>An image index.</summary>
    public const string Index = "application/vnd.oci.image.index.v1+json";

    /// <summary>The empty config of artifacts.</summary>
    public const string Empty = "application/vnd.oci.empty.v1+json";

    /// <summary>An image's configuration.</summary>
    public const string ImageConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>A layer of plain bytes.</summary>
    public const string File = "application/octet-stream";

    /// <summary>The payload of a signature, as cosign keeps it.</summary>
    public const string Payload = "application/vnd.dev.cosign.simplesigning.v1+json";

    /// <summary>Annotation of that layer: the signature over it, in base64.</summary>
    public const string Signature = "dev.cosignproject.cosign/signature";

    /// <summary>Annotation: path of the file in the bundle.</summary>
    public const string Title = "org.opencontainers.image.title";

    /// <summary>Annotation: time of creation, RFC 3339.</summary>
    public const string Created = "org.opencontainers.image.created";

    /// <summary>Annotation: the tag of a manifest in the layout's index.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";
}

/// <summary>Points to a blob.</summary>
internal sealed record OciDescriptor
{
    [JsonPropertyName("mediaType")]
    public required string MediaType { get; init; }

    [JsonPropertyName("digest")]
    public required string Digest { get; init; }

    [JsonPropertyName("size")]
    public required long Size { get; init; }

    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; init; }

    [JsonPropertyName("annotations")]
    public SortedDictionary<string, string>? Annotations { get; init; }
}

/// <summary>An image manifest used for an artifact (image-spec 1.1, "Guidelines for Artifact Usage").</summary>
internal sealed record OciManifest
{
    [JsonPropertyName("schemaVersion")]
    public required int SchemaVersion { get; init; }

    [JsonPropertyName("mediaType")]
    public required string MediaType { get; init; }

    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; init; }

    [JsonPropertyName("config")]
    public required OciDescriptor Config { get; init; }

    [JsonPropertyName("layers")]
    public required IReadOnlyList<OciDescriptor> Layers { get; init; }

    [JsonPropertyName("subject")]
    public OciDescriptor? Subject { get; init; }

    [JsonPropertyName("annotations")]
    public SortedDictionary<string, string>? Annotations { get; init; }
}

/// <summary>An image's configuration, with what the specification requires and the time.</summary>
internal sealed record OciImageConfig
{
    [JsonPropertyName("created")]
    public required string Created { get; init; }

    [JsonPropertyName("architecture")]
    public required string Architecture { get; init; }

    [JsonPropertyName("os")]
    public required string Os { get; init; }

    [JsonPropertyName("rootfs")]
    public required OciRootFs RootFs { get; init; }
}

/// <summary>The layers of an image before compression; here they are not compressed.</summary>
internal sealed record OciRootFs
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("diff_ids")]
    public required IReadOnlyList<string> DiffIds { get; init; }
}

/// <summary>The layout's index.json.</summary>
internal sealed record OciIndex
{
    [JsonPropertyName("schemaVersion")]
    public required int SchemaVersion { get; init; }

    [JsonPropertyName("mediaType")]
    public string? MediaType { get; init; }

    [JsonPropertyName("manifests")]
    public required IReadOnlyList<OciDescriptor> Manifests { get; init; }
}

/// <summary>The file oci-layout.</summary>
internal sealed record OciLayout
{
    [JsonPropertyName("imageLayoutVersion")]
    public required string ImageLayoutVersion { get; init; }
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(OciImageConfig))]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciLayout))]
internal sealed partial class OciJson : JsonSerializerContext
{
    /// <summary>For writing: plain <c>+</c> in media types, as every other tool writes them.</summary>
    public static OciJson Plain { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
