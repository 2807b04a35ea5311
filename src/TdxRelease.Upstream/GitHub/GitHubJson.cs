using System.Text.Json.Serialization;

namespace TdxRelease.Upstream.GitHub;

// Answers of someone else's API: only what is needed is read, new keys are no error.
internal sealed record CommitAnswer([property: JsonPropertyName("sha")] string? Sha);

internal sealed record ReleaseAnswer(
    [property: JsonPropertyName("tag_name")] string? Tag,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("published_at")] DateTimeOffset? Published,
    [property: JsonPropertyName("body")] string? Body,
    [property: JsonPropertyName("draft")] bool Draft);

[JsonSerializable(typeof(CommitAnswer))]
[JsonSerializable(typeof(ReleaseAnswer[]))]
internal sealed partial class GitHubJson : JsonSerializerContext;
