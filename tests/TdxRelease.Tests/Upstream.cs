namespace TdxRelease.Tests;

/// <summary>Lets tests write <c>Upstream.Snapshot</c>: seen from here, the product's namespace TdxRelease.Upstream comes before TdxRelease.Testing.Upstream.</summary>
#pragma warning disable CA1052
internal abstract class Upstream : Testing.Upstream;
