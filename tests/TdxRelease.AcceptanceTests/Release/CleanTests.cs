using System.Security.Cryptography;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>What the distributions' checkers and builders say of the real release's files.</summary>
[Collection(RealRelease.Collection)]
public sealed class CleanTests(RealRelease release)
{
    [UpstreamFact]
    public void Lintian_finds_no_error_and_only_what_the_docs_explain() =>
        DebTests.Lintian(release[$"packages/{RealRelease.Name}_{RealRelease.Version}-1_all.deb"]);

    [UpstreamFact]
    public void Lintian_finds_no_error_in_the_source_package() =>
        DebTests.Lintian(release[$"sources/debian/{RealRelease.Name}_{RealRelease.Version}-1.dsc"]);

    [UpstreamFact]
    public void Rpmlint_finds_no_error_and_only_the_explained_warnings()
    {
        using var temp = new TempFolder();
        var explained = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/packaging-rpm.md"));
        Tool.Run(temp.Path, "rpmkeys", "--dbpath", temp["db"], "--import",
            release["dnf/repodata/repomd.xml.key"].Replace(release["dnf"], release.Repository("dnf"), StringComparison.Ordinal)).Ok();
        File.WriteAllText(temp[".rpmmacros"], $"%_dbpath {temp["db"]}\n");
        string[] files = [$"packages/{RealRelease.Name}-{RealRelease.Version}-1.noarch.rpm",
            $"sources/rpm/{RealRelease.Name}-{RealRelease.Version}-1.src.rpm",
            $"sources/rpm/{RealRelease.Name}-{RealRelease.Version}-1.nosrc.rpm"];
        foreach (var file in files)
        {
            var output = Tool.RunWith(temp.Path, new Dictionary<string, string> { ["HOME"] = temp.Path }, "rpmlint", release[file]).All;
            Assert.Contains(" 0 errors", output, StringComparison.Ordinal);
            foreach (var line in output.Split('\n'))
            {
                Assert.True(line.Split(": W: ") is not [_, var warning]
                    || explained.Contains($"`{warning.Split(' ')[0]}`", StringComparison.Ordinal), $"not explained: {line}\n{output}");
            }
        }
    }

    [UpstreamFact]
    public void The_source_rpm_builds_the_same_files()
    {
        using var temp = new TempFolder();
        Tool.Run(temp.Path, "rpmbuild", "-D", $"_topdir {temp["rpm"]}", "--rebuild",
            release[$"sources/rpm/{RealRelease.Name}-{RealRelease.Version}-1.src.rpm"]).Ok();
        var rebuilt = Directory.GetFiles(temp["rpm"], "*.noarch.rpm", SearchOption.AllDirectories).Single();
        Assert.Equal(
            Tool.Run(temp.Path, "rpm", "-qp", "--nosignature", "--qf", "[%{FILENAMES} %{FILEMODES:octal} %{FILEDIGESTS} %{FILEFLAGS}\n]",
                release[$"packages/{RealRelease.Name}-{RealRelease.Version}-1.noarch.rpm"]).Ok().All,
            Tool.Run(temp.Path, "rpm", "-qp", "--nosignature", "--qf", "[%{FILENAMES} %{FILEMODES:octal} %{FILEDIGESTS} %{FILEFLAGS}\n]",
                rebuilt).Ok().All);
    }

    [UpstreamFact]
    public void Every_openpgp_signature_satisfies_gpgv_and_sqv()
    {
        List<(string Signature, string Content)> signed = [.. Directory.EnumerateFiles(release["."], "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(release.Repository("."), "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".asc" or ".gpg"
                || (f.EndsWith(".sig", StringComparison.Ordinal) && !f.EndsWith(".json.sig", StringComparison.Ordinal)
                && !f.EndsWith("/SHA256SUMS.sig", StringComparison.Ordinal)))
            .Select(f => (f, f[..^4]))];
        Assert.True(signed.Count >= 9, $"{signed.Count} signatures");
        foreach (var (signature, content) in signed)
        {
            Tool.Run("/", "gpgv", "--keyring", release.Certificate, signature, content).Ok();
            Tool.Run("/", "sqv", "--keyring", release.Certificate, signature, content).Ok();
        }
    }

    internal static List<string> Listing(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Name: f, Digest: File.Exists(f) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f))) : ""))
            .Select(f => $"{Path.GetRelativePath(folder, f.Name)} {File.GetUnixFileMode(f.Name):d} {f.Digest}")];
}
