using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Planning.Rollout;

/// <summary>How many hosts of each group are done by the end of a wave: a number, or a share.</summary>
/// <param name="Hosts">The number, or percents.</param>
/// <param name="IsShare">Whether it is a share.</param>
public readonly record struct WaveSize(int Hosts, bool IsShare)
{
    /// <summary>Of a group of that size, rounded up.</summary>
    public int Of(int group) => IsShare ? (int)Math.Min(group, (((long)group * Hosts) + 99) / 100) : Math.Min(group, Hosts);

    /// <summary>Reads <c>1,5,25,100%</c>.</summary>
    /// <exception cref="TdxException">Exit 2.</exception>
    public static IReadOnlyList<WaveSize> Parse(string text) => [.. text.Split(',').Select(word =>
    {
        var share = word.EndsWith('%');
        return int.TryParse(share ? word[..^1] : word, NumberStyles.None, CultureInfo.InvariantCulture, out var hosts) && hosts > 0
            && (!share || hosts <= 100)
            ? new WaveSize(hosts, share)
            : throw new TdxException(ExitCode.Usage, $"--wave: got \"{word}\", want a number of hosts or a share", "--wave 1,5,25,100%");
    })];
}
