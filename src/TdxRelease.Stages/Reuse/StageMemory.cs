using TdxRelease.Files;

namespace TdxRelease.Stages.Reuse;

/// <summary>A stage that is done.</summary>
/// <param name="Reused">It did not run: an earlier run did the same.</param>
/// <param name="Digest">Hash over all files it left, computed in this run; null for a stage that leaves none.</param>
public sealed record StageOutcome(bool Reused, string? Digest);

/// <summary>
/// What earlier runs did, so that no work is done twice (docs/decisions/0008-reuse.md). A stage is passed over only where everything it would be given is the
/// same and every byte it left is still there; both are hashed in this run. A record that is missing, damaged or of another tool costs time and nothing else.
/// </summary>
/// <param name="folder">Folder of the records, one file a stage.</param>
/// <param name="force">Reuse nothing.</param>
public sealed class StageMemory(string folder, bool force = false)
{
    /// <summary>Runs a stage, or passes over it.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="inputs">Everything that decides what it does.</param>
    /// <param name="output">The folder that it replaces; null where it leaves none.</param>
    /// <param name="say">Gets its lines, also those of the earlier run.</param>
    /// <param name="work">Runs it.</param>
    public StageOutcome Run(string stage, IReadOnlyDictionary<string, string> inputs, string? output, Action<StageLine> say, Action<Action<StageLine>> work)
    {
        if (TryReuse(stage, inputs, output, say) is { } reused)
        {
            return reused;
        }

        var lines = new List<StageLine>();
        work(line =>
        {
            lines.Add(line);
            say(line);
        });
        return Keep(stage, inputs, output, lines);
    }

    /// <summary>The outcome of an earlier run that did the same, or null where the stage has to run.</summary>
    public StageOutcome? TryReuse(string stage, IReadOnlyDictionary<string, string> inputs, string? output, Action<StageLine> say)
    {
        if (force || StageRecord.TryRead(PathOf(stage)) is not { } record)
        {
            return null;
        }

        var names = inputs.Keys.Union(record.Inputs.Keys).Where(name => inputs.GetValueOrDefault(name) != record.Inputs.GetValueOrDefault(name)).Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0)
        {
            say(new StageLine($"{stage} runs again: {string.Join(", ", names)} changed"));
            return null;
        }

        var files = output is null ? null : FolderContent.Of(output);
        if ((record.Outputs is null) != (output is null) || (output is not null && (files is null || !files.SequenceEqual(record.Outputs!))))
        {
            var first = Changed(record.Outputs ?? [], files ?? []);
            say(new StageLine($"{stage} runs again: {(first is null ? "its output" : $"\"{SafePath.Printable(first)}\"")} is not what it left"));
            return null;
        }

        say(new StageLine($"reused: {stage} (same input, same tool)"));
        foreach (var line in record.Lines)
        {
            say(line);
        }

        return new StageOutcome(Reused: true, files is null ? null : FolderContent.Digest(files));
    }

    /// <summary>Remembers a stage that has just succeeded.</summary>
    /// <exception cref="Modules.Findings.TdxException">Exit 6.</exception>
    public StageOutcome Keep(string stage, IReadOnlyDictionary<string, string> inputs, string? output, IReadOnlyList<StageLine> lines)
    {
        var files = output is null ? null : FolderContent.Of(output);
        if (output is not null && files is null)
        {
            return new StageOutcome(Reused: false, null);
        }

        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in inputs)
        {
            sorted.Add(name, value);
        }

        new StageRecord(StageRecord.FormatName, sorted, files, lines).Write(PathOf(stage));
        return new StageOutcome(Reused: false, files is null ? null : FolderContent.Digest(files));
    }

    private static string? Changed(IReadOnlyList<OutputFile> want, IReadOnlyList<OutputFile> got) =>
        want.Except(got).Concat(got.Except(want)).Select(f => f.Path).Order(StringComparer.Ordinal).FirstOrDefault();

    private string PathOf(string stage) => Path.Combine(folder, $"{stage}.json");
}
