namespace TdxRelease.Packages;

/// <summary>A package file on its way into a repository.</summary>
/// <param name="FileName">Its conventional name.</param>
/// <param name="Content">The whole file.</param>
public sealed record RepositoryPackage(string FileName, ReadOnlyMemory<byte> Content)
{
    /// <summary>
    /// The detached OpenPGP signature of the content by the repository's signer, where it has been made already; pacman's repositories
    /// carry one.
    /// </summary>
    public byte[]? Signature { get; init; }
}
