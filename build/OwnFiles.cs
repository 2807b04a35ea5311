using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;

namespace TdxRelease.Build;

/// <summary>What tdxrel's own packages install.</summary>
internal static class OwnFiles
{
    private const string ZshFolder = "usr/share/zsh/site-functions/";

    // What lintian finds and we mean.
    private const string LintianOverrides =
        """
        # Its maintainers' own package, which no upload to Debian brings.
        tdxrel: initial-upload-closes-no-bugs *
        # .NET's own copy of zlib is linked in: one deflate on every machine, so that one release has the same bytes wherever it is made.
        tdxrel: embedded-library zlib *

        """;

    /// <summary>As Debian has it: its zsh looks for packages' completions in another folder, and lintian for what is meant.</summary>
    public static IReadOnlyList<PackageFile> Debian(IReadOnlyList<PackageFile> files) =>
    [
        .. files.Select(f => f with { Path = f.Path.Replace(ZshFolder, "usr/share/zsh/vendor-completions/", StringComparison.Ordinal) }),
        new PackageFile("usr/share/lintian/overrides/tdxrel", Encoding.ASCII.GetBytes(LintianOverrides)),
    ];

    /// <summary>The program, its SBOM and its licences.</summary>
    public static IEnumerable<PackageFile> All(string program, byte[] sbom, byte[] notices, string checkout) =>
    [
        new PackageFile("usr/bin/tdxrel", File.ReadAllBytes(program), 0x1ED),
        new PackageFile("usr/share/doc/tdxrel/tdxrel.cdx.json", sbom, Role: FileRole.Documentation),
        new PackageFile("usr/share/doc/tdxrel/NOTICE.third-party", notices, Role: FileRole.Documentation),
        new PackageFile("usr/share/licenses/tdxrel/LICENSE", File.ReadAllBytes(Path.Combine(checkout, "LICENSE")), Role: FileRole.License),
    ];

    /// <summary>Manual page and completions, as the program prints them.</summary>
    /// <param name="program">tdxrel.dll.</param>
    public static IReadOnlyList<PackageFile> Documentation(string program) =>
    [
        new PackageFile("usr/share/man/man1/tdxrel.1.gz",
            Compressor.Compress(OwnPackages.Output("dotnet", program, "man"), Compression.Gzip), Role: FileRole.Documentation),
        new PackageFile("usr/share/bash-completion/completions/tdxrel", OwnPackages.Output("dotnet", program, "completion", "bash")),
        new PackageFile($"{ZshFolder}_tdxrel", OwnPackages.Output("dotnet", program, "completion", "zsh")),
        new PackageFile("usr/share/fish/vendor_completions.d/tdxrel.fish", OwnPackages.Output("dotnet", program, "completion", "fish")),
    ];
}
