using System.Globalization;
using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>
/// The committed numbers that hardly depend on the machine: bytes that kernels allocate, and ratios between programs of one run.
/// </summary>
internal static class Baseline
{
    /// <summary>How far a number may move before it is worth a word.</summary>
    private const double Tolerance = 0.20;

    /// <summary>One line a number that moved, or that only one side has.</summary>
    public static IReadOnlyList<string> Compare(string path, IReadOnlyDictionary<string, double> now)
    {
        if (!File.Exists(path))
        {
            return [$"{path} is missing: run again with --update-baseline"];
        }

        var was = Read(path);
        List<string> warnings =
            [.. was.Keys.Except(now.Keys).Order(StringComparer.Ordinal).Select(k => $"{k}: in the baseline, not measured here")];
        foreach (var (name, value) in now.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            if (!was.TryGetValue(name, out var before))
            {
                warnings.Add($"{name}: not in the baseline");
            }
            else if (Math.Abs(value - before) > Tolerance * Math.Abs(before))
            {
                warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: was {before:0.###}, is {value:0.###}"));
            }
        }

        return warnings;
    }

    public static void Write(string path, IReadOnlyDictionary<string, double> numbers)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream,
            new JsonWriterOptions
            {
                Indented = true,
                NewLine = "\n",
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
            }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in numbers.OrderBy(n => n.Key, StringComparer.Ordinal))
            {
                json.WriteNumber(name, Math.Round(value, 3));
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        File.WriteAllBytes(path, stream.ToArray());
    }

    private static Dictionary<string, double> Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TdxException(ExitCode.BadInput, $"{path}: {e.Message.TrimEnd('.')}", inner: e);
        }
    }
}
