using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

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

    private const int MaxLength = 16 << 20;
    private const int HashLine = 65;

    /// <summary>Reads a record; null where there is none or it is not, byte for byte, one that was written here.</summary>
    public static StageRecord? TryRead(string path)
    {
        try
        {
            if (FileStat.Of(path) is null)
            {
                return null;
            }

            var bytes = InputFile.Read(path, MaxLength);
            return bytes.Length > HashLine && bytes.AsSpan(0, HashLine).SequenceEqual(Head(bytes.AsSpan(HashLine)))
                && JsonSerializer.Deserialize(bytes.AsSpan(HashLine), StageJson.Default.StageRecord) is { Format: FormatName } record
                ? record
                : null;
        }
        catch (Exception e) when (e is TdxException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it behind its own hash, at once or not at all.</summary>
    public void Write(string path)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, StageJson.Default.StageRecord);
        AtomicFile.Write(path, [.. Head(json), .. json]);
    }

    private static byte[] Head(ReadOnlySpan<byte> json) => Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(json))}\n");
}

/// <summary>The record as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StageRecord))]
internal sealed partial class StageJson : JsonSerializerContext;
