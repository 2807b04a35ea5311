using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>One change that Stryker made to the product.</summary>
/// <param name="File">The source file, relative to the checkout.</param>
/// <param name="Number">Its line, from 1.</param>
/// <param name="Line">The text of the line, without its indentation; of a block that of its head.</param>
/// <param name="Replacement">What stood there instead.</param>
/// <param name="Status">Stryker's word for what the tests did: Killed, Timeout, Survived, NoCoverage and others.</param>
internal sealed record Mutant(string File, int Number, string Line, string Replacement, string Status)
{
    /// <summary>Whether no test noticed it.</summary>
    public bool Survived => Status is "Survived" or "NoCoverage";

    /// <summary>Whether a test noticed it.</summary>
    public bool Found => Status is "Killed" or "Timeout";

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Number}: {Replacement}");
}

/// <summary>A change that changes nothing that a caller can see, and why.</summary>
/// <param name="File">The source file, relative to the checkout.</param>
/// <param name="Line">The text of the line, without its indentation.</param>
/// <param name="Replacement">What stands there instead.</param>
/// <param name="Reason">Why no test can tell.</param>
internal sealed record EquivalentMutant(string File, string Line, string Replacement, string Reason)
{
    /// <summary>Whether it is this one.</summary>
    public bool Is(Mutant mutant) => (File, Line, Replacement) == (mutant.File, mutant.Line, mutant.Replacement);

    /// <summary>Reads tests/mutation/equivalents.json.</summary>
    public static IReadOnlyList<EquivalentMutant> Read(string path) =>
    [
        .. JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsArray().Select(each => new EquivalentMutant(
            (string)each!["file"]!, (string)each["line"]!, (string)each["replacement"]!, (string)each["reason"]!)),
    ];
}

/// <summary>What Stryker's JSON report says.</summary>
/// <param name="Mutants">All that were tested.</param>
internal sealed record MutationReport(IReadOnlyList<Mutant> Mutants)
{
    /// <summary>Its figures.</summary>
    /// <param name="commit">What was measured; null where it is no commit.</param>
    /// <param name="equivalents">The survivors that are named.</param>
    public MeasuredArea Figures(string? commit, IReadOnlyList<EquivalentMutant> equivalents) =>
        new(commit ?? "", Measurements.Today, Mutants.Count, Mutants.Count(m => m.Found), Equivalent(equivalents).Count());

    /// <summary>Reads a report.</summary>
    /// <param name="path">mutation-report.json.</param>
    /// <param name="checkout">What paths are made relative to.</param>
    /// <exception cref="TdxException">Exit 1: there is none, or it is none.</exception>
    public static MutationReport Read(string path, string checkout)
    {
        try
        {
            var mutants = JsonNode.Parse(File.ReadAllText(path))!["files"]!.AsObject()
                .SelectMany(file => Of(Path.GetRelativePath(checkout, file.Key), file.Value!));
            return new MutationReport([.. mutants.Where(m => m.Found || m.Survived)
                .OrderBy(m => m.File, StringComparer.Ordinal).ThenBy(m => m.Number)]);
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new TdxException(ExitCode.InternalError, $"\"{path}\" is not a report of Stryker: {e.Message.TrimEnd('.')}", inner: e);
        }
    }

    /// <summary>The survivors that are known to be equivalent, and why.</summary>
    public IEnumerable<(Mutant Mutant, string Reason)> Equivalent(IReadOnlyList<EquivalentMutant> equivalents) =>
        Mutants.Where(m => m.Survived).SelectMany(m => equivalents.Where(e => e.Is(m)).Take(1).Select(e => (m, e.Reason)));

    /// <summary>The survivors that are not known to be equivalent.</summary>
    public IReadOnlyList<string> Unnoticed(IReadOnlyList<EquivalentMutant> equivalents) =>
        [.. Mutants.Where(m => m.Survived && !equivalents.Any(e => e.Is(m))).Select(m => m.ToString())];

    /// <summary>Fails where there are such survivors.</summary>
    /// <param name="unnoticed">Those of all reports.</param>
    /// <param name="mutants">How many changes were tested.</param>
    /// <exception cref="TdxException">Exit 1, with the survivors.</exception>
    public static void Require(IReadOnlyList<string> unnoticed, int mutants)
    {
        if (unnoticed.Count > 0)
        {
            throw new TdxException(ExitCode.InternalError, $"no test notices {unnoticed.Count} of {mutants} changes",
                "write the test that does, or name the change in tests/mutation/equivalents.json with the reason", lines: unnoticed);
        }
    }

    private static IEnumerable<Mutant> Of(string path, JsonNode file)
    {
        var lines = ((string)file["source"]!).Split('\n');
        foreach (var mutant in file["mutants"]!.AsArray())
        {
            var number = (int)mutant!["location"]!["start"]!["line"]!;
            var replacement = (string?)mutant["replacement"] ?? "";
            // The brace of a block says nothing: the line above is its head.
            var line = lines[lines[number - 1].Trim() == "{" ? Math.Max(number - 2, 0) : number - 1].Trim();
            yield return new Mutant(path, number, line, replacement, (string)mutant["status"]!);
        }
    }
}
