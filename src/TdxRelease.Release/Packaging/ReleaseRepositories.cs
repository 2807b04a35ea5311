using TdxRelease.Archives.Codecs;
using TdxRelease.Packages.Repositories;
using TdxRelease.Release.Composition;
using TdxRelease.Signing;

namespace TdxRelease.Release.Packaging;

/// <summary>The three signed repositories of a release, new or grown by it.</summary>
/// <param name="request">What is emitted.</param>
/// <param name="signer">Signs them.</param>
/// <param name="folder">Holds <c>apt</c>, <c>dnf</c> and <c>pacman</c>.</param>
internal sealed class ReleaseRepositories(PackageRequest request, IOpenPgpSigner signer, string folder)
{
    private const string Name = "tdx-module";

    private readonly Bundle bundle = request.Bundle;

    /// <summary>Adds the packages; null leaves a repository alone.</summary>
    public void Publish(RepositoryPackage? deb, RepositoryPackage? rpm, RepositoryPackage? arch)
    {
        if ((deb ?? rpm ?? arch) is not null && !request.Sample && request.BaseUrl == PackageStage.ExampleUrl)
        {
            request.Notice($"the repositories' configuration files say {PackageStage.ExampleUrl}: give --base-url=URL");
        }

        List<Action> jobs = [];
        if (deb is not null)
        {
            jobs.Add(() => AptRepository.Publish(Path.Combine(folder, "apt"), Apt(), [deb], signer));
        }

        if (rpm is not null)
        {
            var options = Dnf();
            jobs.Add(() => new DnfRepository(options, signer).Publish(Path.Combine(folder, "dnf"), [new DnfPackage(rpm.FileName, rpm.Content)]));
        }

        if (arch is not null)
        {
            jobs.Add(() => PacmanRepository.Publish(Path.Combine(folder, "pacman"), new PacmanRepositoryOptions(Name, $"{request.BaseUrl}/pacman", bundle.Time), [arch], signer));
        }

        Jobs.Run(jobs);
    }

    // The index counts as long as the manifest that it delivers.
    private AptRepositoryOptions Apt() => new(
        Name, Name, "stable", Component(), request.Metadata.Summary, $"{request.BaseUrl}/apt", bundle.Time, bundle.Manifest.Expires - bundle.Manifest.Created);

    private string Component() => request.Metadata.Deb.Section.Split('/') is [var component, _] ? component : "main";

    private DnfRepositoryOptions Dnf() => new(
        Name, request.Metadata.Summary, $"{request.BaseUrl}/dnf", bundle.Time, Compressor.Choose(Compression.Zstd, request.Notice));
}
