using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Cake.Common.Diagnostics;
using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.MSBuild;
using Cake.Common.Tools.DotNet.Pack;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;

namespace TdxRelease.Build;

/// <summary>Packages of tdxrel itself, made from the published file by the writers that make the firmware's.</summary>
internal static partial class OwnPackages
{
    private const string Folder = "own";
    private const string Project = "src/TdxRelease.Cli";

    /// <summary>
    /// Writes deb, rpm, tar and SBOM of each published program, the dotnet tool and the container's folder to artifacts/own/.
    /// </summary>
    public static void Write(BuildContext context, string artifacts)
    {
        // The tool is the same program on every machine: it tells man page and completions for those that this machine cannot run.
        var tool = Path.Combine(BuildContext.Checkout, Project, "bin", context.BuildConfiguration, "tool");
        context.DotNetPack(Project, Pack(context, tool));
        var documentation = OwnFiles.Documentation(
            Path.Combine(BuildContext.Checkout, Project, "bin", context.BuildConfiguration, "net10.0", "tdxrel.dll"));
        using (var folder = new AtomicFolder(Path.Combine(artifacts, Folder)))
        {
            foreach (var runtime in context.Runtimes)
            {
                Write(folder, runtime, documentation);
            }

            folder.Write($"tdxrel.{Version}.nupkg", File.ReadAllBytes(Path.Combine(tool, $"tdxrel.{Version}.nupkg")));
            folder.Commit();
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(artifacts, Folder)).Order(StringComparer.Ordinal))
        {
            context.Information("{0}", Path.GetRelativePath(BuildContext.Checkout, file));
        }
    }

    private static void Write(AtomicFolder folder, string runtime, IReadOnlyList<PackageFile> documentation)
    {
        var project = Path.Combine(BuildContext.Checkout, Project);
        var lockFile = Path.Combine(project, $"packages.{runtime}.lock.json");
        var pack = OwnNotices.Runtime(Path.Combine(project, "obj", runtime, "project.assets.json"), runtime);
        var sbom = OwnSbom.Write(lockFile, Version, Time(), pack);
        var notices = OwnNotices.Write([pack, .. OwnSbom.Packages(lockFile)], NuGetFolder, BuildContext.Checkout);
        var program = NativeProgram.PathOf(runtime);
        var architecture = runtime == "linux-arm64" ? PackageArchitecture.Arm64 : PackageArchitecture.X64;
        IReadOnlyList<PackageFile> files = [.. OwnFiles.All(program, sbom, notices, BuildContext.Checkout), .. documentation];
        var glibc = Glibc(program);
        IReadOnlyList<string> debian = [$"libc6 (>= {glibc})", "libssl3 | libssl3t64", "ca-certificates"];
        IReadOnlyList<string> fedora = [$"libc.so.6(GLIBC_{glibc})(64bit)", "libssl.so.3()(64bit)", "ca-certificates"];
        Package(folder, new DebWriter(Compression.Xz),
            Spec(OwnFiles.Debian(files), architecture, "utils", debian, ["git", "libzstd1", "liblzma5"]));
        Package(folder, new RpmWriter(Compression.Zstd),
            Spec(files, architecture, "Applications/System", fedora, ["git", "libzstd", "xz-libs"]));
        folder.Write($"tdxrel-{Version}-{runtime}.cdx.json", sbom);
        folder.Write($"tdxrel-{Version}-{runtime}.tar.gz", Tar(files, $"tdxrel-{Version}-{runtime}/"));
        if (runtime == NativeProgram.Host)
        {
            ContainerFolder.Write(folder, program);
            folder.Write("container/rootfs/usr/share/doc/tdxrel/NOTICE.third-party", notices);
        }
    }

    // The oldest C library that the program starts with: the newest of the symbol versions that it names. The machine that links it decides
    // which those are.
    private static System.Version Glibc(string program) =>
        SymbolVersion().Matches(Encoding.Latin1.GetString(File.ReadAllBytes(program))).Max(m => System.Version.Parse(m.Groups[1].Value))
        ?? throw new TdxException(ExitCode.InternalError, $"{program} names no version of the C library");

    [GeneratedRegex("\0GLIBC_([0-9]+[.][0-9]+)(?:[.][0-9]+)?(?=\0)")]
    private static partial Regex SymbolVersion();

    // As below /usr: unpacked over /usr/local it is installed.
    private static byte[] Tar(IReadOnlyList<PackageFile> files, string prefix)
    {
        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, files.Select(f => new TarEntry(f.Path["usr/".Length..], f.Content, f.Mode)), Time(), prefix);
        return Compressor.Compress(tar.GetBuffer().AsSpan(0, (int)tar.Length), Compression.Gzip);
    }

    private static DotNetPackSettings Pack(BuildContext context, string output) => new()
    {
        Configuration = context.BuildConfiguration,
        OutputDirectory = output,
        Verbosity = DotNetVerbosity.Quiet,
        NoLogo = true,
        MSBuildSettings = new DotNetMSBuildSettings().WithProperty("TdxrelTool", "true"),
    };

    private static string NuGetFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Version => ToolVersion.Text.Split(' ')[1];

    private static PackageSpec Spec(IReadOnlyList<PackageFile> files, PackageArchitecture architecture, string section,
        IReadOnlyList<string> depends, IReadOnlyList<string> recommends) => new(
        "tdxrel",
        Version,
        "1",
        "Release engineering and verification for Intel TDX modules",
        "Verifies Intel's TDX modules down to the pinned key, computes the supported\n"
        + "update steps, and makes signed, reproducible bundles for distributions.",
        "tdxrel maintainers <maintainers@tdxrel.invalid>",
        "https://tdxrel.invalid/",
        "MIT",
        section,
        Time(),
        files,
        [new ChangelogEntry($"{Version}-1", Time(), [$"Release {Version}."])],
        new PackageScripts())
        {
            Architecture = architecture,
            Relations = PackageRelations.None with { Depends = depends, Recommends = recommends },
        };

    private static void Package(AtomicFolder folder, IPackageWriter writer, PackageSpec spec)
    {
        using var output = new MemoryStream();
        writer.Write(spec, output);
        folder.Write(writer.FileName(spec), output.GetBuffer().AsSpan(0, (int)output.Length));
    }

    // The commit's time, so that one commit gives one package.
    private static DateTimeOffset Time() =>
        SourceDateEpoch.FromEnvironment()
        ?? SourceDateEpoch.Parse(Encoding.ASCII.GetString(Output("git", "-C", BuildContext.Checkout, "log", "-1", "--format=%ct")).Trim());

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
