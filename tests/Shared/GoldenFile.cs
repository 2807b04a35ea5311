namespace TdxRelease.Testing;

/// <summary>A committed file that must equal what the code generates. TDXREL_UPDATE=1 writes it instead.</summary>
internal static class GoldenFile
{
    /// <param name="path">Path in the checkout, with forward slashes.</param>
    /// <param name="generated">What the code generates.</param>
    public static void Equal(string path, string generated)
    {
        var full = Path.Combine(TestData.Checkout, path);
        if (Environment.GetEnvironmentVariable("TDXREL_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, generated);
        }

        Assert.True(File.Exists(full), $"{path} is missing: run the tests with TDXREL_UPDATE=1");
        Assert.Equal(File.ReadAllText(full), generated);
    }
}
