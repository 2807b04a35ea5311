namespace TdxRelease.Testing.PgpCases;

/// <summary>Why gpgv, sqv and we do not say the same: each reason once, with the cases that it explains.</summary>
internal static class Reasons
{
    public static IReadOnlyList<(string Why, string[] Cases)> All { get; } = [];
}
