using System.Diagnostics;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>The linker and C library that the native compiler calls: found before it runs for a minute and fails.</summary>
internal static class NativeToolchain
{
    private const string Native = "install one: apt install clang (Debian), dnf install clang (Fedora), pacman -S clang (Arch)";

    private const string Cross = "install them: apt install clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross (Debian), "
        + "dnf install clang lld gcc-aarch64-linux-gnu sysroot-aarch64-fc$(rpm -E %fedora)-glibc (Fedora), "
        + "pacman -S clang lld aarch64-linux-gnu-gcc (Arch)";

    /// <summary>Requires what is called for a runtime on this machine.</summary>
    /// <param name="runtime">linux-x64 or linux-arm64.</param>
    /// <param name="host">The runtime identifier of this machine.</param>
    /// <param name="path">The folders of PATH, joined by colons.</param>
    /// <exception cref="TdxException">Exit 6: something is not installed; the hint installs it.</exception>
    public static void Require(string runtime, string host, string path)
    {
        if (runtime == host)
        {
            var compiler = Find("clang", path) ?? Find("gcc", path) ?? throw Missing(runtime, "neither clang nor gcc is", Native);
            RequireLibrary(runtime, compiler, [], Native.Replace("clang", "clang libc6-dev", StringComparison.Ordinal));
            return;
        }

        foreach (var program in (string[])["clang", "ld.lld", ObjectCopy(runtime)])
        {
            _ = Find(program, path) ?? throw Missing(runtime, $"{program} is not", Cross);
        }

        RequireLibrary(runtime, Find("clang", path)!, [$"--target={Triple(runtime)}"], Cross);
    }

    /// <summary>The program that takes the symbols out of a file of another machine.</summary>
    public static string ObjectCopy(string runtime) => $"{Triple(runtime)}-objcopy";

    private static string Triple(string runtime) => runtime == "linux-arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    // The start-up object of the C library: the compiler answers with its bare name where there is none.
    private static void RequireLibrary(string runtime, string compiler, IEnumerable<string> arguments, string hint)
    {
        using var process = Process.Start(
            new ProcessStartInfo(compiler, [.. arguments, "-print-file-name=crt1.o"]) { RedirectStandardOutput = true })!;
        var found = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0 || !Path.IsPathRooted(found) || !File.Exists(found))
        {
            throw Missing(runtime, "the C library's crt1.o is not", hint);
        }
    }

    /// <summary>The first file of that name in the folders of PATH, or null.</summary>
    internal static string? Find(string program, string path) =>
        path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static TdxException Missing(string runtime, string what, string hint) =>
        new(ExitCode.Io, $"cannot link for {runtime}: {what} installed", hint);
}
