using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Signing.Checksums;

namespace TdxRelease.Release.Audit;

/// <summary>
/// Audits a release from outside: all it needs is the maintainer's public key and the trust policy. Everything that can be re-done is
/// re-done.
/// </summary>
public static class AuditStage
{
    private const int MaxState = 1 << 20;

    /// <summary>Audits what is at a path, and remembers an accepted release in the state file.</summary>
    /// <exception cref="TdxException">Exit 3: nothing there that can be audited; exit 6: unreadable. What is there and wrong is a
    /// finding.</exception>
    public static AuditReport Run(AuditRequest request)
    {
        var state = request.State is { } named ? OutputPath.OfState(named) : null;
        var seen = state is not null && FileStat.Of(state) is not null ? AcceptedReleases.Parse(InputFile.Read(state, MaxState), state)
            : AcceptedReleases.Empty;
        var run = new AuditRun(request, seen);
        Open(run, request.Path);
        var report = run.Finish();
        if (report.Passed && state is not null)
        {
            // Only what a signature vouches for: whoever can write a number there can have every later release refused as older.
            var parts = report.Parts.Where(p => p.Checked.Contains(AuditQuestion.Published));
            AtomicFile.Write(state,
                parts.Aggregate(seen,
                (s, p) => s.With(new AcceptedRelease(p.Manifest!.Name, p.Manifest.Sequence, p.Verdict.ManifestSha256))).ToJson());
        }

        return report;
    }

    private static void Open(AuditRun run, string path)
    {
        var name = Path.GetFileName(Path.GetFullPath(path));
        if (!Directory.Exists(path))
        {
            OpenFile(run, path);
        }
        else if (Directory.EnumerateFiles(path, $"*.{Manifest.FileName}").Any())
        {
            run.Try(".", _ => new OutputFolderAudit(run, path).Run());
        }
        else if (File.Exists(Path.Combine(path, Manifest.FileName)))
        {
            run.Count(run.Audit(name, _ => Containers.Folder(path)));
        }
        else if (LayoutFolder.At(path, name, alone: true) is { } layout)
        {
            var audit = new LayoutAudit(run, layout);
            audit.Count(audit.Open());
        }
        else if (File.Exists(Path.Combine(path, ChecksumList.FileName)))
        {
            // Without its manifest or index it is still known for what it was.
            run.Try(".", _ => new OutputFolderAudit(run, path).Run());
        }
        else
        {
            throw new TdxException(ExitCode.BadInput,
                $"\"{path}\" is neither a bundle, a repository, an OCI layout nor an output directory",
                $"a bundle has {Manifest.FileName}, an output directory NAME.{Manifest.FileName}");
        }
    }

    private static void OpenFile(AuditRun run, string path)
    {
        if (FileStat.Of(path) is null)
        {
            throw new TdxException(ExitCode.Io, $"\"{path}\": no such file or directory",
                "name a bundle's directory, tar or package, a repository, or an output directory");
        }

        var name = Path.GetFileName(path);
        if (Containers.KindOf(name) is null)
        {
            throw new TdxException(ExitCode.BadInput, $"\"{path}\": want {PackageFormats.Wanted}");
        }

        var bytes = InputFile.Read(path, Containers.MaxArchive);
        var signature = FileStat.Of($"{path}.sig") is not null ? InputFile.Read($"{path}.sig", MaxState) : null;
        IReadOnlyList<AuditFile> attestations = [.. run.Request.Attestations.Select(a => new AuditFile(a, InputFile.Read(a, 1 << 25)))];
        run.Count(run.Audit(name,
            around => run.Attest(Containers.Open(name, bytes, signature, run.PackageVerifier, around), bytes, attestations, around)));
    }
}
