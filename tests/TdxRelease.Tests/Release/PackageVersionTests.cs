using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Build.Schemas;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Deb;
using TdxRelease.Release.Composition;
using TdxRelease.Repositories;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Tests.Pipeline;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Tests.Release;

/// <summary>Versions of packages, the changelog that names the published ones, and a rebuild that knows what decided them.</summary>
public sealed class PackageVersionTests : IDisposable
{
    private readonly TempFolder temp = new();

    public PackageVersionTests()
    {
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        File.WriteAllText(temp["release.pem"], SampleKeys.Rsa4096.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => temp.Dispose();

    // As dpkg --compare-versions says.
    [Theory]
    [InlineData("20250811-1", "20260210-1", -1)]
    [InlineData("20260210-1", "20260210-2", -1)]
    [InlineData("20260210-10", "20260210-9", 1)]
    [InlineData("20260210-1~bpo12+1", "20260210-1", -1)]
    [InlineData("20260210+git1-1", "20260210-9", 1)]
    [InlineData("20260210.2-1", "20260210-1", 1)]
    [InlineData("20260210a-1", "20260210+-1", -1)]
    [InlineData("20260210-1", "20260210-01", 0)]
    [InlineData("20260210", "20260210-0", 0)]
    public void Versions_sort_as_dpkg_sorts_them(string a, string b, int order)
    {
        Assert.Equal(order, Math.Sign(DebianVersion.Compare(a, b)));
        Assert.Equal(-order, Math.Sign(DebianVersion.Compare(b, a)));
    }

    [Theory]
    [InlineData(null, null, "2", "20260210-2")]
    [InlineData("20260210.2", null, null, "20260210.2-1")]
    [InlineData(null, "2026-03-01", "0ubuntu1", "20260301-0ubuntu1")]
    public void What_the_user_says_counts(string? version, string? date, string? revision, string want) =>
        Assert.Equal(want, new PackageVersion(new DateOnly(2026, 2, 10)).With(version, date, revision).ToString());

    [Theory]
    [InlineData("v1", null, null, "--package-version")]
    [InlineData("1:2", null, null, "--package-version")]
    [InlineData(null, "20260301", null, "--version-date")]
    [InlineData(null, null, "1-1", "--revision")]
    [InlineData("1", "2026-03-01", null, "both")]
    public void What_is_no_version_is_a_usage_error(string? version, string? date, string? revision, string message)
    {
        var e = Assert.Throws<TdxException>(() => new PackageVersion(new DateOnly(2026, 2, 10)).With(version, date, revision));
        Assert.Equal(ExitCode.Usage, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_changelog_names_what_was_published_and_nothing_else()
    {
        Bundle("first", 0, "--formats", "deb,apt");
        Bundle("second", 0, "--formats", "deb,apt", "--revision", "2", "--repository", temp["joined"], "--history", temp["first"]);
        Bundle("third", 0, "--formats", "deb", "--revision", "3", "--history", temp["first/packages"], "--history", temp["joined"]);
        Assert.Equal(["1", "2", "3"], Versions("third").Reverse());
        Assert.Contains("Upstream's files are those of ", Changelog("third"), StringComparison.Ordinal);

        // A snapshot was never published: there is nothing to name.
        Bundle("fourth", 0, "--formats", "deb", "--history", temp["sample"]);
        Assert.Single(Versions("fourth"));
        Assert.Contains("does not sort after it", Bundle("fifth", 3, "--formats", "deb", "--history", temp["second"]).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_rebuild_takes_what_decided_the_packages_from_the_provenance()
    {
        var metadata = File.ReadAllText(Path.Combine(TestData.Checkout, "src/TdxRelease.Packages/Metadata/bundle.json"));
        File.WriteAllText(temp["bundle.json"], metadata.Replace("Unset Maintainer", "Somebody Else", StringComparison.Ordinal));
        Bundle("first", 0, "--formats", "deb");
        Bundle(
            "second", 0, "--formats", "deb,apt", "--revision", "2", "--package-version", "20990101", "--metadata", temp["bundle.json"],
            "--base-url", "https://mirror.example/tdx", "--index-days", "30", "--lifetime-days", "90", "--history", temp["first"]);
        var provenance = Directory.GetFiles(temp["second/provenance"], "*.intoto.json").Single();
        string[] rebuild = ["rebuild", provenance, "--source", temp["sample"], "--policy", "sample", "--signing-key", temp["release.pem"],
            "--certificate", Certificate];
        Assert.Contains("the history of the changelog was ", Run.Tdxrel(rebuild).Ends(2).Errors, StringComparison.Ordinal);
        Assert.Contains(": reproduced, ", Run.Tdxrel([.. rebuild, "--history", temp["first"]]).Ends(0).Output, StringComparison.Ordinal);
        Assert.Contains("_20990101-2_all.deb", Path.GetFileName(Directory.GetFiles(temp["second/packages"]).Single()),
            StringComparison.Ordinal);

        Bundle("third", 2, "--lifetime-days", "0");
        Bundle("third", 2, "--index-days", "90000");
    }

    [Fact]
    public void A_refresh_gives_new_dates_and_changes_no_package()
    {
        Bundle("out", 0, "--formats", "deb,apt", "--index-days", "30");
        var before = RepositoryFolder.Read(temp["out"]);
        string[] refresh = ["refresh", temp["out"], "--signing-key", temp["release.pem"], "--certificate", Certificate, "--index-days", "7",
            "--json"];
        var json = Run.Tdxrel(refresh).Ends(0).Output;
        Assert.Empty(SchemaValidator.Validate("refresh.schema.json", Encoding.UTF8.GetBytes(json), "refresh"));
        Assert.All(SchemaMutants.Of(SchemaValidator.Text("refresh.schema.json"), json),
            m => Assert.False(SchemaVerdict.Accepts("refresh.schema.json", m.Json), m.What));
        var after = RepositoryFolder.Read(temp["out"]);
        Assert.Equal(before.Keys, after.Keys);
        string[] lists = ["SHA256SUMS", "SHA256SUMS.asc"];
        Assert.Equal(
            ((string[])[".tdxrel-output", .. lists, "SHA256SUMS.sig", .. lists.Select(l => $"apt/{l}"),
                .. ((string[])["InRelease", "Release", "Release.gpg"]).Select(f => $"apt/dists/stable/{f}")]).Order(StringComparer.Ordinal),
            before.Keys.Where(k => !before[k].AsSpan().SequenceEqual(after[k])));
        File.WriteAllText(temp["release.pub.pem"], SampleKeys.Rsa4096.ExportSubjectPublicKeyInfoPem());
        Run.Tdxrel("audit", temp["out"], "--key", temp["release.pub.pem"], "--policy", "sample").Ends(0);

        Directory.Delete(temp["out/apt"], recursive: true);
        Run.Tdxrel(refresh).Ends(6);
        Run.Tdxrel(["refresh", temp["sample"], .. refresh[2..]]).Ends(3);
    }

    [Fact]
    public void A_packaging_fix_joins_a_repository_and_a_version_that_nobody_would_be_offered_is_told_of()
    {
        string[] join = ["--formats", "apt,pacman", "--repository", temp["r"]];
        Bundle("one", 0, join);
        Assert.DoesNotContain("sorts after", Bundle("two", 0, [.. join, "--revision", "2"]).Errors, StringComparison.Ordinal);
        var version = Directory.GetFiles(temp["r"], "intel-tdx-module_*_all.deb", SearchOption.AllDirectories).Select(f => f.Split('_')[1])
            .Order(StringComparer.Ordinal).Last();
        Assert.EndsWith("-2", version, StringComparison.Ordinal);
        Assert.Contains($"holds {version}, which sorts after 20190101-1",
            Bundle("three", 0, [.. join, "--package-version", "20190101"]).Errors, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(temp["r"], "*.dsc", SearchOption.AllDirectories).Length);
        Assert.Equal(2, Directory.GetFiles(temp["r"], "*.orig.tar.*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void A_refresh_of_what_is_no_repository_says_so()
    {
        Directory.CreateDirectory(temp["empty"]);
        var run = Run.Tdxrel("refresh", temp["empty"], "--signing-key", temp["release.pem"], "--certificate", Certificate).Ends(3);
        Assert.Contains($"\"{temp["empty"]}\" holds no apt repository", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>
    /// A refresh signs everything again, so everything must have been signed before: nobody else's file gets a signature.
    /// </summary>
    [Theory]
    [InlineData("packages/intruder.deb", "does not belong there", 3)]
    [InlineData("apt/intruder.sources", "does not belong there", 3)]
    [InlineData("NAME.tar.xz", "is not the file that SHA256SUMS lists", 4)]
    [InlineData("SHA256SUMS", "\"SHA256SUMS\" is missing", 4)]
    [InlineData("apt/SHA256SUMS", "\"apt/SHA256SUMS\" is missing", 4)]
    public void A_refresh_signs_nothing_that_was_not_signed(string path, string message, int code)
    {
        Bundle("out", 0, "--formats", "tar,deb,apt", "--index-days", "30");
        path = path.StartsWith("NAME", StringComparison.Ordinal)
            ? Path.GetFileName(Directory.GetFiles(temp["out"], "*.tar.*").First()) : path;
        if (path.EndsWith("SUMS", StringComparison.Ordinal))
        {
            File.Delete(temp[$"out/{path}"]);
        }
        else
        {
            File.AppendAllText(temp[$"out/{path}"], "intruder");
        }

        // The list of our own output is not signed: whoever changes a file can write it as well.
        var entries = Directory.GetFiles(temp["out"], "*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith("/.tdxrel-output", StringComparison.Ordinal))
            .Select(f => new OutputEntry(Path.GetRelativePath(temp["out"], f), new FileInfo(f).Length,
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))));
        File.WriteAllBytes(temp["out/.tdxrel-output"], OutputMarker.Of(entries));
        var before = RepositoryFolder.Read(temp["out"]);
        var run = Run.Tdxrel("refresh", temp["out"], "--signing-key", temp["release.pem"], "--certificate", Certificate).Ends(code);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Equal(before, RepositoryFolder.Read(temp["out"]));
    }

    private string Certificate
    {
        get
        {
            if (!File.Exists(temp["release.pgp"]))
            {
                using var key = TdxRelease.Signing.PemPrivateKey.Read(File.ReadAllBytes(temp["release.pem"]));
                File.WriteAllBytes(temp["release.pgp"],
                    TdxRelease.Signing.OpenPgp.OpenPgpCertificate.Create(key, TestRelease.UserId,
                    new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToArray());
            }

            return temp["release.pgp"];
        }
    }

    private Run Bundle(string folder, int code, params string[] args)
    {
        var license = LicenseGate.HashOf(TdxRelease.Upstream.Snapshots.Snapshot.Open(temp["sample"]));
        string[] common = ["--policy", "sample", "--accept-license", license, "--signing-key", temp["release.pem"], "--certificate",
            Certificate];
        return Run.Tdxrel(["bundle", temp["sample"], .. common, "--out", temp[folder], .. args]).Ends(code);
    }

    private string Changelog(string folder)
    {
        var deb = Directory.GetFiles(temp[$"{folder}/packages"]).Single();
        var file = DebReader.ReadWritten(File.ReadAllBytes(deb), "x.deb")
            .Data.Single(f => f.Path.EndsWith("changelog.Debian.gz", StringComparison.Ordinal));
        return Encoding.UTF8.GetString(Compressor.Decompress(file.Content.Span, CompressionKind.Gzip, "changelog"));
    }

    private IEnumerable<string> Versions(string folder) =>
        Changelog(folder).Split('\n').Where(l => l.EndsWith("urgency=medium", StringComparison.Ordinal))
        .Select(l => l.Split("-")[^1].Split(')')[0]);
}
