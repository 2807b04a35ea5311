using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.Checksums;

namespace TdxRelease.Release.Audit;

/// <summary>A directory that is a form of release by itself: an OCI layout or a repository.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Name">What findings call it.</param>
/// <param name="Kind">The kind of repository; null for an OCI layout.</param>
/// <param name="Alone">No list of an output directory around it covers its files.</param>
internal sealed record LayoutFolder(string Path, string Name, RepositoryKind? Kind, bool Alone = false)
{
    /// <summary>The layout or repository at a path, or null where it is neither.</summary>
    public static LayoutFolder? At(string path, string name, bool alone = false)
    {
        var oci = File.Exists(System.IO.Path.Combine(path, "oci-layout"));
        var repository = oci ? null : RepositoryAudit.KindOf(path);
        return oci || repository is not null ? new LayoutFolder(path, name, repository, alone) : null;
    }
}

/// <summary>A layout that was opened.</summary>
/// <param name="Part">The verdict on an OCI layout, or why it or a repository could not be opened; null for a repository.</param>
/// <param name="Packages">The packages of a repository that its signed index leads to.</param>
/// <param name="Found">What is wrong with the repository as a whole.</param>
internal sealed record OpenedLayout(AuditedPart? Part, IReadOnlyList<AuditFile> Packages, List<Finding> Found);

/// <summary>Audits OCI layouts with the Sigstore bundles in them, and repositories with every package in them.</summary>
/// <param name="run">The audit.</param>
/// <param name="layout">The directory.</param>
internal sealed class LayoutAudit(AuditRun run, LayoutFolder layout)
{
    private const string Covering = "the repository's signed index";

    /// <summary>Opens the directory; an OCI layout is judged. May be called from several threads.</summary>
    public OpenedLayout Open()
    {
        if (layout.Kind is not { } kind)
        {
            return new OpenedLayout(run.Audit(layout.Name, around => Containers.Oci(layout.Path, layout.Name, around)), [], []);
        }

        var found = new List<Finding>();
        try
        {
            return new OpenedLayout(null, Packages(kind, found), found);
        }
        catch (TdxException e) when (Container.IsVerdict(e))
        {
            return new OpenedLayout(AuditRun.Refused(layout.Name, e, found, AuditRules.Repository), [], []);
        }
    }

    /// <summary>Counts what was opened; packages are judged now.</summary>
    public void Count(OpenedLayout opened)
    {
        if (opened.Part is { } part)
        {
            run.Count(part);
            return;
        }

        run.Found(opened.Found);
        run.Several = true;
        Count(opened.Packages);
    }

    private IReadOnlyList<AuditFile> Packages(RepositoryKind kind, List<Finding> found)
    {
        if (run.Verifier(RepositoryAudit.CertificateIn(layout.Path, kind)) is not { } trusted)
        {
            const string missing = "no certificate of the given key lies in the repository, and none is given";
            throw new TdxException(ExitCode.VerificationFailed, missing, "--certificate release.pgp");
        }

        if (layout.Alone)
        {
            new FolderList(run.Request, layout.Path, found)
            {
                Verifier = trusted.Verifier,
                OpenPgp = true,
                Raw = false
            }.Check(FolderEntries.Of(layout.Path));
        }

        var now = run.Request.AllowExpired ? (DateTimeOffset?)null : run.Request.Now;
        var packages = RepositoryAudit.Verify(layout.Path, kind, trusted.Verifier, trusted.Keyring, now,
            sha256 => run.Known(sha256) is not null);
        return packages.Count > 0 ? packages : throw new TdxException(ExitCode.VerificationFailed, "the repository contains no package");
    }

    private void Count(IReadOnlyList<AuditFile> packages)
    {
        var others = new List<(AuditFile File, string Sha256)>();
        var newest = 0L;
        foreach (var package in packages)
        {
            // The same bytes were audited: covered by one signature is covered.
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(package.Content.Span));
            if (run.Known(sha256) is { } known)
            {
                run.CountAgain(known, Name(package));
                newest = Math.Max(newest, known.Manifest?.Sequence ?? 0);
            }
            else if (Containers.KindOf(package.Path) is not null)
            {
                others.Add((package, sha256));
            }
        }

        // Freshness is asked of the newest only. To know it each is opened; none stays open, because there may be many.
        newest = others.Count > 1 ? ParallelMap.Select(others, p => Sequence(p.File), run.Workers).Append(newest).Max() : newest;
        foreach (var part in ParallelMap.Select(others, p => run.Audit(Name(p.File), around => Open(p.File, p.Sha256, newest, around)),
            run.Workers))
        {
            run.Count(part);
        }
    }

    private string Name(AuditFile package) => $"{layout.Name}/{package.Path}";

    // The signed index covers a package's bytes; a signature of its own was checked on the way.
    private Container Open(AuditFile package, string sha256, long newest, List<Finding> around)
    {
        var container = Containers.Open(package.Path, package.Content, null, null, around);
        return container with
        {
            Name = Name(package),
            Sha256 = sha256,
            CoveredBy = Covering,
            InRepository = true,
            Superseded = (container.Claim?.Sequence ?? 0) < newest
        };
    }

    private static long Sequence(AuditFile package)
    {
        try
        {
            return Containers.Open(package.Path, package.Content, null, null, []).Claim?.Sequence ?? 0;
        }
        catch (TdxException e) when (Container.IsVerdict(e))
        {
            return 0;
        }
    }
}
