using System.Diagnostics;
using TdxRelease.Core.Findings;

namespace TdxRelease.Fuzz;

/// <summary>What one input cost, and whether it was accepted.</summary>
/// <param name="Accepted">Whether the parser took it.</param>
/// <param name="Allocated">Managed bytes that the parser's thread allocated.</param>
/// <param name="Time">How long it took.</param>
internal readonly record struct FuzzCost(bool Accepted, long Allocated, TimeSpan Time);

/// <summary>The contract of every target: any bytes give a result or a <see cref="TdxException"/>, in bounded memory and time.</summary>
internal static class Contract
{
    private const long AllocationCeiling = 64L << 20;
    private static readonly TimeSpan TimeCeiling = TimeSpan.FromSeconds(20);

    /// <summary>Runs the target on one input.</summary>
    /// <exception cref="FuzzException">The input takes too much memory or time.</exception>
    public static FuzzCost Check(FuzzTarget target, byte[] input)
    {
        var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        var accepted = Once(target, input);
        var cost = new FuzzCost(accepted, GC.GetAllocatedBytesForCurrentThread() - before, clock.Elapsed);
        Require(cost.Allocated <= AllocationCeiling, $"{cost.Allocated} bytes allocated for {input.Length} bytes");
        Require(cost.Time <= TimeCeiling, $"{cost.Time} for {input.Length} bytes");
        return cost;
    }

    /// <summary>Fails unless a property holds.</summary>
    /// <exception cref="FuzzException">It does not.</exception>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new FuzzException(message);
        }
    }

    private static bool Once(FuzzTarget target, byte[] input)
    {
        try
        {
            return target.Run(input);
        }
        catch (Exception e) when (e is TdxException or FormatException)
        {
            return false;
        }
    }
}

/// <summary>A property that does not hold.</summary>
internal sealed class FuzzException(string message, Exception? inner = null) : Exception(message, inner);
