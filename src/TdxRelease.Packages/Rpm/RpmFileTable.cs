using TdxRelease.Archives;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>The files of a package in rpm's order, the header tags that describe them, and their cpio archive.</summary>
internal sealed class RpmFileTable
{
    /// <summary>
    /// Folders that every distribution's base packages own (Fedora: filesystem, openSUSE: filesystem, systemd). Parents outside of this
    /// list belong to the package,
    /// so that removing it leaves nothing.
    /// </summary>
    private static readonly HashSet<string> SystemFolders = new(StringComparer.Ordinal)
    {
        "bin", "boot", "boot/efi", "etc", "lib", "opt", "sbin", "srv", "usr", "usr/bin", "usr/lib", "usr/lib/systemd",
        "usr/lib/systemd/system",
        "usr/libexec", "usr/sbin", "usr/share", "usr/share/bash-completion", "usr/share/bash-completion/completions", "usr/share/doc",
        "usr/share/licenses", "usr/share/man", "usr/share/man/man1", "usr/share/man/man5",
        "usr/share/man/man7", "usr/share/man/man8", "usr/share/metainfo", "var", "var/lib", "var/cache",
    };

    private readonly List<RpmEntry> entries;

    private RpmFileTable(IEnumerable<RpmEntry> files)
    {
        // rpm finds payload members by bisecting the paths, so both lists are in byte order.
        entries = [.. files.OrderBy(e => e.Path, StringComparer.Ordinal)];
        for (var i = 1; i < entries.Count; i++)
        {
            if (entries[i].Path == entries[i - 1].Path)
            {
                throw new TdxException(ExitCode.BadInput, $"\"{entries[i].Path}\" is in the package twice");
            }
        }
    }

    public long InstalledSize => entries.Where(e => e.IsRegular).Sum(e => (long)e.Content.Length);

    public bool HasConfiguration => entries.Any(e => e.Flags.HasFlag(RpmFileFlags.Config));

    /// <summary>Paths of the files and folders that the package owns.</summary>
    public IEnumerable<RpmEntry> Entries => entries;

    public static RpmFileTable Binary(PackageSpec spec)
    {
        var listed = PackageTree.AtLicenseFolder(spec).Select(RpmEntry.From).ToList();
        var paths = listed.Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        var folders = listed.SelectMany(e => Parents(e.Path)).Distinct(StringComparer.Ordinal).Where(f => !SystemFolders.Contains(f))
            .ToList();
        if (folders.Find(paths.Contains) is { } clash)
        {
            throw new TdxException(ExitCode.BadInput, $"\"{clash}\" is a file of the package and the directory of another");
        }

        return new RpmFileTable(listed.Concat(folders.Select(RpmEntry.Folder)));
    }

    public static RpmFileTable Source(IEnumerable<RpmEntry> files) => new(files);

    /// <summary>The payload, uncompressed.</summary>
    public byte[] Archive(long time, string prefix) =>
        CpioWriter.Write(entries.Select((e, i) => new CpioEntry(e.Path, e.Mode, i + 1, time, e.Content)), prefix);

    /// <summary>Writes the file tags. Absolute paths in binary packages, an empty folder name in source packages.</summary>
    public void Describe(RpmHeaderBuilder header, long time, bool source)
    {
        var folders = new List<string>();
        var indexes = new List<long>();
        foreach (var folder in entries.Select(e => source ? "" : $"/{e.Path[..(e.Path.LastIndexOf('/') + 1)]}"))
        {
            var index = folders.IndexOf(folder);
            if (index < 0)
            {
                index = folders.Count;
                folders.Add(folder);
            }

            indexes.Add(index);
        }

        header.Int32(RpmTag.Size, InstalledSize);
        header.Int32s(RpmTag.DirIndexes, indexes);
        header.Texts(RpmTag.BaseNames, Each(e => e.Path[(e.Path.LastIndexOf('/') + 1)..]));
        header.Texts(RpmTag.DirNames, folders);
        header.Int32s(RpmTag.FileSizes, Each(e => (long)e.Content.Length));
        header.Int16s(RpmTag.FileModes, Each(e => e.Mode));
        header.Int16s(RpmTag.FileRdevs, Each(_ => 0));
        header.Int32s(RpmTag.FileMtimes, Each(_ => time));
        header.Texts(RpmTag.FileDigests, Each(e => e.Digest));
        header.Texts(RpmTag.FileLinkTos, Each(e => e.LinkTarget));
        header.Int32s(RpmTag.FileFlags, Each(e => (long)e.Flags));
        header.Texts(RpmTag.FileUserName, Each(_ => "root"));
        header.Texts(RpmTag.FileGroupName, Each(_ => "root"));
        header.Int32s(RpmTag.FileVerifyFlags, Each(_ => (long)uint.MaxValue));
        header.Int32s(RpmTag.FileDevices, Each(_ => 1L));
        header.Int32s(RpmTag.FileInodes, [.. Enumerable.Range(1, entries.Count).Select(i => (long)i)]);
        header.Texts(RpmTag.FileLangs, Each(_ => ""));
        header.Int32(RpmTag.FileDigestAlgorithm, RpmAssembler.Sha256Id);
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }

    private List<T> Each<T>(Func<RpmEntry, T> of) => [.. entries.Select(of)];
}
