namespace TdxRelease.Packages;

/// <summary>What a file in a package is for, where formats treat it specially.</summary>
public enum FileRole
{
    /// <summary>An ordinary file.</summary>
    Plain,

    /// <summary>
    /// A licence text. Of its path only the file name counts: Debian joins all licences into
    /// <c>usr/share/doc/NAME/copyright</c>, Arch and rpm keep each as <c>usr/share/licenses/NAME/FILE</c>.
    /// </summary>
    License,

    /// <summary>Documentation (rpm: %doc).</summary>
    Documentation,

    /// <summary>A configuration file that upgrades keep (deb: conffiles, rpm: %config(noreplace), Arch: backup).</summary>
    Configuration,
}

/// <summary>A file, symbolic link or empty folder of a package. Owner and group are always root (0).</summary>
/// <param name="Path">Absolute installed path without the leading slash: <c>usr/lib/firmware/…</c>.</param>
/// <param name="Content">The bytes; empty for a link.</param>
/// <param name="Mode">Permission bits, 0644 or 0755.</param>
/// <param name="Role">What it is for.</param>
/// <param name="LinkTarget">Set for a symbolic link.</param>
public sealed record PackageFile(string Path, ReadOnlyMemory<byte> Content, int Mode = 0x1A4, FileRole Role = FileRole.Plain,
    string? LinkTarget = null)
{
    /// <summary>Whether it is a folder, which only an empty one has to say of itself.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Whether it has content of its own.</summary>
    internal bool IsRegular => LinkTarget is null && !IsFolder;

    /// <summary>An empty folder with mode 0755.</summary>
    public static PackageFile Folder(string path) => new(path, default, 0x1ED) { IsFolder = true };
}

/// <summary>One entry of a package's changelog, newest first.</summary>
/// <param name="Version">Package version it describes.</param>
/// <param name="Time">When.</param>
/// <param name="Lines">What changed, one sentence each.</param>
public sealed record ChangelogEntry(string Version, DateTimeOffset Time, IReadOnlyList<string> Lines);

/// <summary>For which processors a package is.</summary>
public enum PackageArchitecture
{
    /// <summary>All of them (deb: all; rpm: noarch).</summary>
    Any,

    /// <summary>x86-64 only (deb: amd64; rpm: x86_64).</summary>
    X64,

    /// <summary>64-bit ARM only (deb: arm64; rpm: aarch64).</summary>
    Arm64,
}

/// <summary>Everything a package format needs to know, independent of the format.</summary>
/// <param name="Name">Package name: lower-case letters, digits, <c>+-.</c>.</param>
/// <param name="Version">Upstream part of the version: <c>20260210</c>.</param>
/// <param name="Revision">Packaging revision: <c>1</c>.</param>
/// <param name="Summary">One line, no full stop.</param>
/// <param name="Description">Paragraphs; lines without markup.</param>
/// <param name="Maintainer"><c>Name &lt;mail&gt;</c>.</param>
/// <param name="Homepage">URL.</param>
/// <param name="License">Licence tag as this distribution writes it.</param>
/// <param name="Section">Debian section, e.g. <c>non-free-firmware/admin</c>.</param>
/// <param name="Time">SOURCE_DATE_EPOCH: every timestamp in the package.</param>
/// <param name="Files">Sorted by ordinal path by the writers; parent folders are implied.</param>
/// <param name="Changelog">Newest first; at least one entry.</param>
/// <param name="Scripts">Maintainer scripts by phase; empty where there are none.</param>
public sealed record PackageSpec(
    string Name,
    string Version,
    string Revision,
    string Summary,
    string Description,
    string Maintainer,
    string Homepage,
    string License,
    string Section,
    DateTimeOffset Time,
    IReadOnlyList<PackageFile> Files,
    IReadOnlyList<ChangelogEntry> Changelog,
    PackageScripts Scripts)
{
    /// <summary>Other packages it wants or excludes, named as this distribution names them.</summary>
    public PackageRelations Relations { get; init; } = PackageRelations.None;

    /// <summary>The distribution that Debian's changelog names.</summary>
    public string Distribution { get => field.Length > 0 ? field : "unstable"; init; } = "";

    /// <summary>Which files of the source have which licence, later entries before earlier; none where that is not told apart.</summary>
    public IReadOnlyList<LicensedFiles> Licensing { get; init; } = [];

    /// <summary>A command that checks what is installed, with its path; null where there is none.</summary>
    public string? InstalledTest { get; init; }

    /// <summary>URL of the git repository that the packaging is kept in; empty where it is kept in none.</summary>
    public string Vcs { get; init; } = "";

    /// <summary>The processors its files run on. Firmware and scripts: any.</summary>
    public PackageArchitecture Architecture { get; init; }
}

/// <summary>Files of the source that are under one licence (Debian's machine-readable copyright file).</summary>
/// <param name="Files">Patterns of their paths in the Debian source package, separated by blanks.</param>
/// <param name="License">Short name of the licence.</param>
/// <param name="Text">File name of the licence text among the package's files of role <see cref="FileRole.License"/>; or, with blanks, the
/// text itself.</param>
/// <param name="Holder">Who holds the copyright where the text names nobody.</param>
public sealed record LicensedFiles(string Files, string License, string Text, string Holder);

/// <summary>Relations to other packages, each in the syntax of the distribution that the spec is for.</summary>
/// <param name="Depends">Must be installed.</param>
/// <param name="Recommends">Should be installed (Arch: optional dependencies).</param>
/// <param name="Suggests">May be of use (Arch: optional dependencies).</param>
/// <param name="Conflicts">Cannot be installed beside it.</param>
/// <param name="Provides">Names it answers to as well.</param>
/// <param name="Replaces">Packages whose files it takes over.</param>
public sealed record PackageRelations(
    IReadOnlyList<string> Depends,
    IReadOnlyList<string> Recommends,
    IReadOnlyList<string> Suggests,
    IReadOnlyList<string> Conflicts,
    IReadOnlyList<string> Provides,
    IReadOnlyList<string> Replaces)
{
    /// <summary>No relations.</summary>
    public static PackageRelations None { get; } = new([], [], [], [], [], []);
}

/// <summary>POSIX sh bodies run at install and removal; null where there is none.</summary>
/// <param name="PostInstall">After files are in place.</param>
/// <param name="PreRemove">Before files go.</param>
/// <param name="PostRemove">After files went.</param>
public sealed record PackageScripts(string? PostInstall = null, string? PreRemove = null, string? PostRemove = null);
