using System.Runtime.InteropServices;
using Cake.Common;
using Cake.Core;
using Cake.Core.IO;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using Path = System.IO.Path;

namespace TdxRelease.Build;

/// <summary>tdxrel compiled to machine code, one file a runtime, its symbols beside it.</summary>
internal static class NativeProgram
{
    private const string Name = "tdxrel";
    private const string Symbols = "tdxrel.dbg";
    private const UnixFileMode Executable = (UnixFileMode)0x1ED;

    // NuGet's and the SDK's words for a package that no source has.
    private static readonly string[] NotRestored =
        ["NU1100", "NU1101", "NU1102", "NU1103", "NU1301", "NETSDK1083", "NETSDK1127", "NETSDK1147"];
    private static readonly string[] NotWritten =
        ["No space left on device", "not enough space on the disk", "Read-only file system", "Permission denied"];

    /// <summary>The runtimes it is compiled for, the default first.</summary>
    public static IReadOnlyList<string> Runtimes { get; } = ["linux-x64", "linux-arm64"];

    /// <summary>The runtime of this machine.</summary>
    public static string Host => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";

    /// <summary>
    /// Where the program for a runtime goes: <c>artifacts/bin/tdxrel</c>, and a folder of its own for any but the default.
    /// </summary>
    public static string PathOf(string runtime) => Path.Combine(FolderOf(runtime), Name);

    private static string FolderOf(string runtime) =>
        Path.Combine(BuildContext.Artifacts, runtime == Runtimes[0] ? "bin" : $"bin-{runtime}");

    /// <summary>Requires the linkers of all runtimes, before the first of them is compiled for minutes.</summary>
    /// <exception cref="TdxException">Exit 6: one is not installed.</exception>
    public static void RequireLinkers(IEnumerable<string> runtimes)
    {
        foreach (var runtime in runtimes)
        {
            NativeToolchain.Require(runtime, Host, Environment.GetEnvironmentVariable("PATH") ?? "");
        }
    }

    /// <summary>Compiles for a runtime and replaces the program when all of the new one is there.</summary>
    /// <exception cref="TdxException">Exit 6: no compiler package, a folder that cannot be written. Exit 1: the code does not
    /// compile.</exception>
    public static void Publish(BuildContext context, string runtime)
    {
        using var folder = new AtomicFolder(FolderOf(runtime));
        var settings = new ProcessSettings
        {
            Arguments = Arguments(context, runtime),
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        if (context.StartProcess("dotnet", settings, out var output, out var errors) != 0)
        {
            throw Failed(runtime, [.. output, .. errors]);
        }

        var made = Path.Combine(BuildContext.Checkout, "src", "TdxRelease.Cli", "bin", context.BuildConfiguration, "net10.0", runtime,
            "publish");
        folder.Write(Name, File.ReadAllBytes(Path.Combine(made, Name)), Executable);
        folder.Write(Symbols, File.ReadAllBytes(Path.Combine(made, Symbols)));
        folder.Commit();
    }

    /// <summary>What a failed compilation was about.</summary>
    /// <param name="runtime">What was compiled for.</param>
    /// <param name="lines">All that dotnet said.</param>
    internal static TdxException Failed(string runtime, IReadOnlyList<string> lines)
    {
        var line = lines.FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal)) ?? lines.LastOrDefault(l => l.Length > 0)
            ?? "dotnet said nothing";
        if (lines.Any(l => NotWritten.Any(w => l.Contains(w, StringComparison.Ordinal))))
        {
            return new TdxException(ExitCode.Io, $"cannot write what is compiled for {runtime}: {Message(line)}",
                "obj and bin directories of the checkout need 1 GB");
        }

        return lines.Any(l => NotRestored.Any(code => l.Contains($"error {code}", StringComparison.Ordinal)))
            ? new TdxException(ExitCode.Io, $"cannot get the native compiler for {runtime}: {Message(line)}",
                "its packages come from the sources in NuGet.config: try with network, or from a full NuGet directory (NUGET_PACKAGES)")
            : new TdxException(ExitCode.InternalError, $"tdxrel does not compile for {runtime}",
                lines: [.. lines.Where(l => l.Contains("error", StringComparison.Ordinal))]);
    }

    // "FILE : error CODE: TEXT [PROJECT]": the text.
    private static string Message(string line)
    {
        var at = line.IndexOf("error ", StringComparison.Ordinal);
        var text = at < 0 ? line : line[(at + 6)..];
        return text.Split(" [/")[0].TrimEnd('.');
    }

    private static ProcessArgumentBuilder Arguments(BuildContext context, string runtime)
    {
        var arguments = new ProcessArgumentBuilder().Append("publish").Append("src/TdxRelease.Cli")
            .Append("-c").Append(context.BuildConfiguration).Append("-v").Append("quiet").Append("--nologo")
            .Append($"-p:TdxrelNative={runtime}");

        // Another machine's file: Debian's and Fedora's own linkers know this machine's alone.
        return runtime == Host ? arguments
            : arguments.Append("-p:LinkerFlavor=lld").Append($"-p:ObjCopyName={NativeToolchain.ObjectCopy(runtime)}");
    }
}
