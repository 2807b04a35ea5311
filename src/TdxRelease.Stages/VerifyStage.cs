using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Mapping;
using TdxRelease.Modules.Trust;
using TdxRelease.Modules.Verification;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Stages;

/// <summary>One module after verification. The module's bytes are not kept: 5,000 modules must not fill the memory.</summary>
/// <param name="Release">Its entry in the mapping file.</param>
/// <param name="Facts">What its sigstruct says; null where files are missing or unreadable.</param>
/// <param name="Sigstruct">The verified sigstruct bytes.</param>
/// <param name="Findings">In order of the checks.</param>
public sealed record VerifiedModule(ModuleRelease Release, ModuleFacts? Facts, ReadOnlyMemory<byte> Sigstruct, IReadOnlyList<Finding> Findings)
{
    /// <summary>Facts are there and no finding fails.</summary>
    public bool Verified => Facts is not null && !Findings.Any(f => f.Fails);
}

/// <summary>A snapshot after verification.</summary>
/// <param name="Snapshot">What was verified.</param>
/// <param name="Policy">Against what.</param>
/// <param name="Mapping">The mapping file.</param>
/// <param name="Modules">Sorted by version.</param>
/// <param name="Findings">Findings about the snapshot as a whole, the mapping file among them.</param>
public sealed record VerifiedSnapshot(Snapshot Snapshot, TrustPolicy Policy, MappingFile Mapping, IReadOnlyList<VerifiedModule> Modules, IReadOnlyList<Finding> Findings)
{
    /// <summary>All findings: the snapshot's, then each module's.</summary>
    public IEnumerable<Finding> AllFindings => Findings.Concat(Modules.SelectMany(m => m.Findings));

    /// <summary>No finding fails.</summary>
    public bool Verified => !AllFindings.Any(f => f.Fails);
}

/// <summary>Verifies every module of a snapshot down to the pinned key.</summary>
public static class VerifyStage
{
    /// <summary>Upstream's name of the mapping file.</summary>
    public const string MappingPath = "mapping_file.json";

    /// <summary>Reads the mapping file of a snapshot.</summary>
    /// <exception cref="TdxException">Exit 3 with the first failing finding.</exception>
    public static MappingFile ReadMapping(Snapshot snapshot, Strictness strictness, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var mapping = MappingReader.Read(snapshot.Read(MappingPath), MappingPath, strictness, own);
        foreach (var finding in own)
        {
            findings.Add(finding);
        }

        return mapping ?? throw new TdxException(ExitCode.BadInput, own.First(f => f.Fails).ToString(), "tdxrel validate lists all findings");
    }

    /// <summary>Verifies all modules, in parallel, and the set as a whole.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="policy">The trust policy.</param>
    /// <param name="strictness">For the mapping file.</param>
    public static VerifiedSnapshot Run(Snapshot snapshot, TrustPolicy policy, Strictness strictness)
    {
        var findings = new List<Finding>();
        var mapping = ReadMapping(snapshot, strictness, findings);
        findings.AddRange(SnapshotRules.Check(snapshot.Files.Select(f => f.Path), mapping));
        var modules = new VerifiedModule[mapping.Releases.Count];
        Parallel.For(0, modules.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => modules[i] = Verify(snapshot, mapping.Releases[i], policy));
        return new VerifiedSnapshot(snapshot, policy, mapping, modules, findings);
    }

    /// <summary>Reads a module again and holds it to what was verified: nothing that changed in between gets into a bundle.</summary>
    /// <exception cref="TdxException">Exit 4: the file is not the one that was verified.</exception>
    public static byte[] ReadVerified(Snapshot snapshot, VerifiedModule module)
    {
        var bytes = snapshot.Read(module.Release.BinPath);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA384.HashData(bytes));
        return hash == module.Facts?.MrSeam
            ? bytes
            : throw new TdxException(ExitCode.VerificationFailed, $"{module.Release.BinPath}: changed after it was verified");
    }

    private static VerifiedModule Verify(Snapshot snapshot, ModuleRelease release, TrustPolicy policy)
    {
        // Missing files are findings of SnapshotRules; here they only leave the module unverified.
        if (!snapshot.Contains(release.BinPath) || !snapshot.Contains(release.SigstructPath))
        {
            return new VerifiedModule(release, null, default, []);
        }

        NamedBytes Read(string path) => new(path, snapshot.Read(path));
        var input = new ModuleInput(release.Version, release.Spelling, Read(release.BinPath), Read(release.SigstructPath), snapshot.Contains(release.BlobPath) ? Read(release.BlobPath) : null);
        var verdict = ModuleVerifier.Verify(input, policy);
        return new VerifiedModule(release, verdict.Facts, input.Sigstruct.Bytes, verdict.Findings);
    }
}
