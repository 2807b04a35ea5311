using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using TdxRelease.Cli.Commands;
using TdxRelease.Core.Findings;

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
            RequireWords(args);
            var terminal = new Terminal(output, writer, stderr);
            var result = Root(terminal).Parse(args);
            if (result.Errors.Count > 0)
            {
                return Usage(result, errors);
            }

            var code = result.Invoke(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = errors });
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
            Report(e, errors);
            return (int)ExitCode.InternalError;
        }
#pragma warning restore CA1031
    }

    /// <summary>The tree of commands.</summary>
    internal static RootCommand Root(Terminal terminal) => new("Verifies, plans and packages Intel TDX modules.")
    {
        ValidateCommand.Create(terminal),
        VerifyCommand.Create(terminal),
        ImageCommand.Create(terminal),
        FetchCommand.Create(terminal),
        SampleCommand.Create(terminal),
        GraphCommand.Create(terminal),
        PlanCommand.Create(terminal),
        RolloutCommand.Create(terminal),
        WaveCommand.Create(terminal),
        BundleCommand.Create(terminal),
        AuditCommand.Create(terminal),
        DiffCommand.Create(terminal),
        CheckCommand.Create(terminal),
        RebuildCommand.Create(terminal),
        ReportCommand.Create(terminal),
        RefreshCommand.Create(terminal),
        KeysCommand.Create(terminal),
        CompletionCommand.Create(terminal),
        ManCommand.Create(terminal),
    };

    private static void Report(Exception defect, VisibleWriter errors)
    {
        errors.WriteLine($"error: internal error: {defect.GetType().Name}: {UntrustedText.Visible(defect.Message)}");
        errors.WriteLine("hint: this is a defect of tdxrel; set TDXREL_TRACE=1 for the stack trace and report it");
        if (Environment.GetEnvironmentVariable("TDXREL_TRACE") == "1")
        {
            errors.WriteLine(defect.StackTrace);
        }
    }

    // An unset variable of a script: no option and no argument means anything with an empty word.
    private static void RequireWords(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i].Length == 0
                || (args[i].StartsWith("--", StringComparison.Ordinal)
                && args[i].IndexOf('=', StringComparison.Ordinal) == args[i].Length - 1))
            {
                var option = args[i].Length > 0 ? args[i][..^1]
                    : i > 0 && args[i - 1].StartsWith("--", StringComparison.Ordinal) ? args[i - 1] : $"word {i + 1}";
                throw new TdxException(ExitCode.Usage, $"{option}: got \"\", want a value", "an empty word is often an unset variable");
            }
        }
    }

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
        errors.WriteLine($"error: {UntrustedText.Visible(error)}");
        var known = owner.Subcommands.Select(c => c.Name).ToList();
        var near = result.UnmatchedTokens.Count > 0
            ? UsageError.Nearest(result.UnmatchedTokens[0], [.. known, .. owner.Options.Select(o => o.Name)]) : null;
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
