using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Pipeline;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel check</c>.</summary>
internal sealed class CheckCommand
{
    private const string Page = "check.md";

    private readonly Option<string?> source =
        new("--source")
        {
            HelpName = "SOURCE",
            Description = "directory, git repository or archive; default: the newest commit of the locked branch, from the lock's mirrors"
        };
    private readonly Option<string?> reference =
        new("--ref") { HelpName = "REF", Description = "branch, tag or commit; default: the locked branch" };
    private readonly Option<string> lockFile =
        new("--lock") { HelpName = "FILE", Description = "the lock", DefaultValueFactory = _ => LockFile.FileName };
    private readonly Option<string> output =
        new("--out")
        {
            HelpName = "DIR",
            Description = $"directory for {Page}, check.json, check.sarif, check.xml and lock.patch",
            DefaultValueFactory = _ => "tdxrel-check"
        };
    private readonly WitnessOptions witness = new();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<bool> json = Options.Json();

    public static Command Create(Terminal terminal) => new CheckCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command(
            "check",
            "Compare the newest state of upstream with the lock, verify it, and write one page: the nightly job (docs/ci.md).\n"
            + "Exits 0 where upstream is unchanged or the change is safe, 3 or 4 where it does not validate or verify, "
            + "6 where it cannot be reached, 7 where released facts or bytes were rewritten.\n\n"
            + "Example: tdxrel check --lock upstream.lock.json --out tdxrel-check")
        {
            source, reference, lockFile, output, policy, lenient, json,
        };
        witness.AddTo(command);
        command.SetAction((parse, cancellation) => RunAsync(terminal, parse, cancellation));
        return command;
    }

    private async Task<int> RunAsync(Terminal terminal, ParseResult parse, CancellationToken cancellation)
    {
        var target = parse.GetRequiredValue(output);
        OutputPath.RequireApart(target, parse.GetValue(source), parse.GetRequiredValue(lockFile));
        OutputGuard.Require(target);
        var asked = witness.Open(parse, FetchCommand.CacheRoot());
        var result = await CheckStage.RunAsync(
            new CheckRequest(
                parse.GetValue(source),
                parse.GetValue(reference),
                parse.GetRequiredValue(lockFile),
                new ContentCache(FetchCommand.CacheRoot()),
                Options.LoadPolicy(parse.GetValue(policy)),
                Options.Strictness(parse.GetValue(lenient)),
                Options.Time(),
                terminal.Progress)
            {
                Witness = asked,
            },
            cancellation);
        using (var folder = new AtomicFolder(target))
        {
            CheckStage.Write(result, folder);
            folder.Commit();
        }

        if (parse.GetValue(json))
        {
            terminal.Bytes(ReportWriter.Write(result.Report, ReportFormat.Json));
        }
        else
        {
            Print(terminal, result, target);
        }

        return (int)result.ExitCode;
    }

    private static void Print(Terminal terminal, CheckResult result, string target)
    {
        terminal.Findings(result.Report.Findings.Where(f => f.Fails));
        terminal.Line(!result.Changed && result.ExitCode == 0 ? $"unchanged: upstream is at the locked commit {result.Locked}"
            : result.Patch is not null ? $"changed and safe: git apply {target}/lock.patch moves the lock to {result.Newest}"
            : $"{target}/{Page} says what was found, exit {(int)result.ExitCode}");
    }
}
