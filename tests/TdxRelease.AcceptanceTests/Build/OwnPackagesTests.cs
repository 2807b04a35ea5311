using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>The packages of tdxrel itself, before the tools of the distributions that take them.</summary>
public sealed class OwnPackagesTests
{
    private const long Largest = 12_000_000;

    public static string Folder { get; } = Path.Combine(TestData.Checkout, "artifacts", "own");

    [OwnPackagesFact]
    public void Lintian_finds_nothing_and_what_is_installed_runs()
    {
        foreach (var deb in Files("*.deb"))
        {
            var lintian = Tool.Run("/", "lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", deb);
            Assert.True(lintian.Exit == 0, lintian.Output);
        }

        using var temp = new TempFolder();
        Tool.Run("/", "dpkg-deb", "-x", Files("*_amd64.deb").Single(), temp.Path).Ok();
        Assert.Equal(Tool.Run("/", TdxrelProgram.Built, "--version").Ok().Output,
            Tool.Run("/", temp["usr/bin/tdxrel"], "--version").Ok().Output);
        Assert.All((string[])["usr/share/man/man1/tdxrel.1.gz", "usr/share/bash-completion/completions/tdxrel",
            "usr/share/zsh/vendor-completions/_tdxrel", "usr/share/fish/vendor_completions.d/tdxrel.fish"],
            path => Assert.True(File.Exists(temp[path]), path));
    }

    [OwnPackagesFact]
    public void Rpmlint_finds_no_error_but_the_missing_signature()
    {
        foreach (var rpm in Files("*.rpm"))
        {
            Tool.Run("/", "rpm", "-K", "--nosignature", rpm).Ok();
            // Who puts it into a repository signs it; SHA256SUMS is signed here.
            var errors = Tool.Run("/", "rpmlint", rpm).Output.Split('\n').Where(l => l.Contains(" E: ", StringComparison.Ordinal));
            Assert.All(errors, e => Assert.EndsWith("E: no-signature", e, StringComparison.Ordinal));
        }
    }

    [OwnPackagesFact]
    public void The_stated_c_library_is_the_newest_that_the_file_names()
    {
        using var temp = new TempFolder();
        foreach (var (debian, fedora) in ((string, string)[])[("amd64", "x86_64"), ("arm64", "aarch64")])
        {
            var deb = Files($"*_{debian}.deb").Single();
            Tool.Run("/", "dpkg-deb", "-x", deb, temp[debian]).Ok();
            var names = Tool.Run("/", "readelf", "-W", "-V", temp[$"{debian}/usr/bin/tdxrel"]).Ok().Output.Split("Name: GLIBC_").Skip(1);
            var newest = names.Max(n => Version.Parse(n.Split(' ')[0]));
            Assert.Contains($"libc6 (>= {newest})", Tool.Run("/", "dpkg-deb", "-f", deb, "Depends").Ok().Output, StringComparison.Ordinal);
            Assert.Contains($"libc.so.6(GLIBC_{newest})(64bit)",
                Tool.Run("/", "rpm", "-qpR", Files($"*.{fedora}.rpm").Single()).Ok().Output, StringComparison.Ordinal);
        }
    }

    [OwnPackagesFact]
    public void No_package_is_large() =>
        Assert.All([.. Files("*.deb"), .. Files("*.rpm")],
            file => Assert.True(new FileInfo(file).Length <= Largest,
            $"{file}: {new FileInfo(file).Length} bytes, want at most {Largest}"));

    [OwnPackagesFact]
    public void The_bill_of_materials_names_what_is_linked_in()
    {
        foreach (var file in Files("*.cdx.json"))
        {
            var names = Tool.Run("/", "jq", "-r", ".components[].name", file).Ok()
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains("BouncyCastle.Cryptography", names);
            Assert.Contains(names, n => n.StartsWith("Microsoft.NETCore.App.Runtime.NativeAOT.linux-", StringComparison.Ordinal));
            Assert.DoesNotContain(names, n => n.Contains("ILCompiler", StringComparison.Ordinal));
        }
    }

    private static string[] Files(string pattern)
    {
        var files = Directory.GetFiles(Folder, pattern);
        Assert.NotEmpty(files);
        return files;
    }
}

/// <summary>A test of tdxrel's own packages, skipped where they were not made.</summary>
public sealed class OwnPackagesFactAttribute : FactAttribute
{
    public OwnPackagesFactAttribute()
    {
        if (!Directory.Exists(OwnPackagesTests.Folder))
        {
            Skip = "needs ./build.sh --target=Publish --all --packages";
        }
    }
}
