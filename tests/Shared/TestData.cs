namespace TdxRelease.Testing;

/// <summary>Where Intel's real data and the other shared files are, if they are here.</summary>
internal static class TestData
{
    public static string? Root { get; } = Find("TDX_UPSTREAM", "upstream");

    public static string? Shared { get; } = Root is null ? null : Path.GetDirectoryName(Root);

    public static string Snapshot => Path.Combine(Root!, "2026-02-10");

    public static string MappingHistory => Path.Combine(Root!, "mapping-history");

    /// <summary>The root of this checkout.</summary>
    public static string Checkout { get; } = FindCheckout();

    private static string? Find(string variable, string folder)
    {
        var named = Environment.GetEnvironmentVariable(variable);
        var path = string.IsNullOrEmpty(named) ? Path.Combine(FindCheckout(), "..", "shared", folder) : named;
        return Directory.Exists(path) ? Path.GetFullPath(path) : null;
    }

    private static string FindCheckout()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Tools.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("the tests run inside a checkout");
    }
}

/// <summary>A fact about Intel's real data: reported as skipped, by name, where the data is absent.</summary>
internal sealed class UpstreamFactAttribute : FactAttribute
{
    public UpstreamFactAttribute()
    {
        if (TestData.Root is null)
        {
            Skip = "needs Intel's data: set TDX_UPSTREAM or put it at ../shared/upstream";
        }
    }
}

/// <summary>As <see cref="UpstreamFactAttribute"/>, for theories.</summary>
internal sealed class UpstreamTheoryAttribute : TheoryAttribute
{
    public UpstreamTheoryAttribute()
    {
        if (TestData.Root is null)
        {
            Skip = "needs Intel's data: set TDX_UPSTREAM or put it at ../shared/upstream";
        }
    }
}
