using System.CommandLine;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel fetch</c>.</summary>
internal static class FetchCommand
{
    public static Command Create(Terminal terminal)
    {
        var source = new Option<string?>("--source") { HelpName = "SOURCE", Description = "folder, git repository or archive, or 'sample'; default: what the lock pins" };
        var reference = new Option<string?>("--ref") { HelpName = "REF", Description = "branch, tag or commit of a git source" };
        var lockFile = new Option<string?>("--lock") { HelpName = "FILE", Description = $"the lock, or 'none'; default: {LockFile.FileName} where it exists" };
        var output = new Option<string>("--out") { HelpName = "DIR", Description = "the snapshot folder", DefaultValueFactory = _ => "snapshot" };
        var offline = new Option<bool>("--offline") { Description = "never touch the network" };
        var json = Options.Json();
        var command = new Command("fetch", "Bring a source into a snapshot folder and hold it against the lock.\n\nExample: tdxrel fetch --source ./tdx-module-binaries --out ./snapshot") { source, reference, lockFile, output, offline, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var target = parse.GetRequiredValue(output);
            SnapshotTarget.Require(target);
            var request = new FetchRequest(
                parse.GetValue(source),
                parse.GetValue(reference),
                LockPath(parse.GetValue(lockFile)),
                target,
                new ContentCache(CacheRoot()),
                parse.GetValue(offline),
                terminal.Progress);
            var fetched = await FetchStage.RunAsync(request, cancellation);
            if (parse.GetValue(json))
            {
                terminal.Json(writer => SnapshotJson.Write(writer, fetched.Snapshot, fetched.Drift));
            }
            else
            {
                terminal.Line($"{target}: {fetched.Snapshot.Files.Count} files from {fetched.Snapshot.Origin.Url ?? fetched.Snapshot.Origin.Kind}");
            }

            fetched.RequireLocked();
            return (int)ExitCode.Success;
        });
        return command;
    }

    /// <summary>The default cache folder.</summary>
    internal static string CacheRoot() => ContentCache.DefaultRoot(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"), Environment.GetEnvironmentVariable("HOME"));

    private static string? LockPath(string? named) => named switch
    {
        "none" => null,
        null => File.Exists(LockFile.FileName) ? LockFile.FileName : null,
        _ => named,
    };
}
