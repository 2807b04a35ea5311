namespace TdxRelease.Testing;

/// <summary>Property tests without a dependency: seeded, growing in size, and a failure names its seed.</summary>
internal static class Property
{
    /// <summary>
    /// Runs the property <paramref name="runs"/> times; <c>size</c> grows from 1 to 100. Set TDXREL_SEED to repeat one seed.
    /// </summary>
    public static void Check(int runs, Action<Random, int> property)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("TDXREL_SEED"), out var only))
        {
            property(new Random(only), 1 + (only % 100));
            return;
        }

        for (var seed = 0; seed < runs; seed++)
        {
            try
            {
                property(new Random(seed), 1 + (seed % 100));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"property fails for TDXREL_SEED={seed}: {e.Message}", e);
            }
        }
    }
}
