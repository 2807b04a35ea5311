using Cake.Core;
using Cake.Core.Diagnostics;
using Cake.Core.IO;

namespace Cake.Frosting;

/// <summary>The host's options and what is left for the tasks, in the spellings <c>--name=value</c> and <c>--name</c>.</summary>
internal sealed class HostArguments
{
    private readonly List<KeyValuePair<string, string>> values = [];

    public HostArguments(IEnumerable<string> args)
    {
        foreach (var arg in args)
        {
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                throw new CakeException($"\"{arg}\": want --name=value or --name");
            }

            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            values.Add(equals < 0 ? new(arg[2..], string.Empty) : new(arg[2..equals], arg[(equals + 1)..]));
        }
    }

    public IReadOnlyList<string> Targets =>
        [.. values.Where(each => each.Key == "target").Select(each => each.Value).DefaultIfEmpty("Default")];

    public DirectoryPath? WorkingDirectory => Last("working") is { } path ? new DirectoryPath(path) : null;

    public Verbosity? Verbosity => Last("verbosity") is { } text && VerbosityParser.TryParse(text, out var verbosity) ? verbosity : null;

    public bool Exclusive => Last("exclusive") is not null;

    public bool DryRun => Last("dryrun") is not null;

    public CakeArguments ForTasks() => new(values.ToLookup(each => each.Key, each => each.Value, StringComparer.OrdinalIgnoreCase));

    /// <summary>The values as overrides of cake.config and of the CAKE_ environment, the last one of a name counting.</summary>
    public Dictionary<string, string> Settings() => values.GroupBy(each => each.Key, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(each => each.Key, each => each.Last().Value, StringComparer.OrdinalIgnoreCase);

    private string? Last(string name) => values.LastOrDefault(each => each.Key == name).Value;
}
