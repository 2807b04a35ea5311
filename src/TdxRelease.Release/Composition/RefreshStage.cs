using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Packaging;
using TdxRelease.Repositories;
using TdxRelease.Signing;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Composition;

/// <summary>Signs what expires again with new dates. No package changes, and with none of them the manifest inside.</summary>
public static class RefreshStage
{
    private const string Apt = "apt/";

    /// <summary>
    /// Refreshes the apt index of a repository, of a folder of repositories, or of a release, whose signed list then is made anew.
    /// </summary>
    /// <param name="folder">One of these; replaced as a whole.</param>
    /// <param name="time">The new date.</param>
    /// <param name="validFor">How long it counts; null for as long as before.</param>
    /// <param name="signer">The key that signed what is there.</param>
    /// <returns>The new dates.</returns>
    /// <exception cref="TdxException">Exit 3, 4, 5 or 6; the folder stands as it was.</exception>
    public static AptDates Run(string folder, DateTimeOffset time, TimeSpan? validFor, ReleaseSigner signer)
    {
        var openPgp = signer.Repositories?.Index
            ?? throw new TdxException(ExitCode.Refused, "an index needs OpenPGP signatures, and there is no OpenPGP certificate",
            "--certificate=FILE");
        if (File.Exists(Path.Combine(folder, OutputMarker.FileName)))
        {
            return Release(folder, time, validFor, signer, openPgp);
        }

        var nested = Path.Combine(folder, Apt.TrimEnd('/'));
        var repository = Directory.Exists(nested) ? nested : folder;
        return Directory.Exists(Path.Combine(repository, "dists")) ? AptRefresh.Run(repository, time, validFor, openPgp)
            : throw new TdxException(ExitCode.BadInput, $"\"{SafePath.Printable(folder)}\" holds no apt repository",
                "want a directory with dists/ and pool/, one with the directory apt/, or a release");
    }

    private static AptDates Release(string folder, DateTimeOffset time, TimeSpan? validFor, ReleaseSigner signer, IOpenPgpSigner openPgp)
    {
        using var next = new AtomicFolder(folder);
        var files = RepositoryFolder.Read(folder).Where(f => f.Key != OutputMarker.FileName).ToDictionary(StringComparer.Ordinal);
        var old = files.Where(f => f.Key.StartsWith(Apt, StringComparison.Ordinal))
            .ToDictionary(f => f.Key[Apt.Length..], f => f.Value, StringComparer.Ordinal);
        if (old.Count == 0)
        {
            throw new TdxException(ExitCode.BadInput, $"\"{SafePath.Printable(folder)}\" holds no apt repository",
                "nothing else of a release can be signed again: its packages hold the manifest");
        }

        // What is signed again here was signed before, by the same key.
        RepositoryChecksums.RequireIntact(files, OpenPgpVerifier.Of(openPgp, time), listRequired: true);
        var (apt, dates) = AptRefresh.Build(old, time, validFor, openPgp);
        foreach (var (path, content) in files.Where(f => !f.Key.StartsWith(Apt, StringComparison.Ordinal) && !ChecksumList.IsPart(f.Key)))
        {
            next.Write(path, content);
        }

        foreach (var (path, content) in apt)
        {
            next.Write($"{Apt}{path}", content);
        }

        ReleaseChecksums.Write(next, signer, time);
        next.Commit();
        return dates;
    }
}
