using Cake.Core.Diagnostics;
using TdxRelease.Core.Findings;
using TdxRelease.Verification;

namespace TdxRelease.Build.CommandLine;

/// <summary>The command line: Cake's own options, and the arguments that the context declares.</summary>
internal sealed class BuildArguments
{
    /// <summary>Cake's options that take a value, by every spelling.</summary>
    private static readonly Dictionary<string, string> Valued = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--target"] = "target",
        ["-t"] = "target",
        ["--working"] = "working",
        ["-w"] = "working",
        ["--verbosity"] = "verbosity",
        ["-v"] = "verbosity",
    };

    private static readonly Dictionary<string, BuildMode> Modes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--dryrun"] = BuildMode.DryRun,
        ["--noop"] = BuildMode.DryRun,
        ["--whatif"] = BuildMode.DryRun,
        ["--tree"] = BuildMode.Tree,
        ["--showtree"] = BuildMode.Tree,
        ["--description"] = BuildMode.Description,
        ["--descriptions"] = BuildMode.Description,
        ["--showdescription"] = BuildMode.Description,
        ["--showdescriptions"] = BuildMode.Description,
        ["--help"] = BuildMode.Help,
        ["-h"] = BuildMode.Help,
        ["-?"] = BuildMode.Help,
        ["--version"] = BuildMode.Version,
        ["--ver"] = BuildMode.Version,
        ["--info"] = BuildMode.Version,
    };

    private readonly IReadOnlyList<KnownArgumentAttribute> known;
    private readonly List<KeyValuePair<string, string>> values = [];

    private BuildArguments(IReadOnlyList<KnownArgumentAttribute> known) => this.known = known;

    public BuildMode Mode { get; private set; }

    public bool Exclusive { get; private set; }

    public Verbosity? Verbosity { get; private set; }

    public string? WorkingDirectory { get; private set; }

    /// <summary>The targets in the order given, or Cake's default.</summary>
    public IReadOnlyList<string> Targets =>
        [.. values.Where(each => each.Key == "target").Select(each => each.Value).DefaultIfEmpty("Default")];

    /// <exception cref="TdxException">Exit 2: an argument is unknown, lacks its value, is malformed or stands twice.</exception>
    public static BuildArguments Parse(IEnumerable<string> args, IReadOnlyList<KnownArgumentAttribute> known)
    {
        var result = new BuildArguments(known);
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out var arg))
        {
            result.Read(arg, rest);
        }

        return result;
    }

    /// <summary>
    /// The same command line in the one spelling that every parser reads alike: <c>--name=value</c>, or <c>--name</c> for Cake's flags.
    /// </summary>
    public IEnumerable<string> ForHost()
    {
        IEnumerable<string?> options =
        [
            Mode is BuildMode.DryRun ? "--dryrun" : null,
            Exclusive ? "--exclusive" : null,
            Verbosity is { } verbosity ? $"--verbosity={verbosity}" : null,
            WorkingDirectory is { } folder ? $"--working={folder}" : null,
        ];
        return options.OfType<string>().Concat(values.Select(each => $"--{each.Key}={each.Value}"));
    }

    private void Read(string arg, Queue<string> rest)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        var option = equals < 0 ? arg : arg[..equals];
        var value = equals < 0 ? null : arg[(equals + 1)..];
        if (Valued.TryGetValue(option, out var name))
        {
            Store(name, RequireValue(option, value, rest));
        }
        else if (Modes.TryGetValue(option, out var mode))
        {
            Mode = IsTrue(option, value) ? mode : Mode;
        }
        else if (option is "-e" || option.Equals("--exclusive", StringComparison.OrdinalIgnoreCase))
        {
            Exclusive = IsTrue(option, value);
        }
        else
        {
            ReadDeclared(option, value, rest);
        }
    }

    private void ReadDeclared(string option, string? value, Queue<string> rest)
    {
        var name = option.StartsWith("--", StringComparison.Ordinal) ? option[2..] : string.Empty;
        var argument = known.FirstOrDefault(each => each.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (argument is null && !IsCakeSetting(name))
        {
            var names = known.Select(each => "--" + each.Name)
                .Concat(["--target", "--exclusive", "--dryrun", "--tree", "--description", "--verbosity", "--working", "--help",
                "--version", "--info"]);
            throw new TdxException(ExitCode.Usage, $"unknown argument \"{option}\"",
                $"known arguments: {string.Join(", ", names.Order(StringComparer.Ordinal))}");
        }

        if (argument is { MayRepeat: false } && values.Exists(each => each.Key == argument.Name))
        {
            throw new TdxException(ExitCode.Usage, $"{option} is given twice");
        }

        values.Add(new(argument?.Name ?? name, argument switch
        {
            { IsFlag: true } => IsTrue(option, value) ? "true" : "false",
            not null => argument.Check(RequireValue(option, value, rest)),
            null => RequireValue(option, value, rest),
        }));
    }

    private void Store(string name, string value)
    {
        if (name == "working")
        {
            WorkingDirectory = Directory.Exists(value)
                ? Path.GetFullPath(value)
                : throw new TdxException(ExitCode.Usage, $"the working directory \"{value}\" does not exist");
        }
        else if (name == "verbosity")
        {
            Verbosity = VerbosityParser.TryParse(value, out var verbosity)
                ? verbosity
                : throw new TdxException(ExitCode.Usage,
                    $"--verbosity: got \"{value}\", want quiet, minimal, normal, verbose or diagnostic");
        }
        else
        {
            values.Add(new(name, value));
        }
    }

    /// <summary>Cake's configuration may also come from arguments: --nuget_source=…, --settings_skipverification=true.</summary>
    private static bool IsCakeSetting(string name) =>
        new[] { "settings_", "nuget_",
            "paths_" }.Any(prefix => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static string RequireValue(string option, string? value, Queue<string> rest)
    {
        if (value is null && rest.TryPeek(out var next) && !next.StartsWith('-'))
        {
            value = rest.Dequeue();
        }

        return string.IsNullOrEmpty(value) ? throw new TdxException(ExitCode.Usage, $"{option} needs a value", $"write {option}=VALUE")
            : value;
    }

    private static bool IsTrue(string option, string? value) => value is null || (bool.TryParse(value, out var set)
        ? set
        : throw new TdxException(ExitCode.Usage, $"{option}: got \"{value}\", want true, false or nothing"));
}
