namespace TdxRelease.Bundles.Repositories;

/// <summary>A package file on its way into a repository.</summary>
/// <param name="FileName">Its conventional name.</param>
/// <param name="Content">The whole file.</param>
public sealed record RepositoryPackage(string FileName, ReadOnlyMemory<byte> Content);
