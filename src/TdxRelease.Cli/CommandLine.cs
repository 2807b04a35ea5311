using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using TdxRelease.Cli.Commands;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Cli;

/// <summary>The whole command line: parses, runs one command, and turns every failure into one line and its exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs the program.</summary>
    /// <param name="args">Without the program's name.</param>
    /// <param name="output">Where results go, UTF-8.</param>
    /// <param name="stderr">Where progress, errors and hints go.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> args, Stream output, TextWriter stderr)
    {
        using var errors = new VisibleWriter(stderr);
        using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        try
        {
            var terminal = new Terminal(output, writer, stderr);
            var result = Parse(args, terminal);
            if (result.Errors.Count > 0)
            {
                return Usage(result, errors);
            }

            var code = result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = errors });
            writer.Flush();
            return code;
        }
        catch (TdxException e)
        {
            TryFlush(writer);
            errors.WriteLine($"error: {e.Message}");
            if (e.Hint is not null)
            {
                errors.WriteLine($"hint: {e.Hint}");
            }

            return (int)e.Code;
        }
        catch (IOException e)
        {
            errors.WriteLine($"error: cannot write the output: {e.Message}");
            return (int)ExitCode.Io;
        }
#pragma warning disable CA1031 // the outermost frame: a defect must end in a sentence and exit 1, not in a stack dump
        catch (Exception e)
        {
            errors.WriteLine($"error: internal error: {e.GetType().Name}: {ForeignText.Visible(e.Message)}");
            errors.WriteLine("hint: this is a defect of tdxrel; set TDXREL_TRACE=1 for the stack trace and report it");
            if (Environment.GetEnvironmentVariable("TDXREL_TRACE") == "1")
            {
                errors.WriteLine(e.StackTrace);
            }

            return (int)ExitCode.InternalError;
        }
#pragma warning restore CA1031
    }

    private static readonly string[] Names =
    [
        "validate", "verify", "image", "fetch", "sample", "graph", "plan", "bundle", "audit", "diff", "check", "rebuild", "report", "keys", "completion", "man",
    ];

    /// <summary>The whole tree of commands, as help, completion and manual show it.</summary>
    internal static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("Verifies, plans and packages Intel TDX modules.");
        foreach (var name in Names)
        {
            root.Add(Create(name, terminal)!);
        }

        return root;
    }

    private static Command? Create(string name, Terminal terminal) => name switch
    {
        "validate" => ValidateCommand.Create(terminal),
        "verify" => VerifyCommand.Create(terminal),
        "image" => ImageCommand.Create(terminal),
        "fetch" => FetchCommand.Create(terminal),
        "sample" => SampleCommand.Create(terminal),
        "graph" => GraphCommand.Create(terminal),
        "plan" => PlanCommand.Create(terminal),
        "bundle" => BundleCommand.Create(terminal),
        "audit" => AuditCommand.Create(terminal),
        "diff" => DiffCommand.Create(terminal),
        "check" => CheckCommand.Create(terminal),
        "rebuild" => RebuildCommand.Create(terminal),
        "report" => ReportCommand.Create(terminal),
        "keys" => KeysCommand.Create(terminal),
        "completion" => CompletionCommand.Create(terminal),
        "man" => ManCommand.Create(terminal),
        _ => null,
    };

    // Building the whole tree takes as long as planning a host. A line that one command understands needs no more than that command;
    // every other one, and every wish for help, gets the whole tree, whose words the user then reads.
    private static ParseResult Parse(IReadOnlyList<string> args, Terminal terminal)
    {
        if (args.Count > 0 && !args.Any(NeedsTree) && Create(args[0], terminal)?.Parse(args) is { Errors.Count: 0 } result)
        {
            return result;
        }

        return Root(terminal).Parse(args);
    }

    // Help in its spellings, directives, and files that hold arguments.
    private static bool NeedsTree(string arg) => arg is "-h" or "--help" or "-?" or "/h" or "/?" || arg.StartsWith('[') || arg.StartsWith('@');

    private static int Usage(ParseResult result, TextWriter errors)
    {
        var names = new Stack<string>();
        for (SymbolResult? symbol = result.CommandResult; symbol is CommandResult command; symbol = symbol.Parent)
        {
            names.Push(command.Command is RootCommand ? "tdxrel" : command.Command.Name);
        }

        var name = string.Join(' ', names);
        var owner = result.CommandResult.Command;
        var error = UsageError.Of(result, name);
        errors.WriteLine($"error: {ForeignText.Visible(error)}");
        var known = owner.Subcommands.Select(c => c.Name).ToList();
        var near = result.UnmatchedTokens.Count > 0 ? UsageError.Nearest(result.UnmatchedTokens[0], [.. known, .. owner.Options.Select(o => o.Name)]) : null;
        errors.WriteLine(near is not null ? $"hint: did you mean {near}? {name} --help"
            : known.Count > 0 ? $"hint: {name} knows: {string.Join(", ", known)}"
            : $"hint: {name} --help");
        return (int)ExitCode.Usage;
    }

    private static void TryFlush(StreamWriter writer)
    {
        try
        {
            writer.Flush();
        }
        catch (IOException)
        {
            // The failure that is being reported counts; a closed pipe has nobody left to read.
        }
    }
}
