using System.Diagnostics;
using System.Text;
using Cake.Common.Diagnostics;
using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.MSBuild;
using Cake.Common.Tools.DotNet.Pack;
using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Packages;
using TdxRelease.Bundles.Packages.Rpm;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;

namespace TdxRelease.Build;

/// <summary>Packages of tdxrel itself, made from the published file by the writers that make the firmware's.</summary>
internal static class OwnPackages
{
    private const string Folder = "own";

    // gzip, since the file is large and xz takes a minute for it.
    private static readonly Compression Fast = Compression.Gzip;

    /// <summary>Writes deb, rpm, dotnet tool, SBOM and the container's folder to artifacts/own/.</summary>
    public static void Write(BuildContext context, string program, string artifacts)
    {
        var project = Path.Combine(BuildContext.Checkout, "src", "TdxRelease.Cli");
        var lockFile = Path.Combine(project, "packages.lock.json");
        var runtime = OwnNotices.Runtime(Path.Combine(project, "bin", context.BuildConfiguration, "net10.0", "linux-x64", "tdxrel.deps.json"));
        var sbom = OwnSbom.Write(lockFile, Version, Time(), runtime);
        var notices = OwnNotices.Write([runtime, .. OwnSbom.Packages(lockFile)], NuGetFolder, BuildContext.Checkout);
        using (var folder = new AtomicFolder(Path.Combine(artifacts, Folder)))
        {
            IReadOnlyList<PackageFile> files = [.. Files(program, sbom, notices)];
            Package(folder, new DebWriter(Fast), Spec(files, "utils", ["libc6", "libgcc-s1", "libstdc++6", "libssl3 | libssl3t64"], ["git", "libzstd1", "liblzma5"]));
            Package(folder, new RpmWriter(Fast), Spec(files, "Applications/System", ["glibc", "libgcc", "libstdc++", "openssl-libs"], ["git", "libzstd", "xz-libs"]));
            folder.Write("tdxrel.cdx.json", sbom);
            folder.Write("NOTICE.third-party", notices);
            ContainerFolder.Write(folder, program);
            folder.Write("container/rootfs/usr/share/doc/tdxrel/NOTICE.third-party", notices);
            Tool(context, folder.Staging);
            folder.Commit();
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(artifacts, Folder)).Order(StringComparer.Ordinal))
        {
            context.Information("{0}", Path.GetRelativePath(BuildContext.Checkout, file));
        }
    }

    private static string NuGetFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Version => ToolVersion.Text.Split(' ')[1];

    private static PackageSpec Spec(IReadOnlyList<PackageFile> files, string section, IReadOnlyList<string> depends, IReadOnlyList<string> recommends) => new(
        "tdxrel",
        Version,
        "1",
        "Release engineering and verification for Intel TDX modules",
        "Verifies Intel's TDX modules down to the pinned key, computes the supported update steps,\nand makes signed, reproducible bundles for distributions.",
        "tdxrel maintainers <maintainers@tdxrel.invalid>",
        "https://tdxrel.invalid/",
        "MIT",
        section,
        Time(),
        files,
        [new ChangelogEntry($"{Version}-1", Time(), [$"Release {Version}."])],
        new PackageScripts())
    {
        Architecture = PackageArchitecture.X64,
        Relations = PackageRelations.None with { Depends = depends, Recommends = recommends },
    };

    private static IEnumerable<PackageFile> Files(string program, byte[] sbom, byte[] notices)
    {
        yield return new PackageFile("usr/bin/tdxrel", File.ReadAllBytes(program), 0x1ED);
        yield return new PackageFile("usr/share/man/man1/tdxrel.1.gz", Compressor.Compress(Output(program, "man"), Compression.Gzip), Role: FileRole.Documentation);
        yield return new PackageFile("usr/share/bash-completion/completions/tdxrel", Output(program, "completion"));
        yield return new PackageFile("usr/share/doc/tdxrel/tdxrel.cdx.json", sbom, Role: FileRole.Documentation);
        yield return new PackageFile("usr/share/doc/tdxrel/NOTICE.third-party", notices, Role: FileRole.Documentation);
        var license = Path.Combine(BuildContext.Checkout, "LICENSE");
        if (File.Exists(license))
        {
            yield return new PackageFile("usr/share/licenses/tdxrel/LICENSE", File.ReadAllBytes(license), Role: FileRole.License);
        }
    }

    private static void Tool(BuildContext context, string folder) => context.DotNetPack("src/TdxRelease.Cli", new DotNetPackSettings
    {
        Configuration = context.BuildConfiguration,
        OutputDirectory = folder,
        Verbosity = DotNetVerbosity.Quiet,
        NoLogo = true,
        NoRestore = true, // done for the publishing, with the identifiers that a tool for every platform must not have
        MSBuildSettings = new DotNetMSBuildSettings().WithProperty("TdxrelTool", "true"),
    });

    private static void Package(AtomicFolder folder, IPackageWriter writer, PackageSpec spec)
    {
        using var output = new MemoryStream();
        writer.Write(spec, output);
        folder.Write(writer.FileName(spec), output.GetBuffer().AsSpan(0, (int)output.Length));
    }

    // The commit's time, so that one commit gives one package.
    private static DateTimeOffset Time() =>
        SourceDateEpoch.FromEnvironment() ?? SourceDateEpoch.Parse(Encoding.ASCII.GetString(Output("git", "-C", BuildContext.Checkout, "log", "-1", "--format=%ct")).Trim());

    /// <summary>What a program prints.</summary>
    /// <exception cref="TdxException">Exit 1: it failed.</exception>
    internal static byte[] Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.ToArray()
            : throw new TdxException(ExitCode.InternalError, $"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}");
    }
}
