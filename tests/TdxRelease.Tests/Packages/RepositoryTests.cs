using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Repositories;
using TdxRelease.Signing.Checksums;
using TdxRelease.SourcePackages;
using TdxRelease.SourcePackages.DebianPackaging;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class RepositoryTests
{
    private static readonly Dictionary<string, byte[]> Empty = [];

    private static readonly RepositoryPackage OldDeb = Package(new DebWriter(Compression.Gzip), SamplePackage.Spec("20250811"));
    private static readonly RepositoryPackage NewDeb = Package(new DebWriter(Compression.Gzip), SamplePackage.Spec());
    private static readonly RepositoryPackage OldArch = Package(new ArchWriter(Compression.Gzip), SamplePackage.Spec("20250811"));
    private static readonly RepositoryPackage NewArch = Package(new ArchWriter(Compression.Gzip), SamplePackage.Spec());

    public static TheoryData<string> Kinds => ["apt", "pacman"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Adding_keeps_the_old_release_and_is_reproducible(string kind)
    {
        var first = Build(kind, 0, Empty, Old(kind));
        var second = Build(kind, 1, first, New(kind));
        Assert.Equal(first.Where(f => IsPackage(f.Key)),
            second.Where(f => IsPackage(f.Key) && f.Key.Contains("20250811", StringComparison.Ordinal)));
        Assert.Equal(2, second.Keys.Count(IsPackage));
        Same(second, Build(kind, 1, Build(kind, 0, Empty, Old(kind)), New(kind)));
        Same(second, Build(kind, 1, second, New(kind)), kind == "apt");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_release_that_is_older_than_the_key_joins_too(string kind)
    {
        var days = (TestRelease.Created - SamplePackage.Time).Days - 2;
        var first = Build(kind, days, Empty, Old(kind));
        Assert.Equal(2, Build(kind, days + 1, first, New(kind)).Keys.Count(IsPackage));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Foreign_and_damaged_files_are_refused_and_nothing_changes(string kind)
    {
        using var temp = new TempFolder();
        var folder = temp["repository"];
        Publish(kind, folder, 0, Old(kind));
        var before = RepositoryFolder.Read(folder);

        File.WriteAllText(Path.Combine(folder, "notes.txt"), "x");
        Assert.Contains("contains \"notes.txt\", which does not belong there", Failed(ExitCode.BadInput), StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "notes.txt"));

        File.CreateSymbolicLink(Path.Combine(folder, "link"), "/etc/passwd");
        Assert.Contains("\"link\" is a symbolic link", Failed(ExitCode.BadInput), StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "link"));

        var package = Path.Combine(folder, before.Keys.First(IsPackage));
        var good = File.ReadAllBytes(package);
        File.WriteAllBytes(package, [.. good, 0]);
        _ = Failed(ExitCode.VerificationFailed);
        File.Delete(package);
        _ = Failed(kind == "apt" ? ExitCode.VerificationFailed : ExitCode.BadInput);
        File.WriteAllBytes(package, good);
        Same(before, RepositoryFolder.Read(folder));
        Assert.Equal(["repository"], Directory.EnumerateFileSystemEntries(temp.Path).Select(Path.GetFileName));

        string Failed(ExitCode code)
        {
            var e = Assert.Throws<TdxException>(() => Publish(kind, folder, 1, New(kind)));
            Assert.Equal(code, e.Code);
            return e.Message;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_published_version_never_changes(string kind)
    {
        var first = Build(kind, 0, Empty, New(kind));
        var changed = kind == "apt"
            ? Package(new DebWriter(Compression.Gzip), SamplePackage.Spec() with { Summary = "Something else" })
            : Package(new ArchWriter(Compression.Gzip), SamplePackage.Spec() with { Summary = "Something else" });
        Assert.Equal(ExitCode.Refused, Assert.Throws<TdxException>(() => Build(kind, 1, first, changed)).Code);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_package_under_another_name_and_a_time_before_the_last_are_refused(string kind)
    {
        var renamed = New(kind) with { FileName = Old(kind).FileName };
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => Build(kind, 0, Empty, renamed)).Code);
        var first = Build(kind, 5, Empty, Old(kind));
        var e = Assert.Throws<TdxException>(() => Build(kind, 0, first, New(kind)));
        Assert.Equal(ExitCode.VerificationFailed, e.Code);
        Assert.Contains("after the time of the check", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<?xml version=\"1.0/\" encoding=\"utf-8\"?><repomd/>", "is not XML")]
    [InlineData("<repomd><data>{deep}</data></repomd>", "deeper than 32")]
    public void An_index_that_the_XML_reader_stumbles_over_is_bad_input(string xml, string want)
    {
        const int Depth = 100_000; // a million, 7 MB, ended the process with an overflow of its stack
        var deep = $"{string.Concat(Enumerable.Repeat("<a>", Depth))}{string.Concat(Enumerable.Repeat("</a>", Depth))}";
        var checksum = $"<checksum type=\"sha256\">{deep}</checksum>";
        var content = Encoding.UTF8.GetBytes(xml.Replace("{deep}", checksum, StringComparison.Ordinal));
        foreach (var read in (Action[])[() => DnfRepomd.Read(content, "repomd.xml"), () => DnfRepomd.ReadPrimary(content, "repomd.xml")])
        {
            var error = Assert.Throws<TdxException>(read);
            Assert.Equal(ExitCode.BadInput, error.Code);
            Assert.Contains(want, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_release_lists_every_index_and_by_hash_holds_it()
    {
        var files = Build("apt", 0, Empty, NewDeb);
        var release = Encoding.UTF8.GetString(files["dists/stable/Release"]);
        Assert.StartsWith("Origin: Test\nLabel: Test\nSuite: stable\nCodename: stable\nDate: Tue, 10 Feb 2026 12:00:00 UTC\n"
            + "Valid-Until: Thu, 12 Mar 2026 12:00:00 UTC\nAcquire-By-Hash: yes\n", release, StringComparison.Ordinal);
        foreach (var (path, content) in files.Where(f => f.Key.Contains("/binary-", StringComparison.Ordinal)
            && !f.Key.Contains("/by-hash/", StringComparison.Ordinal)))
        {
            var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
            Assert.Contains($" {hash} {content.Length,8} {path["dists/stable/".Length..]}\n", release, StringComparison.Ordinal);
            Assert.Equal(content, files[$"{Path.GetDirectoryName(path)}/by-hash/SHA256/{hash}"]);
        }
    }

    [Theory]
    [InlineData("20250811-1", "20260210-1", -1)]
    [InlineData("20260210-1", "20260210-2", -1)]
    [InlineData("20260210-10", "20260210-9", 1)]
    [InlineData("1.0rc1-1", "1.0-1", -1)]
    [InlineData("1.0.a-1", "1.0-1", 1)]
    [InlineData("1.01-1", "1.1-1", 0)]
    [InlineData("1.0a-1", "1.0.1-1", -1)]
    [InlineData("1.2-1", "1..2-1", -1)]
    [InlineData("1a-1", "12-1", -1)]
    public void Versions_are_ordered_as_vercmp_orders_them(string a, string b, int order)
    {
        Assert.Equal(order, ArchVersionOrder.Compare(a, b));
        Assert.Equal(-order, ArchVersionOrder.Compare(b, a));
    }

    [Fact]
    public void An_apt_repository_serves_the_sources_of_its_packages()
    {
        var source = Source("20250811");
        var first = Build("apt", 0, Empty, [OldDeb, .. source]);
        var pool = "pool/non-free-firmware/i/intel-tdx-module/";
        Assert.All(source, f => Assert.Equal(f.Content.ToArray(), first[pool + f.FileName]));
        var second = Build("apt", 1, first, [NewDeb, .. Source("20260210")]);
        var sources = Deb822.Parse(Encoding.UTF8.GetString(second["dists/stable/non-free-firmware/source/Sources"]), "Sources");
        Assert.Equal(["20250811-1", "20260210-1"], sources.Select(s => s["Version"]));
        Assert.All(sources, s => Assert.Equal((pool.TrimEnd('/'), 4, "intel-tdx-module"),
            (s["Directory"], s["Checksums-Sha256"].Split('\n').Length, s["Package"])));
        Assert.Contains("non-free-firmware/source/Sources.gz", Encoding.UTF8.GetString(second["dists/stable/InRelease"]),
            StringComparison.Ordinal);
        Assert.Contains($"usr/share/doc/{SamplePackage.Name}/copyright non-free-firmware/admin/{SamplePackage.Name}\n",
            Encoding.UTF8.GetString(second["dists/stable/non-free-firmware/Contents-amd64"]), StringComparison.Ordinal);

        // Nothing of a source is lost or changed without notice.
        foreach (var file in source)
        {
            var changed = second.ToDictionary(StringComparer.Ordinal);
            changed[pool + file.FileName] = [.. changed[pool + file.FileName], 0];
            Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => Build("apt", 2, changed, NewDeb)).Code);
        }

        var dsc = source.Single(f => f.FileName.EndsWith(".dsc", StringComparison.Ordinal));
        var text = Encoding.UTF8.GetString(dsc.Content.Span).Replace("optional", "required", StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => Build("apt", 0, Empty, dsc)).Code);
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => Build("apt", 0, Empty,
            [.. source.Select(f => f == dsc ? f with { Content = Encoding.UTF8.GetBytes(text) } : f)])).Code);
    }

    [Fact]
    public void Every_packaging_of_a_state_of_upstream_has_the_same_orig_tarball()
    {
        var source = SampleSource.Spec("https://example.invalid/tree", withBinaries: true);
        var later = source with { Package = source.Package with { Revision = "2", Time = source.Package.Time.AddDays(7) } };
        const string Orig = "intel-tdx-module_20260210.orig.tar.gz";
        var (first, second) = (Build(source), Build(later));
        Assert.Equal(first[Orig], second[Orig]);
        Assert.Equal(["20260210-1", "20260210-2"], ((string[])[.. first.Keys, .. second.Keys])
            .Where(n => n.EndsWith(".dsc", StringComparison.Ordinal)).Select(n => n.Split('_')[1][..^4]));

        static IReadOnlyDictionary<string, byte[]> Build(SourceSpec source) =>
            DebianSource.Build(source, SampleSource.Files(null), Compression.Gzip, null);
    }

    private static RepositoryPackage[] Source(string version)
    {
        var source = SampleSource.Spec("https://example.invalid/tree", withBinaries: true) with { Package = SamplePackage.Spec(version) };
        return
        [
            .. DebianSource.Build(source, SampleSource.Files(null), Compression.Gzip, TestRelease.OpenPgp)
                .Select(f => new RepositoryPackage(f.Key, f.Value)),
        ];
    }

    private static RepositoryPackage Old(string kind) => kind == "apt" ? OldDeb : OldArch;

    private static RepositoryPackage New(string kind) => kind == "apt" ? NewDeb : NewArch;

    private static IReadOnlyDictionary<string, byte[]> Build(string kind, int day, IReadOnlyDictionary<string, byte[]> existing,
        params RepositoryPackage[] packages) =>
        kind == "apt"
        ? AptRepository.Build(Apt(day), packages, TestRelease.OpenPgp, existing)
        : PacmanRepository.Build(Pacman(day), packages, TestRelease.OpenPgp, existing);

    private static void Publish(string kind, string folder, int day, RepositoryPackage package)
    {
        if (kind == "apt")
        {
            AptRepository.Publish(folder, Apt(day), [package], TestRelease.OpenPgp);
        }
        else
        {
            PacmanRepository.Publish(folder, Pacman(day), [package], TestRelease.OpenPgp);
        }
    }

    private static AptRepositoryOptions Apt(int day) =>
        new("tdx", "Test", "stable", "non-free-firmware", "Test firmware", "https://example.invalid/apt", SamplePackage.Time.AddDays(day),
            TimeSpan.FromDays(30));

    private static PacmanRepositoryOptions Pacman(int day) => new("tdx", "https://example.invalid/arch", SamplePackage.Time.AddDays(day));

    private static bool IsPackage(string path) =>
        path.EndsWith(".deb", StringComparison.Ordinal) || path.EndsWith(".pkg.tar.gz", StringComparison.Ordinal);

    private static void Same(IReadOnlyDictionary<string, byte[]> a, IReadOnlyDictionary<string, byte[]> b, bool withoutByHash = false)
    {
        // The list names the by-hash files.
        bool Counts(string path) => !withoutByHash || !(path.Contains("/by-hash/", StringComparison.Ordinal) || ChecksumList.IsPart(path));
        Assert.Equal(a.Keys.Where(Counts), b.Keys.Where(Counts));
        Assert.All(a.Keys.Where(Counts), path => Assert.Equal(a[path], b[path]));
    }

    private static RepositoryPackage Package(IPackageWriter writer, PackageSpec spec) =>
        new(writer.FileName(spec), PackageWriterTests.Bytes(writer, spec));
}
