using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>What the last run of Stryker over a whole area found.</summary>
/// <param name="Commit">The commit that was measured.</param>
/// <param name="Date">The day, such as 2026-11-27.</param>
/// <param name="Changes">How many changes were made.</param>
/// <param name="Noticed">How many of them a test noticed.</param>
/// <param name="Equivalent">How many of the others are named in equivalents.json.</param>
internal sealed record MeasuredArea(string Commit, string Date, int Changes, int Noticed, int Equivalent)
{
    /// <summary>Noticed changes of a hundred that change something.</summary>
    [JsonIgnore]
    public double Score => Changes == Equivalent ? 100 : 100.0 * Noticed / (Changes - Equivalent);
}

/// <summary>What the longest run of afl-fuzz over a parser did.</summary>
/// <param name="Date">The day, such as 2026-11-27.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Executions">Inputs that the parser was given.</param>
/// <param name="Edges">Ways from one block of the program to the next that were taken.</param>
/// <param name="Inputs">Inputs that each took a way that none before it had.</param>
internal sealed record MeasuredParser(string Date, long Seconds, long Executions, long Edges, long Inputs);

/// <summary>The files of tests/measured: what runs found that are too long for CI, by area or parser.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Dictionary<string, MeasuredArea>))]
[JsonSerializable(typeof(Dictionary<string, MeasuredParser>))]
internal sealed partial class Measurements : JsonSerializerContext
{
    /// <summary>Today, as the files write it.</summary>
    public static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Where a file lies.</summary>
    /// <param name="checkout">The root of the checkout.</param>
    /// <param name="name">mutation or fuzzing.</param>
    public static string PathOf(string checkout, string name) => Path.Combine(checkout, "tests", "measured", $"{name}.json");

    /// <summary>Reads a file.</summary>
    /// <exception cref="TdxException">Exit 1: it is not there, or no such file.</exception>
    public static Dictionary<string, T> Read<T>(string path, JsonTypeInfo<Dictionary<string, T>> type)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), type)!;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new TdxException(ExitCode.InternalError, $"\"{path}\" is no record of measurements: {e.Message.TrimEnd('.')}", inner: e);
        }
    }

    /// <summary>Writes a file, sorted by name.</summary>
    public static void Write<T>(string path, Dictionary<string, T> measured, JsonTypeInfo<Dictionary<string, T>> type)
    {
        var sorted = measured.OrderBy(each => each.Key, StringComparer.Ordinal).ToDictionary();
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(sorted, type) + "\n"));
    }
}
