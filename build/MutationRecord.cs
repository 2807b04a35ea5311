using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>What the last run over a whole area found.</summary>
/// <param name="Commit">The commit that was measured.</param>
/// <param name="Date">The day, such as 2026-11-27.</param>
/// <param name="Changes">How many changes were made.</param>
/// <param name="Noticed">How many of them a test noticed.</param>
/// <param name="Equivalent">How many of the others are named in equivalents.json.</param>
internal sealed record MeasuredArea(string Commit, string Date, int Changes, int Noticed, int Equivalent)
{
    /// <summary>Noticed changes of a hundred that change something.</summary>
    public double Score => 100.0 * Noticed / Math.Max(1, Changes - Equivalent);
}

/// <summary>tests/mutation/measured.json: the last whole run over each area, written by the task Mutate.</summary>
/// <param name="Areas">By the area's name.</param>
internal sealed record MutationRecord(SortedDictionary<string, MeasuredArea> Areas)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads the record.</summary>
    /// <exception cref="TdxException">Exit 1: it is none.</exception>
    public static MutationRecord Read(string path)
    {
        try
        {
            var areas = JsonNode.Parse(File.ReadAllText(path))!.AsObject().ToDictionary(a => a.Key, a => new MeasuredArea(
                (string)a.Value!["commit"]!, (string)a.Value["date"]!, (int)a.Value["changes"]!, (int)a.Value["noticed"]!,
                (int)a.Value["equivalent"]!));
            return new MutationRecord(new SortedDictionary<string, MeasuredArea>(areas, StringComparer.Ordinal));
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new TdxException(ExitCode.InternalError, $"\"{path}\" is no record of mutation testing: {e.Message.TrimEnd('.')}",
                inner: e);
        }
    }

    /// <summary>Writes it, areas sorted by name.</summary>
    public void Write(string path) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(new JsonObject(Areas.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)new JsonObject
        {
            ["commit"] = a.Value.Commit,
            ["date"] = a.Value.Date,
            ["changes"] = a.Value.Changes,
            ["noticed"] = a.Value.Noticed,
            ["equivalent"] = a.Value.Equivalent,
        }))).ToJsonString(Indented) + "\n"));
}
