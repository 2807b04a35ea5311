using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>What afl-fuzz did with one parser, as its own statistics say.</summary>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Executions">Inputs that the parser was given.</param>
/// <param name="PerSecond">Executions a second.</param>
/// <param name="Edges">Edges of the program that were reached.</param>
/// <param name="Inputs">Inputs that each reached something that no other had.</param>
/// <param name="Crashes">Inputs that broke the contract.</param>
/// <param name="Hangs">Inputs that took longer than the limit.</param>
internal sealed record FuzzFigures(long Seconds, long Executions, double PerSecond, long Edges, long Inputs, long Crashes, long Hangs)
{
    /// <summary>Reads a file fuzzer_stats.</summary>
    /// <exception cref="TdxException">Exit 1: there is none, or a figure is not in it.</exception>
    public static FuzzFigures Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new TdxException(ExitCode.InternalError, $"afl-fuzz left no \"{path}\"");
        }

        var values = File.ReadLines(path).Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim(), StringComparer.Ordinal);
        double Of(string key) =>
            values.TryGetValue(key, out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
            : throw new TdxException(ExitCode.InternalError, $"\"{path}\" has no number \"{key}\"");
        return new FuzzFigures((long)Of("run_time"), (long)Of("execs_done"), Of("execs_per_sec"), (long)Of("edges_found"),
            (long)Of("corpus_count"), (long)Of("saved_crashes"), (long)Of("saved_hangs"));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Executions:N0} executions ({PerSecond:N0} a second), {Edges:N0} edges, {Inputs:N0} inputs, {Crashes} crashes, {Hangs} hangs");
}
