using System.CommandLine;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Cli.Commands;

/// <summary>The options of commands that take a git working tree as it is checked out.</summary>
internal sealed class WorkingTreeOptions
{
    public Option<bool> AllowDirty { get; } =
        new("--allow-dirty") { Description = "take a git working tree whose data files differ from its commit; the result is marked" };

    public Option<string?> Url { get; } =
        new("--upstream-url")
        {
            HelpName = "URL",
            Description = "the working tree's repository; default: the lock's, else the remote 'origin'"
        };

    public void AddTo(Command command)
    {
        command.Add(AllowDirty);
        command.Add(Url);
    }

    public Snapshot Open(ParseResult parse, string folder) => LocalSnapshot.Open(folder, parse.GetValue(AllowDirty), parse.GetValue(Url));
}
