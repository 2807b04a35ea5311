using System.Globalization;
using System.Text.RegularExpressions;

namespace TdxRelease.Upstream.Sources;

/// <summary>Reads git's progress lines: <c>Receiving objects:  45% (45/100), 3.00 MiB | 1.00 MiB/s</c>.</summary>
internal static partial class GitProgress
{
    public static void Report(IProgressSink sink, string name, string line)
    {
        if (Form().Match(line) is { Success: true } match
            && long.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var done)
            && long.TryParse(match.Groups[3].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var total))
        {
            sink.Report($"{match.Groups[1].Value.ToLowerInvariant()} from {name}", done, total);
        }
    }

    [GeneratedRegex(@"^(?:remote: )?([A-Z][a-z]+ [a-z]+): +[0-9]+% \(([0-9]+)/([0-9]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
