using TdxRelease.Core;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Composition;
using TdxRelease.Release.History;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Release.Rebuild;

/// <summary>What to build again, and from what.</summary>
/// <param name="Provenance">DSSE envelope, Sigstore bundle or bare statement.</param>
/// <param name="Snapshot">The upstream source.</param>
/// <param name="Policy">The trust policy; must be the one that the provenance names.</param>
/// <param name="Signer">The release key, or null: then everything but the signatures is compared.</param>
/// <param name="Against">The published output folder, or null to compare with the hashes in the provenance alone.</param>
public sealed record RebuildRequest(string Provenance, Snapshot Snapshot, TrustPolicy Policy, ReleaseSigner? Signer, string? Against)
{
    /// <summary>For the mapping file, as the release was made.</summary>
    public Strictness Strictness { get; init; }

    /// <summary>Checks the provenance's signature first; null leaves it: what counts here is that the bytes come out again.</summary>
    public RsaPublicKey? Key { get; init; }

    /// <summary>Base URL of the repositories' configuration files; null for the one that the provenance records.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Names, sections and maintainer that the packages were made with; null for what the provenance records.</summary>
    public BundleMetadata? Metadata { get; init; }

    /// <summary>The earlier states that the changelog was made from.</summary>
    public IReadOnlyList<EarlierRelease> History { get; init; } = [];

    /// <summary>Gets a line for everything that could not be compared.</summary>
    public Action<string> Notice { get; init; } = _ => { };
}

/// <summary>A file that does not come out the same.</summary>
/// <param name="Path">Its path in the output folder or bundle.</param>
/// <param name="Reason">What differs, or that it is missing.</param>
public sealed record RebuildDifference(string Path, string Reason);

/// <summary>How the rebuild compared.</summary>
/// <param name="Parameters">What the provenance says of the build.</param>
/// <param name="Same">Files that came out byte for byte the same.</param>
/// <param name="Differences">Files that did not.</param>
/// <param name="Signatures">Whether signatures were compared too.</param>
public sealed record RebuildResult(BuildParameters Parameters, IReadOnlyList<string> Same, IReadOnlyList<RebuildDifference> Differences,
    bool Signatures)
{
    /// <summary>Something was compared, and all of it is the same.</summary>
    public bool Reproduced => Same.Count > 0 && Differences.Count == 0;
}

/// <summary>Builds a release again from its provenance and the upstream source, and compares byte for byte.</summary>
public static class RebuildStage
{
    private const int MaxProvenance = 1 << 25;

    /// <summary>Builds and compares. Nothing is left on disk.</summary>
    /// <exception cref="TdxException">Exit 3: no provenance of this tool; exit 4: another source or policy than the provenance names; exit
    /// 5: as the build says.</exception>
    public static RebuildResult Run(RebuildRequest request)
    {
        var (statement, provenance) = Open(request);
        var parameters = BuildParameters.Read(provenance, request.Provenance);
        if (parameters.PolicySha256 != request.Policy.Sha256)
        {
            throw new TdxException(ExitCode.VerificationFailed,
                $"the release was made under policy {parameters.PolicySha256}, given is {request.Policy.Sha256} \"{request.Policy.Name}\"",
                "--policy FILE");
        }

        if (provenance.BuilderVersion != ToolVersion.Text)
        {
            request.Notice($"the release was made by {provenance.BuilderVersion}, this is {ToolVersion.Text}");
        }

        var verified = VerifyStage.Run(Sourced(request, parameters.Source), request.Policy, request.Strictness);
        var signer = Usable(request, parameters, provenance);
        var bundle = BundleStage.Compose(
            new BundleRequest(verified, parameters.LicenseSha256, signer?.Rsa, parameters.Unsigned, parameters.Sample, parameters.Lifetime)
            {
                OpenPgp = signer?.OpenPgp,
                Time = parameters.Time,
                Package = parameters.Packaging?.Version ?? new PackageVersion(DateOnly.FromDateTime(parameters.Time.UtcDateTime)),
                LeaveSignatureOut = signer is null && !parameters.Unsigned,
            });
        var comparison = new RebuildComparison(statement, provenance, bundle);
        if (signer is null && !parameters.Unsigned)
        {
            comparison.WithoutSignatures(request.Against, request.Notice);
        }
        else
        {
            comparison.Whole(Packages(request, parameters.Packaging,
                new PackageRequest(verified, bundle, signer, parameters.Sample, null, request.Notice)), request.Against);
        }

        return new RebuildResult(parameters, comparison.Same, comparison.Differences, signer is not null);
    }

    private static PackageRequest Packages(RebuildRequest request, PackagingParameters? recorded, PackageRequest made)
    {
        if (recorded is not null)
        {
            RequireSame(recorded.History, [.. request.History.Select(h => h.Label).Order(StringComparer.Ordinal)],
                "history of the changelog", "--history");
            if (made.Signer is not null)
            {
                RequireSame(recorded.Keyring, PackagingParameters.Of(made).Keyring,
                    "keyring of the repositories besides the signer's certificate", "--second-key and --keyring");
            }
        }

        return made with
        {
            BaseUrl = request.BaseUrl ?? recorded?.BaseUrl ?? PackageStage.ExampleUrl,
            Metadata = request.Metadata ?? recorded?.Metadata ?? BundleMetadata.Default,
            IndexLifetime = recorded?.IndexLifetime ?? made.IndexLifetime,
            History = request.History,
        };
    }

    private static void RequireSame(IReadOnlyList<string> recorded, IReadOnlyList<string> given, string what, string option)
    {
        static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "empty" : string.Join(", ", names);
        if (!given.SequenceEqual(recorded))
        {
            throw new TdxException(ExitCode.Usage, $"the {what} was {Listed(recorded)}, given is {Listed(given)}",
                $"{option}, as when the release was made");
        }
    }

    private static (Statement Statement, SlsaProvenance Provenance) Open(RebuildRequest request)
    {
        var (json, name) = (InputFile.Read(request.Provenance, MaxProvenance), request.Provenance);
        if (request.Key is { } key)
        {
            var verdict = new AttestationVerifier(key, DateTimeOffset.MaxValue.AddYears(-1), request.Policy.MinBundleBits)
                .VerifyProvenance(json, name, []);
            if (!verdict.IsGood)
            {
                throw new TdxException(ExitCode.VerificationFailed, verdict.Findings.First(f => f.Fails).ToString());
            }
        }

        var payload = json.AsSpan().StartsWith("{\"dsseEnvelope\":"u8) ? SigstoreBundle.Parse(json, name).Envelope.Payload
            : json.AsSpan().StartsWith("{\"_type\":"u8) ? json
            : DsseEnvelope.Parse(json, name).Payload;
        var statement = Statement.Parse(payload.Span, name);
        return statement.PredicateType == SlsaProvenance.PredicateType
            ? (statement, SlsaProvenance.Read(statement, name))
            : throw new TdxException(ExitCode.BadInput,
                $"{name}: predicate \"{statement.PredicateType}\", want \"{SlsaProvenance.PredicateType}\"");
    }

    // A plain folder does not know where it comes from; its bytes are verified all the same, and a wrong commit cannot give the same bytes.
    private static Snapshot Sourced(RebuildRequest request, ManifestSource want)
    {
        var origin = request.Snapshot.Origin;
        if (origin.Kind == Origin.Folder && want.Url != BundleStage.LocalSource)
        {
            request.Notice($"\"{request.Snapshot.Folder}\" does not say where it comes from; "
                + $"that it is {want.Url} {want.Commit} is taken from the provenance");
            return request.Snapshot.WithOrigin(
                new Origin(want.Url == FetchStage.SampleSource ? FetchStage.SampleSource : Origin.Git, want.Url, want.Commit, want.Tree)
                {
                    ClaimedCommit = want.ClaimedCommit,
                    ModifiedFrom = want.ModifiedFrom,
                });
        }

        // Where the release names no commit, that of a working tree proves nothing of it: the bytes are compared.
        if (origin.Kind == Origin.Git && want is { Commit: null, ClaimedCommit: null, ModifiedFrom: null })
        {
            return request.Snapshot.WithOrigin(new Origin(Origin.Folder, want.Url));
        }

        // A mirror or a copy of the same commit has the same bytes; the release is known by the place that its provenance names.
        return origin.Commit == want.Commit && origin.ClaimedCommit == want.ClaimedCommit && origin.ModifiedFrom == want.ModifiedFrom
            ? request.Snapshot.WithOrigin(origin with { Url = want.Url, Tree = want.Tree })
            : throw new TdxException(
                ExitCode.VerificationFailed,
                $"the release was made from {Said(want.Commit, want.ClaimedCommit, want.ModifiedFrom)}, "
                + $"the snapshot is of {Said(origin.Commit, origin.ClaimedCommit, origin.ModifiedFrom)}",
                want.Commit is null ? null : $"tdxrel fetch --source {want.Url} --ref {want.Commit}");
    }

    private static string Said(string? commit, string? claimed, string? modified) =>
        commit is not null ? $"commit {commit}" : claimed is not null ? $"claimed commit {claimed}"
        : modified is not null ? $"modified commit {modified}" : "unknown commit";

    private static ReleaseSigner? Usable(RebuildRequest request, BuildParameters parameters, SlsaProvenance provenance)
    {
        if (request.Signer is not { } signer || parameters.Unsigned)
        {
            return null;
        }

        if (provenance.BuilderId == ProvenanceStage.Maintainer(signer.Rsa.PublicKey))
        {
            return signer;
        }

        request.Notice($"the release is by {provenance.BuilderId}, the key given is {signer.Rsa.PublicKey.Sha256}: "
            + "signatures are not compared");
        return null;
    }
}
