using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Cli;

/// <summary>Progress for people: one moving line on a terminal, silence but for notes elsewhere.</summary>
/// <param name="errors">stderr.</param>
/// <param name="interactive">Whether it is a terminal.</param>
internal sealed class StderrProgress(TextWriter errors, bool interactive) : IProgressSink
{
    private readonly Lock gate = new();
    private long last;
    private bool open;

    public void Report(string activity, long done, long? total)
    {
        if (!interactive)
        {
            return;
        }

        lock (gate)
        {
            // Ten lines a second are plenty for an eye and cost nothing.
            var now = Environment.TickCount64;
            if (now - last < 100 && done != total)
            {
                return;
            }

            last = now;
            errors.Write($"\r{UntrustedText.Visible(activity)} {done}{(total is null ? "" : $"/{total}")} ");
            open = done != total;
            if (!open)
            {
                errors.WriteLine();
            }
        }
    }

    public void Note(string line)
    {
        lock (gate)
        {
            var visible = UntrustedText.Visible(line);
            errors.WriteLine(open ? $"\n{visible}" : visible);
            open = false;
        }
    }
}
