using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.History;
using TdxRelease.Release.Packaging;
using TdxRelease.Signing;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Release;

/// <summary>
/// A release as a user asks for it, on the command line of tdxrel or as arguments of the build: all that they can say is here.
/// </summary>
/// <param name="Output">The output folder, replaced as a whole.</param>
/// <param name="Policy">The trust policy.</param>
/// <param name="Verify">Gives the verified snapshot; what fails there is reported before anything else.</param>
public sealed record ReleaseRequest(string Output, TrustPolicy Policy, Func<VerifiedSnapshot> Verify)
{
    /// <summary>The synthetic upstream: its licence counts as read, and its public TEST key signs where no key is named.</summary>
    public bool Sample { get; init; }

    /// <summary>The release key.</summary>
    public SigningKey Key { get; init; } = new();

    /// <summary>The user asks for a bundle without a signature.</summary>
    public bool Unsigned { get; init; }

    /// <summary>SHA-256 of the accepted licence text, or null.</summary>
    public string? AcceptedLicense { get; init; }

    /// <summary>Comma-separated names of formats; null for all that can be signed.</summary>
    public string? Formats { get; init; }

    /// <summary>Where users will reach the output folder; null for an example.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>A folder with existing repositories that the release joins, or null.</summary>
    public string? Repository { get; init; }

    /// <summary>Packages for loading at boot too.</summary>
    public bool Cold { get; init; }

    /// <summary>A bundle.json, or null for the defaults.</summary>
    public string? Metadata { get; init; }

    /// <summary>Earlier snapshot folders or bundles, for the changelog.</summary>
    public IReadOnlyList<string> History { get; init; } = [];

    /// <summary>The upstream part of the packages' version; null for upstream's date.</summary>
    public string? PackageVersion { get; init; }

    /// <summary>The same as a date, <c>2026-02-10</c>.</summary>
    public string? VersionDate { get; init; }

    /// <summary>Debian revision, rpm release and pkgrel; null for the first.</summary>
    public string? Revision { get; init; }

    /// <summary>How many days the manifest counts; null for the default.</summary>
    public int? LifetimeDays { get; init; }

    /// <summary>How many days the indices of repositories count; null for as long as the manifest.</summary>
    public int? IndexDays { get; init; }

    /// <summary>Gets a line for everything that is left out, replaced or doubtful.</summary>
    public required Action<string> Notice { get; init; }

    /// <summary>Gets what a signing program prints on its standard error.</summary>
    public required Action<string> Log { get; init; }
}

/// <summary>A release on disk.</summary>
/// <param name="Bundle">Its bundle.</param>
/// <param name="Downloads">The top-level files that users download: tar and packages.</param>
/// <param name="Signature">How it is signed, in words.</param>
public sealed record MadeRelease(Bundle Bundle, IReadOnlyList<BundleFile> Downloads, string Signature);

/// <summary>Makes a release from a request: guard, compose, package, sign, commit.</summary>
public static class ReleaseStage
{
    private const int MaxDays = 100 * 366;

    /// <summary>Makes it. Nothing is there under its final name before all is written.</summary>
    /// <exception cref="TdxException">
    /// Exit 2: options that do not fit; 3: bad input; 4: not verified; 5: licence, key or policy; 6: files; 7: what
    /// <see cref="ReleaseRequest.Verify"/> says.
    /// </exception>
    public static MadeRelease Make(ReleaseRequest request)
    {
        // While the modules are verified. A key that cannot be used is reported after a module that does not verify.
        var opening = Task.Run(() => Signers.Open(request.Key, request.Policy.MinBundleBits, testKey: false, request.Log));
        var verified = request.Verify();
        var formats = PackageFormats.Parse(request.Formats);
        using var signer = opening.GetAwaiter().GetResult() ?? (request.Sample && !request.Unsigned ? Signers.Sample() : null);
        var metadata = BundleMetadata.Load(request.Metadata);
        IReadOnlyList<EarlierRelease> history = [.. request.History.SelectMany(EarlierRelease.Open)];
        OutputGuard.Require(request.Output);
        var bundle = BundleStage.Compose(new BundleRequest(
            verified,
            request.AcceptedLicense ?? (request.Sample ? LicenseGate.HashOf(verified.Snapshot) : null),
            signer?.Rsa,
            request.Unsigned,
            request.Sample,
            Days("--lifetime-days", request.LifetimeDays) ?? (request.Sample ? BundleStage.SampleLifetime : BundleStage.DefaultLifetime))
        {
            OpenPgp = signer?.OpenPgp,
            Package = Composition.PackageVersion.Of(verified).With(request.PackageVersion, request.VersionDate, request.Revision),
        });
        if (BundleStage.Expired(bundle, TimeProvider.System.GetUtcNow()) is { } expired)
        {
            request.Notice(expired);
        }

        using var folder = new AtomicFolder(request.Output);
        var packages = new PackageRequest(verified, bundle, signer, request.Sample, formats, request.Notice)
        {
            BaseUrl = (request.BaseUrl ?? PackageStage.ExampleUrl).TrimEnd('/'),
            Repository = request.Repository,
            Cold = request.Cold,
            Metadata = metadata,
            History = history,
            IndexLifetime = Days("--index-days", request.IndexDays) ?? bundle.Manifest.Expires - bundle.Manifest.Created,
        };
        var downloads = PackageStage.Write(packages, folder);
        folder.Commit();
        return new MadeRelease(bundle, downloads, Signature(request, signer));
    }

    /// <summary>A number of days that a user asked for.</summary>
    /// <exception cref="TdxException">Exit 2: none, or more than a hundred years.</exception>
    public static TimeSpan? Days(string option, int? days) => days is null ? null
        : days is >= 1 and <= MaxDays ? TimeSpan.FromDays(days.Value)
        : throw new TdxException(ExitCode.Usage, $"{option}: {days}, want 1 to {MaxDays}");

    private static string Signature(ReleaseRequest request, ReleaseSigner? signer) => signer is null ? "UNSIGNED"
        : request.Sample && request.Key.File is null && request.Key.Program is null ? "signed with the public TEST key"
        : $"signed by key {signer.Rsa.PublicKey.Sha256}";
}
