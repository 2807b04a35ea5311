using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Locks;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel fetch</c>.</summary>
internal sealed class FetchCommand
{
    private readonly Option<string?> source =
        new("--source")
        {
            HelpName = "SOURCE",
            Description = "directory, git repository or archive, or 'sample'; default: what the lock pins"
        };
    private readonly Option<string?> reference = new("--ref") { HelpName = "REF", Description = "branch, tag or commit of a git source" };
    private readonly WorkingTreeOptions tree = new();
    private readonly Option<string?> lockFile =
        new("--lock") { HelpName = "FILE", Description = $"the lock, or 'none'; default: {LockFile.FileName} where it exists" };
    private readonly Option<string> output =
        new("--out") { HelpName = "DIR", Description = "the snapshot directory", DefaultValueFactory = _ => "snapshot" };
    private readonly Option<bool> offline = new("--offline") { Description = "never touch the network" };
    private readonly Option<bool> update = new("--update-lock")
    {
        Description = "move the lock to the newest state, or to --ref, once it validates and verifies; forward only"
    };
    private readonly Option<bool> backward =
        new("--allow-backward") { Description = "let --update-lock go to an older or rewritten state" };
    private readonly WitnessOptions witness = new();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<bool> json = Options.Json();

    public static Command Create(Terminal terminal) => new FetchCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command(
            "fetch",
            "Bring a source into a snapshot directory and compare it with the lock.\n\n"
            + "Example: tdxrel fetch --source ./tdx-module-binaries --out ./snapshot\nExample: tdxrel fetch --update-lock")
        {
            source, reference, lockFile, output, offline, update, backward, policy, lenient, json,
        };
        tree.AddTo(command);
        witness.AddTo(command);
        command.SetAction((parse, cancellation) => RunAsync(terminal, parse, cancellation));
        return command;
    }

    private async Task<int> RunAsync(Terminal terminal, ParseResult parse, CancellationToken cancellation)
    {
        if (parse.GetValue(update))
        {
            return await UpdateAsync(terminal, parse, cancellation);
        }

        if (parse.GetValue(backward) || witness.IsAsked(parse))
        {
            throw new TdxException(ExitCode.Usage, $"{(parse.GetValue(backward) ? "--allow-backward" : "--witness")} is for --update-lock");
        }

        var target = parse.GetRequiredValue(output);
        var request = new FetchRequest(
            parse.GetValue(source),
            parse.GetValue(reference),
            LockPath(parse.GetValue(lockFile)),
            target,
            new ContentCache(CacheRoot()),
            parse.GetValue(offline),
            terminal.Progress)
        {
            AllowDirty = parse.GetValue(tree.AllowDirty),
            UpstreamUrl = parse.GetValue(tree.Url),
        };
        var fetched = await FetchStage.RunAsync(request, cancellation);
        if (parse.GetValue(json))
        {
            terminal.Json(writer => SnapshotJson.Write(writer, fetched.Snapshot, fetched.Drift));
        }
        else
        {
            var origin = fetched.Snapshot.Origin;
            terminal.Line($"{target}: {fetched.Snapshot.Files.Count} files from {origin.Url ?? origin.Kind}");
        }

        fetched.RequireLocked();
        return (int)ExitCode.Success;
    }

    private async Task<int> UpdateAsync(Terminal terminal, ParseResult parse, CancellationToken cancellation)
    {
        if (parse.GetValue(offline) || parse.GetValue(lockFile) == "none")
        {
            throw new TdxException(ExitCode.Usage,
                $"--update-lock and {(parse.GetValue(offline) ? "--offline" : "--lock none")} exclude each other");
        }

        var request = new LockUpdateRequest(
            parse.GetValue(source),
            parse.GetValue(reference),
            parse.GetValue(lockFile) ?? LockFile.FileName,
            parse.GetRequiredValue(output),
            new ContentCache(CacheRoot()),
            Options.LoadPolicy(parse.GetValue(policy)),
            Options.Strictness(parse.GetValue(lenient)),
            parse.GetValue(backward),
            Options.Time(),
            terminal.Progress)
        {
            Witness = witness.Open(parse, CacheRoot()),
            UpstreamUrl = parse.GetValue(tree.Url),
        };
        Print(terminal, await LockUpdateStage.RunAsync(request, cancellation), parse.GetValue(json));
        return (int)ExitCode.Success;
    }

    /// <summary>The default cache folder.</summary>
    internal static string CacheRoot() =>
        ContentCache.DefaultRoot(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"), Environment.GetEnvironmentVariable("HOME"));

    private static void Print(Terminal terminal, LockUpdate moved, bool json)
    {
        if (json)
        {
            terminal.Json(writer =>
                SnapshotJson.Write(writer, moved.Snapshot, moved.Before is null ? [] : moved.Before.Compare(moved.Snapshot)));
            return;
        }

        if (moved.Before is not null && moved.Moved)
        {
            DiffCommand.Print(terminal, moved.Drift);
        }

        terminal.Line(
            !moved.Moved ? $"the lock is at the newest commit {moved.After.Commit} already"
            : moved.Before is null ? $"locked commit {moved.After.Commit}, {moved.After.Files.Count} files"
            : $"moved the lock from {moved.Before.Commit} to {moved.After.Commit}");
    }

    private static string? LockPath(string? named) => named switch
    {
        "none" => null,
        null => FileStat.Of(LockFile.FileName) is not null ? LockFile.FileName : null,
        _ => named,
    };
}
