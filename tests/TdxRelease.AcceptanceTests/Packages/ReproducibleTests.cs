using System.Security.Cryptography;
using TdxRelease.Archives.Codecs;
using TdxRelease.Repositories;
using TdxRelease.SourcePackages;
using TdxRelease.SourcePackages.DebianPackaging;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>The same bytes from processes that differ in time zone, locale, umask, folder and number of processors.</summary>
public sealed class ReproducibleTests
{
    private const string Variable = "TDXREL_PACKAGING_DIGESTS";

    [Fact]
    public void Another_zone_locale_umask_folder_and_processor_count_give_the_same_bytes()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } child)
        {
            File.WriteAllText(child, Digests());
            return;
        }

        using var temp = new TempFolder();
        var want = Digests();
        Assert.Equal(want, Child(temp, "a",
            "umask 077; cd /; export TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 DOTNET_PROCESSOR_COUNT=1"));
        Assert.Equal(want, Child(temp, "b", "umask 002; cd /usr; export TZ=America/St_Johns LC_ALL=C USER=somebody HOME=/nonexistent"));
    }

    private static string Child(TempFolder temp, string name, string setting)
    {
        var assembly = typeof(ReproducibleTests).Assembly.Location;
        var filter = $"FullyQualifiedName={typeof(ReproducibleTests).FullName}."
            + nameof(Another_zone_locale_umask_folder_and_processor_count_give_the_same_bytes);
        var environment = new Dictionary<string, string> { [Variable] = temp[name], ["DOTNET_CLI_HOME"] = temp.Path };
        Tool.RunWith(temp.Path, environment, "sh", "-c", $"{setting}; exec dotnet vstest '{assembly}' '--TestCaseFilter:{filter}'").Ok();
        return File.ReadAllText(temp[name]);
    }

    private static string Digests()
    {
        using var temp = new TempFolder();
        using var packages = new PackagesFixture();
        AptRepository.Publish(temp["apt"],
            new AptRepositoryOptions("tdx", "Test", "stable", "main", "Test", "https://example.invalid", SamplePackage.Time,
            TimeSpan.FromDays(30)), [packages.New[0]], TestRelease.OpenPgp);
        PacmanRepository.Publish(temp["arch"], new PacmanRepositoryOptions("tdx", "https://example.invalid", SamplePackage.Time),
            [packages.New[1]], TestRelease.OpenPgp);
        var source = SampleSource.Spec("https://example.invalid", withBinaries: false);
        RepositoryFolder.Replace(temp["debian"],
            _ => DebianSource.Build(source, SampleSource.Files(null), Compression.Xz, TestRelease.OpenPgp));
        RepositoryFolder.Replace(temp["pkgbuild"], _ => ArchSource.Build(source, SourceTarball.Build(source, Compression.Zstd)));
        return string.Concat(Directory.EnumerateFileSystemEntries(temp.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Name: f, Digest: File.Exists(f) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f))) : ""))
            .Select(f => $"{Path.GetRelativePath(temp.Path, f.Name)} {File.GetUnixFileMode(f.Name):d} {f.Digest}\n"));
    }
}
