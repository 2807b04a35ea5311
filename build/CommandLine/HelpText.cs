using Cake.Core;

namespace TdxRelease.Build.CommandLine;

/// <summary>What --help and --description print.</summary>
internal static class HelpText
{
    private static readonly (string Name, string Description)[] Options =
    [
        ("--target, -t NAME", "the task to run; default: Default; may be given more than once"),
        ("--exclusive, -e", "run the target without its dependencies"),
        ("--dryrun", "print the order of the tasks and run none"),
        ("--tree", "print the tree of the tasks"),
        ("--description", "print the tasks"),
        ("--verbosity, -v LEVEL", "quiet, minimal, normal, verbose or diagnostic"),
        ("--working, -w FOLDER", "the directory to work in"),
        ("--version, --info", "print the version of Cake"),
        ("--help, -h", "print this"),
    ];

    public static void Write(IConsole console, IReadOnlyList<KnownArgumentAttribute> known)
    {
        console.WriteLine("usage: ./build.sh [--target=NAME] [OPTION...]");
        console.WriteLine("example: ./build.sh --source=sample");
        console.WriteLine();
        WriteColumns(console, Options);
        console.WriteLine();
        WriteColumns(console, known.OrderBy(each => each.Name, StringComparer.Ordinal)
            .Select(each => ("--" + each.Name + (each.IsFlag ? string.Empty : "=VALUE"), each.Description)));
    }

    public static void WriteTasks(IConsole console, IEnumerable<DeclaredTask> tasks) =>
        WriteColumns(console, tasks.Select(task => (task.Name, task.Description)));

    private static void WriteColumns(IConsole console, IEnumerable<(string Left, string Right)> rows)
    {
        var list = rows.ToList();
        var width = list.Max(row => row.Left.Length);
        foreach (var (left, right) in list)
        {
            // The text is an argument, not the format: descriptions may hold braces.
            console.WriteLine("{0}", $"  {left.PadRight(width)}  {right}".TrimEnd());
        }
    }
}
