using System.Globalization;
using TdxRelease.Archives;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Metadata;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>
/// The package with the certificates of a repository. It is signed with the key that its users have and brings them the next one, which is
/// how a key is replaced without anybody's hands.
/// </summary>
public static class KeyringPackage
{
    /// <summary>Its name in every distribution.</summary>
    public const string Name = "tdx-module-archive-keyring";

    // Everybody can sign with the TEST key: its package never upgrades the real one.
    private const string SampleName = "tdx-module-sample-archive-keyring";

    private static readonly string[] Description =
    [
        "The OpenPGP certificates that verify the signatures of the Intel TDX module",
        "repository. While a key is replaced it holds the old and the new one.",
    ];

    /// <summary>Whether a file name is that of such a package.</summary>
    public static bool Is(string fileName) => fileName.StartsWith(Name, StringComparison.Ordinal)
        || fileName.StartsWith(SampleName, StringComparison.Ordinal);

    /// <summary>
    /// What it holds and says. Its version is the time of the release, with its revision: later ones are newer, whatever upstream's date.
    /// </summary>
    /// <param name="like">The package that the repository serves: who maintains it, and when it was made.</param>
    /// <param name="files">The certificates, as the distribution wants them.</param>
    /// <param name="scripts">What makes the distribution's tools notice them.</param>
    public static PackageSpec Spec(PackageSpec like, IReadOnlyList<PackageFile> files, PackageScripts scripts)
    {
        var sample = like.Name.StartsWith("tdx-module-sample", StringComparison.Ordinal);
        var name = sample ? SampleName : Name;
        var version = like.Time.UtcDateTime.ToString("yyyyMMdd.HHmmss", CultureInfo.InvariantCulture);
        return like with
        {
            Name = name,
            Version = version,
            Summary = "OpenPGP certificates of the Intel TDX module repository",
            Description = string.Join('\n', Description),
            License = AppStream.License,
            Section = "misc",
            Files =
            [
                .. files,
                new PackageFile($"usr/share/licenses/{name}/LICENSE", System.Text.Encoding.UTF8.GetBytes($"{AppStream.LicenseText}\n"),
                    Role: FileRole.License),
            ],
            Changelog = [new ChangelogEntry($"{version}-{like.Revision}", like.Time, ["The certificates of this day."])],
            Scripts = scripts,
            Relations = PackageRelations.None with { Conflicts = [sample ? Name : SampleName] },
            Licensing = [new("*", AppStream.License, "LICENSE", $"{like.Time.UtcDateTime.Year} {like.Maintainer}")],
            InstalledTest = null,
        };
    }

    /// <summary>What of a package that was read back is installed for the distribution's tools.</summary>
    public static IReadOnlyList<TarEntry> Installed(PackageContents package) =>
        [.. package.Entries.Where(e => e.Kind != TarEntryKind.Folder && e.Path[0] != '.'
            && !e.Path.StartsWith("usr/share/doc/", StringComparison.Ordinal)
            && !e.Path.StartsWith("usr/share/licenses/", StringComparison.Ordinal))];

    /// <summary>Whether a package that was read back installs exactly these files.</summary>
    public static bool Holds(PackageContents package, IReadOnlyList<PackageFile> files)
    {
        var installed = Installed(package);
        return installed.Count == files.Count && files.All(f => installed.Any(e =>
            e.Path == f.Path && e.Kind == TarEntryKind.File && e.Content.Span.SequenceEqual(f.Content.Span)));
    }

    /// <summary>The certificates in a package, for the auditor; nothing else may be installed with them.</summary>
    /// <param name="repository">The kind of repository that it lies in.</param>
    /// <param name="file">The package.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="TdxException">Exit 3 or 4.</exception>
    public static OpenPgpKeyring Read(RepositoryFormat repository, ReadOnlyMemory<byte> file, string name)
    {
        var package = repository.Serves.Read(file, name);
        var keys = Installed(package).FirstOrDefault(e => e.Path == repository.KeyringPath)
            ?? throw RepositoryFolder.Damaged(name, $"has no {repository.KeyringPath}");
        var keyring = OpenPgpKeyring.Parse(keys.Content.Span, name);
        return Holds(package, repository.KeyringFiles(keyring)) ? keyring
            : throw RepositoryFolder.Damaged(name, "installs more than the certificates that it holds");
    }
}
