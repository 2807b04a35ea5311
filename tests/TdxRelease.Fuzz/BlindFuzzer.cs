using System.Diagnostics;

namespace TdxRelease.Fuzz;

/// <summary>What a run did.</summary>
internal sealed record FuzzResult(string Name, long Runs, long Accepted, long LargestAllocation, TimeSpan Slowest)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Runs} inputs, {Accepted} accepted, "
        + $"at most {LargestAllocation >> 10} KiB allocated, slowest {Slowest.TotalMilliseconds:0} ms";
}

/// <summary>Fuzzing that sees nothing of what an input does: seeded mutations of the corpus. Needs no tool.</summary>
internal static class BlindFuzzer
{
    /// <summary>Fuzzes for a number of runs or a time, whichever ends first. The corpus itself comes first.</summary>
    /// <exception cref="FuzzException">A property does not hold; the message has the seed and the input.</exception>
    public static FuzzResult Run(FuzzTarget target, IReadOnlyList<byte[]> corpus, long runs, TimeSpan time, int seed)
    {
        var clock = Stopwatch.StartNew();
        var (done, accepted, largest, slowest) = (0L, 0L, 0L, TimeSpan.Zero);
        for (; done < runs && clock.Elapsed < time; done++)
        {
            var random = new Random(unchecked((int)(seed + done)));
            var input = done < corpus.Count ? corpus[(int)done] : Mutator.Mutate(corpus, target.Text, random);
            try
            {
                var cost = Contract.Check(target, input);
                accepted += cost.Accepted ? 1 : 0;
                (largest, slowest) = (Math.Max(largest, cost.Allocated), cost.Time > slowest ? cost.Time : slowest);
            }
            catch (Exception e)
            {
                throw new FuzzException(
                    $"{target.Name}: run {done} of seed {seed}: {e.Message}\ninput (base64): {Convert.ToBase64String(input)}", e);
            }
        }

        return new FuzzResult(target.Name, done, accepted, largest, slowest);
    }
}
