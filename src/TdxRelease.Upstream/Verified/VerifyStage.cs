using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Upstream.Verified;

/// <summary>One module after verification. The module's bytes are not kept: 5,000 modules must not fill the memory.</summary>
/// <param name="Release">Its entry in the mapping file.</param>
/// <param name="Verdict">The verdict, its input without module and image; null where files are missing.</param>
public sealed record VerifiedModule(ModuleRelease Release, ModuleVerdict? Verdict)
{
    /// <summary>What its sigstruct says; null where files are missing or unreadable.</summary>
    public ModuleFacts? Facts => Verdict?.Facts;

    /// <summary>The sigstruct that was verified.</summary>
    public ReadOnlyMemory<byte> Sigstruct => Verdict?.Input.Sigstruct.Bytes ?? default;

    /// <summary>In order of the checks.</summary>
    public IReadOnlyList<Finding> Findings => Verdict?.Findings ?? [];

    /// <summary>Its own verdict is good, and no finding about the snapshot or between modules fails it.</summary>
    public bool Verified { get; init; }
}

/// <summary>A snapshot after verification.</summary>
/// <param name="Snapshot">What was verified.</param>
/// <param name="Policy">Against what.</param>
/// <param name="Mapping">The mapping file.</param>
/// <param name="Modules">Sorted by version.</param>
/// <param name="Published">The list of published measurements it was compared with.</param>
/// <param name="Findings">About the snapshot, then each module's, then those between witnesses.</param>
public sealed record VerifiedSnapshot(Snapshot Snapshot, TrustPolicy Policy, MappingFile Mapping, IReadOnlyList<VerifiedModule> Modules,
    PublishedList Published, IReadOnlyList<Finding> Findings)
{
    /// <summary>No finding fails.</summary>
    public bool Verified => !Findings.Any(f => f.Fails);

    /// <summary>Bad input where only metadata or files are wrong, verification failed where bytes or signatures are.</summary>
    public ExitCode ExitCode => Findings.Where(f => f.Fails).Select(f => f.Rule.ExitCode).DefaultIfEmpty(ExitCode.Success).Max();

    /// <summary>Ends the run where the snapshot is not verified.</summary>
    /// <exception cref="TdxException">The first failing finding.</exception>
    public void Require()
    {
        if (!Verified)
        {
            throw new TdxException(ExitCode, Findings.First(f => f.Fails).ToString(), "tdxrel verify lists all findings");
        }
    }
}

/// <summary>Verifies every module of a snapshot down to the pinned key.</summary>
public static class VerifyStage
{
    /// <summary>Reads the mapping file of a snapshot.</summary>
    /// <exception cref="TdxException">Exit 3 with the first failing finding.</exception>
    public static MappingFile ReadMapping(Snapshot snapshot, Strictness strictness, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var mapping = MappingReader.Read(snapshot.Read(UpstreamLayout.Mapping), UpstreamLayout.Mapping, strictness, own);
        foreach (var finding in own)
        {
            findings.Add(finding);
        }

        return mapping ?? throw new TdxException(ExitCode.BadInput, own.First(f => f.Fails).ToString(),
            "tdxrel validate lists all findings");
    }

    /// <summary>Verifies all modules, in parallel, and the set as a whole.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="policy">The trust policy.</param>
    /// <param name="strictness">For the mapping file.</param>
    /// <param name="published">List of published measurements instead of the embedded one.</param>
    public static VerifiedSnapshot Run(Snapshot snapshot, TrustPolicy policy, Strictness strictness, PublishedList? published = null)
    {
        published ??= PublishedList.Default;
        var findings = new List<Finding>();
        var mapping = ReadMapping(snapshot, strictness, findings);
        findings.AddRange(SnapshotChecks.Check(snapshot.Files.Select(f => f.Path), mapping, UpstreamLayout.Mapping));
        if (snapshot.Contains(UpstreamLayout.BinariesLicense)
            && SnapshotChecks.CheckLicense(snapshot.Read(UpstreamLayout.BinariesLicense), UpstreamLayout.BinariesLicense, policy)
            is { } license)
        {
            findings.Add(license);
        }

        var modules = ParallelMap.Select(mapping.Releases, () => new Buffers(),
            (release, buffers) => Verify(snapshot, release, policy, buffers));
        findings.AddRange(modules.SelectMany(m => m.Findings));
        findings.AddRange(CrossChecks.Check(mapping, UpstreamLayout.Mapping, [.. modules.Select(m => m.Verdict).OfType<ModuleVerdict>()],
            published));
        var failed = findings.Where(f => f.Fails).Select(f => f.Version).ToHashSet();
        var judged = modules.Select(m => m with { Verified = m.Verdict is { Verified: true } && !failed.Contains(m.Release.Spelling) });
        return new VerifiedSnapshot(snapshot, policy, mapping, [.. judged], published, findings);
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

    private static VerifiedModule Verify(Snapshot snapshot, ModuleRelease release, TrustPolicy policy, Buffers buffers)
    {
        // Missing files are findings of SnapshotChecks; here they only leave the module unverified.
        if (!snapshot.Contains(release.BinPath) || !snapshot.Contains(release.SigstructPath))
        {
            return new VerifiedModule(release, null);
        }

        var module = new NamedBytes(release.BinPath, snapshot.ReadInto(release.BinPath, ref buffers.Module));
        var sigstruct = new NamedBytes(release.SigstructPath, snapshot.Read(release.SigstructPath));
        NamedBytes? blob = snapshot.Contains(release.BlobPath)
            ? new NamedBytes(release.BlobPath, snapshot.ReadInto(release.BlobPath, ref buffers.Image)) : null;
        var input = new ModuleInput(release.Version, release.Spelling, module, sigstruct, blob);
        var verdict = ModuleVerifier.Verify(input, policy);
        return new VerifiedModule(release, verdict with
        {
            Input = input with
            {
                Module = input.Module with { Bytes = default },
                Image = input.Image is { } image ? image with { Bytes = default } : null
            },
        });
    }

    /// <summary>What one worker reads modules and images into, one after the other.</summary>
    private sealed class Buffers
    {
        public byte[] Module = [];
        public byte[] Image = [];
    }
}
