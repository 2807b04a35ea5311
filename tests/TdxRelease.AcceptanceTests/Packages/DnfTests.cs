using System.IO.Compression;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class DnfTests(RpmFixture fixture) : IClassFixture<RpmFixture>
{
    private const string InstalledKey = "file:///etc/pki/rpm-gpg/RPM-GPG-KEY-tdx-module";

    private static readonly string Image = Path.Combine(FirmwareSample.Folder, "joined_files/2.0/tdx_module_2.0.08.blob");

    [Fact]
    public void Dnf_installs_upgrades_and_removes_with_both_checks_on()
    {
        var root = fixture.NewFolder("root");
        Dnf("root", "repo-old", "install", FirmwareSample.Name, "test-shell");
        Assert.Equal(FirmwareSample.Spec("1", 1).Files[1].Content.ToArray(), File.ReadAllBytes(Path.Combine(root, Image)));
        Assert.False(File.Exists(Path.Combine(root, "marker")), "scripts ran without systemd");

        Directory.CreateDirectory(Path.Combine(root, "run/systemd/system"));
        Dnf("root", "repo", "upgrade", FirmwareSample.Name);
        Assert.Equal(FirmwareSample.Spec("1", 2).Files[1].Content.ToArray(), File.ReadAllBytes(Path.Combine(root, Image)));
        Assert.Contains("20260210", Tool.Run(fixture.Folder, "rpm", "--root", root, "-q", FirmwareSample.Name).Ok().All,
            StringComparison.Ordinal);
        Tool.Run(fixture.Folder, "rpm", "--root", root, "-V", FirmwareSample.Name).Ok();
        Assert.Equal("installed\n", File.ReadAllText(Path.Combine(root, "marker")));

        Dnf("root", "repo", "remove", FirmwareSample.Name);
        Assert.Equal("installed\nremoving\nremoved\n", File.ReadAllText(Path.Combine(root, "marker")));
        Assert.False(Path.Exists(Path.Combine(root, "usr/lib/firmware")));
        Assert.False(Path.Exists(Path.Combine(root, "usr/share/licenses", FirmwareSample.Name)));
        Assert.False(Path.Exists(Path.Combine(root, "usr/share/doc", FirmwareSample.Name)));
    }

    [Theory]
    [InlineData("repomd", "repodata/repomd.xml")]
    [InlineData("signature", "repodata/repomd.xml.asc")]
    [InlineData("primary", "repodata/*primary*")]
    [InlineData("package", "Packages/tdx-module-firmware-20260210-1.noarch.rpm")]
    public void Dnf_and_the_reader_refuse_a_tampered(string name, string file)
    {
        var repository = Copy($"tampered-{name}");
        var target = Directory.GetFiles(Path.GetDirectoryName(Path.Combine(repository, file))!, Path.GetFileName(file)).Single();
        var bytes = File.ReadAllBytes(target);
        if (name == "repomd")
        {
            bytes = [.. bytes, (byte)'\n'];
        }
        else
        {
            bytes[name == "signature" ? 200 : bytes.Length - 50] ^= 1;
        }

        File.WriteAllBytes(target, bytes);
        DnfFails($"root-{name}", $"tampered-{name}", FirmwareSample.Name, "test-shell");
        Assert.Throws<TdxException>(() => RpmFixture.RepositoryAt(repository).Publish(repository, []));
    }

    [Fact]
    public void Dnf_refuses_packages_of_another_key_or_none()
    {
        // The metadata is right and signed; only the package's own signature is missing. Our writer refuses to publish that, so
        // createrepo_c does it.
        var repository = fixture.NewFolder("unsigned");
        var package = RpmFixture.Pack(FirmwareSample.Spec("20260210", 2), TdxRelease.Archives.Codecs.Compression.Gzip, signed: false);
        File.WriteAllBytes(Path.Combine(repository, package.FileName), package.Content.Span);
        Tool.Run(repository, "createrepo_c", "-q", ".").Ok();
        var repomd = Path.Combine(repository, "repodata/repomd.xml");
        File.WriteAllText($"{repomd}.asc", TestRelease.OpenPgp.SignDetachedArmored(File.ReadAllBytes(repomd), TestRelease.Later));
        File.WriteAllText($"{repomd}.key", TestRelease.Certificate.ToArmored());
        Assert.Contains("is not signed", DnfFails("root-unsigned", "unsigned", FirmwareSample.Name), StringComparison.Ordinal);
        var refused = Assert.Throws<TdxException>(() => RpmFixture.RepositoryAt(fixture.File("nowhere"))
            .Publish(fixture.File("nowhere"), [package]));
        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.False(Path.Exists(fixture.File("nowhere")));
    }

    [Fact]
    public void Metadata_equals_that_of_createrepo_c()
    {
        var theirs = Copy("createrepo");
        Directory.Delete(Path.Combine(theirs, "repodata"), recursive: true);
        Tool.Run(theirs, "createrepo_c", "-q", "--no-database", ".").Ok();
        foreach (var kind in new[] { "primary", "filelists", "other" })
        {
            Assert.Equal(Metadata(theirs, kind), Metadata(fixture.Repository, kind));
        }
    }

    [Fact]
    public void Sqv_and_gpgv_accept_the_signature_of_repomd()
    {
        var repomd = Path.Combine(fixture.Repository, "repodata/repomd.xml");
        Tool.Run(fixture.Folder, "sqv", "--keyring", fixture.File("key.pgp"), $"{repomd}.asc", repomd).Ok();
        Tool.Run(fixture.Folder, "gpgv", "--keyring", fixture.File("key.pgp"), $"{repomd}.asc", repomd).Ok();
    }

    [Fact]
    public void Foreign_and_missing_files_stop_a_release_and_change_nothing()
    {
        var repository = Copy("foreign-files");
        File.WriteAllText(Path.Combine(repository, "Packages/notes.txt"), "mine");
        var before = Listing(repository);
        var error = Assert.Throws<TdxException>(() => RpmFixture.RepositoryAt(repository).Publish(repository, [fixture.New]));
        Assert.Contains("\"Packages/notes.txt\" does not belong to the repository", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Listing(repository));

        File.Delete(Path.Combine(repository, "Packages/notes.txt"));
        File.Delete(Path.Combine(repository, "Packages", fixture.Old.FileName));
        Assert.Contains("is missing",
            Assert.Throws<TdxException>(() => RpmFixture.RepositoryAt(repository).Publish(repository, []))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_bytes_do_not_change_and_publishing_again_is_the_same()
    {
        var repository = Copy("again");
        RpmFixture.RepositoryAt(fixture.Repository).Publish(repository, [fixture.New]);
        Assert.Equal(Contents(fixture.Repository), Contents(repository));
        var error = Assert.Throws<TdxException>(() => RpmFixture.RepositoryAt(repository).Publish(repository, [fixture.Xz]));
        Assert.Equal(ExitCode.Refused, error.Code);
    }

    private static string Metadata(string repository, string kind)
    {
        var document = System.Xml.Linq.XDocument.Load(
            new GZipStream(File.OpenRead(Directory.GetFiles(Path.Combine(repository, "repodata"), $"*-{kind}.xml.gz").Single()),
            CompressionMode.Decompress));
        foreach (var time in document.Descendants().Where(e => e.Name.LocalName == "time"))
        {
            time.SetAttributeValue("file", "0");
        }

        var packages = document.Root!.Elements().OrderBy(e => e.ToString(), StringComparer.Ordinal).ToList();
        document.Root.ReplaceNodes(packages);
        return document.ToString();
    }

    private static List<string> Listing(string folder) =>
        [.. Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static List<string> Contents(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetRelativePath(folder, f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}")];

    private string Copy(string name)
    {
        Tool.Run(fixture.Folder, "cp", "-a", fixture.Repository, fixture.File(name)).Ok();
        return fixture.File(name);
    }

    private void Dnf(string root, string repository, params string[] verb) =>
        Tool.Run(fixture.Folder, "dnf", Arguments(root, repository, verb)).Ok();

    private string DnfFails(string root, string repository, params string[] packages)
    {
        fixture.NewFolder(root);
        var output = Tool.Run(fixture.Folder, "dnf", Arguments(root, repository, ["install", .. packages])).Refused().All;
        Assert.False(Path.Exists(Path.Combine(fixture.File(root), Image)), output);
        return output;
    }

    private string[] Arguments(string root, string repository, string[] verb)
    {
        // The repository says where it was published; this copy lies elsewhere, and so does the key that its user installed.
        var repos = fixture.NewFolder($"{root}-{repository}-repos.d");
        var text = RpmFixture.RepositoryAt(fixture.File(repository)).RepoFile();
        Assert.Contains($"\ngpgkey={InstalledKey}\n", text, StringComparison.Ordinal);
        Assert.Contains($" {TestRelease.Certificate.Fingerprint}.\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngpgcheck=1\nrepo_gpgcheck=1\n", text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(repos, "tdx-module.repo"),
            text.Replace(InstalledKey, $"file://{fixture.File("key.asc")}", StringComparison.Ordinal));
        File.WriteAllText(fixture.File($"{root}.conf"), "[main]\n");
        return
        [
            "-y", "-c", fixture.File($"{root}.conf"), $"--installroot={fixture.File(root)}", "--releasever=1", "--disableplugin=*",
            $"--setopt=reposdir={repos}",
            $"--setopt=cachedir={fixture.File($"{root}-cache")}", "--setopt=metadata_expire=0", "--setopt=install_weak_deps=0", .. verb,
        ];
    }
}
