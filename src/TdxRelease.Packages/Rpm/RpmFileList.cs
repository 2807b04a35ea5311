using System.Text;
using TdxRelease.Archives;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>A file as the header lists it.</summary>
/// <param name="Path">Without leading slash.</param>
/// <param name="Mode">Mode with type bits.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Digest">SHA-256 in hex, empty for what is not a regular file.</param>
/// <param name="LinkTarget">Target of a symbolic link, else empty.</param>
/// <param name="Flags">What it is for.</param>
public sealed record RpmListedFile(string Path, int Mode, long Length, string Digest, string LinkTarget, RpmFileFlags Flags)
{
    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => (Mode & 0xF000) == 0x4000;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsRegular => (Mode & 0xF000) == 0x8000;
}

/// <summary>The header's file table, and its comparison with the payload.</summary>
internal static class RpmFileList
{
    public static IReadOnlyList<RpmListedFile> Read(RpmPackage package, string name)
    {
        var header = package.Header;
        if (!header.Has(RpmTag.BaseNames))
        {
            return [];
        }

        var (bases, folders, indexes) = (header.Texts(RpmTag.BaseNames), header.Texts(RpmTag.DirNames), header.Numbers(RpmTag.DirIndexes));
        var (modes, sizes, flags) = (header.Numbers(RpmTag.FileModes), header.Numbers(RpmTag.FileSizes), header.Numbers(RpmTag.FileFlags));
        var (digests, links) = (header.Texts(RpmTag.FileDigests), header.Texts(RpmTag.FileLinkTos));
        int[] counts = [indexes.Count, modes.Count, sizes.Count, flags.Count, digests.Count, links.Count];
        if (counts.Any(c => c != bases.Count))
        {
            throw package.Bad($"{bases.Count} file names, but the other file tags have {string.Join(", ", counts)} values");
        }

        if (header.Numbers(RpmTag.FileDigestAlgorithm) is not [RpmAssembler.Sha256Id])
        {
            throw package.Bad("file digests are not SHA-256 (algorithm 8)");
        }

        var files = new List<RpmListedFile>(bases.Count);
        for (var i = 0; i < bases.Count; i++)
        {
            var folder = indexes[i] >= 0 && indexes[i] < folders.Count ? folders[(int)indexes[i]]
                : throw package.Bad($"file {i}: directory {indexes[i]} of {folders.Count}");
            var path = Join(folder, bases[i], package.IsSource) is var joined && SafePath.IsSafe(joined) ? joined
                : throw package.Bad($"file {i}: \"{SafePath.Printable(folder + bases[i])}\" is not a path that a package may contain");
            if (modes[i] is < 0 or > ushort.MaxValue || sizes[i] is < 0 or > uint.MaxValue)
            {
                throw package.Bad($"file {i}: mode {modes[i]} and length {sizes[i]} are out of range");
            }

            files.Add(new RpmListedFile(path, (int)modes[i], sizes[i], digests[i], links[i], unchecked((RpmFileFlags)flags[i])));
        }

        return files.DistinctBy(f => f.Path).Count() == files.Count ? files
            : throw new TdxException(ExitCode.BadInput, $"{name}: the header lists a path twice");
    }

    public static void Match(IReadOnlyList<RpmListedFile> listed, IReadOnlyList<CpioEntry> entries, string name)
    {
        if (!listed.Select(f => f.Path).SequenceEqual(entries.Select(e => e.Name)))
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: header and payload list different files");
        }

        for (var i = 0; i < listed.Count; i++)
        {
            var (file, entry) = (listed[i], entries[i]);
            var content = entry.Content.Span;
            if (file.Mode != entry.Mode
                || (file.IsRegular && (file.Length != content.Length || file.Digest != RpmPackage.Hash(content)))
                || (!file.IsRegular && !file.IsFolder && !Encoding.UTF8.GetBytes(file.LinkTarget).AsSpan().SequenceEqual(content)))
            {
                throw new TdxException(ExitCode.VerificationFailed,
                    $"{name}: \"{file.Path}\": the payload differs from the header in mode, length, digest or link target");
            }
        }
    }

    /// <summary>Path below the root, or an empty (unsafe) one where the folder is not of the package kind's form.</summary>
    private static string Join(string folder, string file, bool source) =>
        source
            ? (folder.Length == 0 && !file.Contains('/', StringComparison.Ordinal) ? file : "")
            : (folder.StartsWith('/') && folder.EndsWith('/') && !file.Contains('/', StringComparison.Ordinal) ? $"{folder[1..]}{file}"
                : "");
}
