using TdxRelease.Archives;

namespace TdxRelease.Packages;

/// <summary>A package read back.</summary>
/// <param name="Entries">What is installed, or in the archive.</param>
/// <param name="Metadata">Names of what else is in the package, such as scripts.</param>
public sealed record PackageContents(IReadOnlyList<TarEntry> Entries, IReadOnlyList<string> Metadata)
{
    /// <summary>What the package's own signature is over.</summary>
    public ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>The package's own signature, binary OpenPGP; null where it has none.</summary>
    public ReadOnlyMemory<byte>? Signature { get; init; }

    /// <summary>Version and revision of a package; null for what is none.</summary>
    public string? Version { get; init; }

    /// <summary>How messages call that signature.</summary>
    public string SignatureName { get; init; } = "";
}
