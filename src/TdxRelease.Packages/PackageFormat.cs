using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages;

/// <summary>
/// One form in which a release is published: how it is written and how it is read back. A new one derives from this class or from one of
/// <see cref="DistributionFormat"/>, <see cref="Oci.LayoutFormat"/> and the repositories' own, in a folder of its own, and is named in
/// one list (docs/extending.md).
/// </summary>
public abstract class PackageFormat
{
    /// <summary>As users write it in <c>--formats</c>; also the folder in the output of a form that is a folder.</summary>
    public abstract string Name { get; }

    /// <summary>Endings of its files, with the dot, as messages list them; none where it is not one file.</summary>
    public virtual IReadOnlyList<string> Endings => [];

    /// <summary>Whether it says who maintains the package, so that a placeholder is worth a notice.</summary>
    public virtual bool NamesMaintainer => true;

    /// <summary>The format of the packages that it serves; null for all that is not a repository.</summary>
    public virtual DistributionFormat? Serves => null;

    /// <summary>Whether a file name is that of a file in this format.</summary>
    public virtual bool Matches(string fileName) => Endings.Any(e => fileName.EndsWith(e, StringComparison.Ordinal));

    /// <summary>Makes the one file that repositories serve; null where the format has none. May run beside other formats.</summary>
    public virtual RepositoryPackage? Pack(ReleaseContent release) => null;

    /// <summary>The files to publish, before the provenance, which names them. May run beside other formats.</summary>
    /// <param name="release">What is published.</param>
    /// <param name="package">What <see cref="Pack"/> made.</param>
    public virtual IEnumerable<PublishedFile> Files(ReleaseContent release, RepositoryPackage? package) => [];

    /// <summary>Writes a form that is a folder and carries the provenance.</summary>
    /// <param name="release">What is published.</param>
    /// <param name="folder">The output folder, still being written.</param>
    /// <param name="sigstore">The provenance as a Sigstore bundle; null for an unsigned release.</param>
    public virtual void WriteFolder(ReleaseContent release, AtomicFolder folder, ReadOnlyMemory<byte>? sigstore)
    {
    }

    /// <summary>Reads a file in this format that may be hostile.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name, as messages say it.</param>
    /// <exception cref="TdxException">Exit 3: damaged, or not in the form that a release has; exit 4: a digest does not hold.</exception>
    public virtual PackageContents Read(ReadOnlyMemory<byte> file, string name) =>
        throw new TdxException(ExitCode.BadInput, $"{name}: {Name} is not one file");
}
