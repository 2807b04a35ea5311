using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Repositories;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class PacmanTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    private const string Blob = "usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob";

    [Fact]
    public void Install_check_upgrade_and_remove_with_signatures_required()
    {
        using var pacman = new PacmanRoot();
        pacman.Publish([packages.Old[1]], SamplePackage.Time);
        pacman.Run("-Sy", SamplePackage.Name).Ok();
        Assert.Equal(SamplePackage.Firmware("20250811", 2), File.ReadAllBytes(pacman.Root(Blob)));

        pacman.Publish([packages.New[1]], SamplePackage.Time.AddDays(1));

        // Twice y: both databases may carry the same second, by which pacman judges what is newer.
        pacman.Run("-Syyu").Ok();
        Assert.Equal(SamplePackage.Firmware("20260210", 2), File.ReadAllBytes(pacman.Root(Blob)));
        Assert.Contains(" 0 altered files", pacman.Run("-Qkk", SamplePackage.Name).Ok().Output, StringComparison.Ordinal);
        Assert.Contains(Blob, pacman.Run("-Ql", SamplePackage.Name).Ok().Output, StringComparison.Ordinal);
        Assert.True(File.Exists(pacman.Repository(packages.Old[1].FileName)), "the old release is gone");

        pacman.Run("-R", SamplePackage.Name).Ok();
        Assert.False(Directory.Exists(pacman.Root("usr/lib/firmware")), "removal leaves something");
        Assert.False(Directory.Exists(pacman.Root("usr/share/licenses")), "removal leaves something");
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    [InlineData(CompressionKind.Xz)]
    public void A_signed_file_installs_in_every_compression(CompressionKind kind)
    {
        using var pacman = new PacmanRoot();
        var package = PackagesFixture.Package(new ArchWriter(new Compression(kind, 9)), SamplePackage.Spec());
        pacman.Publish([package], SamplePackage.Time);
        pacman.Run("-U", pacman.Repository(package.FileName)).Ok();
        Assert.Equal(SamplePackage.Firmware("20260210", 2), File.ReadAllBytes(pacman.Root(Blob)));
    }

    [Fact]
    public void Optional_dependencies_say_what_they_are_for()
    {
        using var pacman = new PacmanRoot();
        var spec = SamplePackage.Spec() with { Relations = PackageRelations.None with { Suggests = new ArchFormat().Suggests } };
        pacman.Publish([PackagesFixture.Package(new ArchWriter(Compression.Zstd), spec)], SamplePackage.Time);
        pacman.Run("-Sy", SamplePackage.Name).Ok();
        var shown = pacman.Run("-Qi", SamplePackage.Name).Ok().Output.Split('\n').Select(l => l.Split(" : ")[^1].Trim()).ToList();
        Assert.All(new ArchFormat().Suggests, s => Assert.Contains(s, shown));
    }

    [Fact]
    public void Tampered_files_are_refused()
    {
        using var pacman = new PacmanRoot();
        pacman.Publish([packages.New[1]], SamplePackage.Time);
        var package = pacman.Repository(packages.New[1].FileName);
        var good = File.ReadAllBytes(package);
        Flip(package);
        pacman.Run("-U", package).Refused("invalid or corrupted");
        pacman.Run("-Sy", SamplePackage.Name).Refused("invalid or corrupted");
        File.WriteAllBytes(package, good);
        File.Delete($"{package}.sig");
        pacman.Run("-U", package).Refused("missing required signature");

        Flip(pacman.Repository("tdx.db"));
        pacman.Run("-Syy").Refused("invalid or corrupted");
        Assert.False(File.Exists(pacman.Root(Blob)));

        static void Flip(string path)
        {
            var bytes = File.ReadAllBytes(path);
            bytes[^100] ^= 1;
            File.WriteAllBytes(path, bytes);
        }
    }

    [Fact]
    public void Every_signature_satisfies_gpgv_and_sqv()
    {
        using var pacman = new PacmanRoot();
        pacman.Publish([packages.New[1]], SamplePackage.Time);
        var signatures = Directory.GetFiles(pacman.Repository(""), "*.sig");
        Assert.Equal(5, signatures.Length);
        foreach (var signature in signatures)
        {
            Tool.Run("/", "gpgv", "--keyring", pacman.Repository("tdx.pgp"), signature, signature[..^4]).Ok();
            Tool.Run("/", "sqv", "--keyring", pacman.Repository("tdx.pgp"), signature, signature[..^4]).Ok();
        }
    }
}

/// <summary>A private pacman root whose keyring trusts the test key only.</summary>
internal sealed class PacmanRoot : IDisposable
{
    private readonly TempFolder temp = new();

    public PacmanRoot()
    {
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        foreach (var folder in (string[])["root/var/lib/pacman", "cache", "hooks"])
        {
            Directory.CreateDirectory(temp[folder]);
        }

        Directory.CreateDirectory(temp["gnupg"], (UnixFileMode)0x1C0);
        File.WriteAllBytes(temp["key.pgp"], TestRelease.OpenPgp.Certificate);
        var home = new Dictionary<string, string> { ["GNUPGHOME"] = temp["gnupg"] };
        Tool.RunWith("/", home, "gpg", "--batch", "--import", temp["key.pgp"]).Ok();
        Tool.Write(temp["trust"], $"{TestRelease.OpenPgp.Fingerprint}:6:\n");
        Tool.RunWith("/", home, "gpg", "--batch", "--import-ownertrust", temp["trust"]).Ok();
        Tool.Write(temp["pacman.conf"],
            "[options]\nArchitecture = x86_64\nSigLevel = Required\nLocalFileSigLevel = Required\n\n"
                + $"[tdx]\nSigLevel = Required\nServer = file://{temp["repository"]}\n");
    }

    public string Root(string relative) => temp[$"root/{relative}"];

    public string Repository(string relative) => temp[$"repository/{relative}"];

    public void Publish(IReadOnlyList<RepositoryPackage> packages, DateTimeOffset time) =>
        PacmanRepository.Publish(temp["repository"], new PacmanRepositoryOptions("tdx", $"file://{temp["repository"]}", time), packages,
            TestRelease.OpenPgp);

    public ToolResult Run(params string[] arguments) => Tool.Run(
        "/",
        "pacman",
        ["--noconfirm", "--config", temp["pacman.conf"], "--root", temp["root"], "--dbpath", temp["root/var/lib/pacman"], "--cachedir",
            temp["cache"], "--gpgdir", temp["gnupg"], "--logfile", temp["log"], "--hookdir", temp["hooks"], .. arguments]);

    public void Dispose()
    {
        Tool.RunWith("/", new Dictionary<string, string> { ["GNUPGHOME"] = temp["gnupg"] }, "gpgconf", "--kill", "all");
        temp.Dispose();
    }
}
