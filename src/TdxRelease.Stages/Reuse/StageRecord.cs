using System.Text.Json;
using System.Text.Json.Serialization;

namespace TdxRelease.Stages.Reuse;

/// <summary>A line that a stage says.</summary>
/// <param name="Text">One line.</param>
/// <param name="Warning">Worth a look.</param>
public sealed record StageLine(string Text, bool Warning = false);

/// <summary>What a stage was given, what it left and what it said, the last time it succeeded.</summary>
/// <param name="Format">Always <see cref="FormatName"/>.</param>
/// <param name="Inputs">By name; values are hashes or plain options, never secrets.</param>
/// <param name="Outputs">Files of its folder; null for a stage that leaves none.</param>
/// <param name="Lines">In order.</param>
internal sealed record StageRecord(string Format, SortedDictionary<string, string> Inputs, IReadOnlyList<OutputFile>? Outputs, IReadOnlyList<StageLine> Lines)
{
    public const string FormatName = "tdxrel-stage/1";

    /// <summary>Reads a record; null where there is none or it is not, byte for byte, one that was written here.</summary>
    public static StageRecord? TryRead(string path)
    {
        try
        {
            return SealedFile.TryRead(path) is { } json && JsonSerializer.Deserialize(json, StageJson.Default.StageRecord) is { Format: FormatName } record ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it, at once or not at all.</summary>
    /// <exception cref="Modules.Findings.TdxException">Exit 6.</exception>
    public void Write(string path) => SealedFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, StageJson.Default.StageRecord));
}

/// <summary>The record as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StageRecord))]
[JsonSerializable(typeof(SavedVerdict))]
internal sealed partial class StageJson : JsonSerializerContext;
