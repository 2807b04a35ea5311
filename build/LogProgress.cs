using Cake.Core.Diagnostics;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Build;

/// <summary>Notes of a fetch in the log; moving figures nowhere.</summary>
/// <param name="log">Cake's log.</param>
internal sealed class LogProgress(ICakeLog log) : IProgressSink
{
    public void Report(string activity, long done, long? total)
    {
    }

    public void Note(string line) => log.Information("{0}", line);
}
