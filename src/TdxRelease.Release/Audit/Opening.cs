using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Audit;

/// <summary>An archive or package that is about to be opened.</summary>
/// <param name="Name">Its path below what is audited.</param>
/// <param name="Open">Opens it; signatures that do not hold go into the list.</param>
internal sealed record ArchiveFile(string Name, Func<List<Finding>, AuditInput> Open);

/// <summary>An archive that was opened, or why it could not be.</summary>
internal sealed record OpenedArchive(string Name, AuditInput? Input, TdxException? Error, List<Finding> Found);

/// <summary>A bundle that was judged and is not counted yet.</summary>
/// <param name="Part">The verdict.</param>
/// <param name="Id">SHA-256 of its container, or null for a folder.</param>
/// <param name="Again">The same bundle was judged before: its findings are told.</param>
/// <param name="Outside">The first file outside the bundle.</param>
/// <param name="Referrers">Findings about what refers to it.</param>
internal sealed record JudgedBundle(AuditedPart Part, string? Id, bool Again, string Outside, IReadOnlyList<Finding> Referrers);

/// <summary>An archive whose bundle was judged, or why it could not be opened.</summary>
internal sealed record JudgedArchive(string Name, JudgedBundle? Bundle, TdxException? Error, IReadOnlyList<Finding> Found);

/// <summary>A folder in an output folder that is a form of release by itself.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Name">What findings call it.</param>
/// <param name="Kind">The kind of repository; null for an OCI layout.</param>
/// <param name="Alone">No list of an output folder around it covers its files.</param>
internal sealed record LayoutFolder(string Path, string Name, RepositoryKind? Kind, bool Alone = false);

/// <summary>A package in a repository.</summary>
/// <param name="File">The package.</param>
/// <param name="Id">SHA-256 of it.</param>
internal sealed record ServedPackage(AuditFile File, string Id);

/// <summary>Such a folder opened, or why it could not be.</summary>
/// <param name="Layout">The folder.</param>
/// <param name="Input">The bundle of an OCI layout.</param>
/// <param name="Packages">The packages of a repository that its signed index leads to.</param>
/// <param name="Error">Why it could not be opened.</param>
/// <param name="Found">What is wrong with the folder as a whole.</param>
internal sealed record OpenedLayout(LayoutFolder Layout, AuditInput? Input, IReadOnlyList<ServedPackage> Packages, TdxException? Error, IReadOnlyList<Finding> Found);

/// <summary>Opening runs ahead of judging. What cannot be opened is an outcome like any other; a failing disk is an error.</summary>
internal static class Opening
{
    // More bytes in all, and memory counts for more than time.
    private const long Large = 256L << 20;

    // Bytes that are open and wait for the judge, whose first verdict takes longest; to open a release of today's size goes on meanwhile.
    private const long Waiting = 64L << 20;

    /// <summary>Whether an exception is about what was audited, and not about this machine.</summary>
    public static bool IsVerdict(TdxException e) => e.Code is ExitCode.BadInput or ExitCode.VerificationFailed or ExitCode.Refused;

    /// <summary>Runs ahead of the judge: two pieces at a time, on however many processors, so that an audit takes the same memory everywhere.</summary>
    /// <param name="bytes">What is to be opened, in all.</param>
    public static Ahead Ahead(long bytes) => new(bytes <= Large ? 2 : 1, Waiting);

    /// <summary>What an opened archive holds until it is judged.</summary>
    public static long Weight(OpenedArchive opened) => opened.Input is { } input ? Weight(input) : 0;

    /// <summary>What an opened folder holds until it is judged.</summary>
    public static long Weight(OpenedLayout opened) => (opened.Input is { } input ? Weight(input) : 0) + opened.Packages.Sum(p => (long)p.File.Content.Length);

    private static long Weight(AuditInput input) => input.Files.Sum(f => (long)f.Content.Length);

    /// <summary>Opens an OCI layout or a repository.</summary>
    /// <param name="layout">The folder.</param>
    /// <param name="memo">What was hashed before.</param>
    /// <param name="repository">Checks a repository and gives its packages.</param>
    public static OpenedLayout Layout(LayoutFolder layout, AuditMemo memo, Func<LayoutFolder, RepositoryKind, List<Finding>, IReadOnlyList<AuditFile>> repository)
    {
        var found = new List<Finding>();
        var opened = new OpenedLayout(layout, null, [], null, found);
        try
        {
            if (layout.Kind is not { } kind)
            {
                return opened with { Input = Containers.Oci(layout.Path, layout.Name, memo.Contents, found) };
            }

            var packages = repository(layout, kind, found);
            return packages.Count > 0
                ? opened with { Packages = [.. packages.Select(p => new ServedPackage(p, Convert.ToHexStringLower(SHA256.HashData(p.Content.Span))))] }
                : throw new TdxException(ExitCode.VerificationFailed, "the repository holds no package");
        }
        catch (TdxException e) when (IsVerdict(e))
        {
            return opened with { Error = e };
        }
    }

    /// <summary>Opens an archive or package.</summary>
    public static OpenedArchive Archive(ArchiveFile file)
    {
        var found = new List<Finding>();
        try
        {
            return new OpenedArchive(file.Name, file.Open(found), null, found);
        }
        catch (TdxException e) when (IsVerdict(e))
        {
            return new OpenedArchive(file.Name, null, e, found);
        }
    }
}
