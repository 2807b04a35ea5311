using TdxRelease.Build;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

public sealed class NativeToolchainTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("linux-x64", "cannot link for linux-x64: neither clang nor gcc is installed")]
    [InlineData("linux-arm64", "cannot link for linux-arm64: clang is not installed")]
    [InlineData("linux-arm64", "cannot link for linux-arm64: ld.lld is not installed", "clang")]
    [InlineData("linux-arm64", "cannot link for linux-arm64: aarch64-linux-gnu-objcopy is not installed", "clang", "ld.lld")]
    public void What_is_not_installed_is_named_with_the_packages_of_three_distributions(string runtime, string want,
        params string[] installed)
    {
        foreach (var program in installed)
        {
            Install(program, "exit 0");
        }

        var e = Assert.Throws<TdxException>(() => NativeToolchain.Require(runtime, "linux-x64", temp.Path));
        Assert.Equal((ExitCode.Io, want), (e.Code, e.Message));
        foreach (var manager in new[] { "apt install clang", "dnf install clang", "pacman -S clang" })
        {
            Assert.Contains(manager, e.Hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_compiler_without_a_C_library_is_no_linker()
    {
        Install("gcc", "echo crt1.o");
        var e = Assert.Throws<TdxException>(() => NativeToolchain.Require("linux-x64", "linux-x64", temp.Path));
        Assert.Equal((ExitCode.Io, "cannot link for linux-x64: the C library's crt1.o is not installed"), (e.Code, e.Message));
        Assert.Contains("libc6-dev", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_complete_toolchain_passes_and_the_cross_compiler_is_asked_for_its_target()
    {
        File.WriteAllText(temp["crt1.o"], "");
        Install("gcc", $"echo '{temp["crt1.o"]}'");
        NativeToolchain.Require("linux-x64", "linux-x64", temp.Path);
        Install("clang", $"[ \"$1\" = --target=aarch64-linux-gnu ] && echo '{temp["crt1.o"]}'");
        Install("ld.lld", "");
        Install("aarch64-linux-gnu-objcopy", "");
        NativeToolchain.Require("linux-arm64", "linux-x64", $"/nonexistent:{temp.Path}");
    }

    [Theory]
    [InlineData(ExitCode.Io,
        "/x/TdxRelease.Cli.csproj : error NU1101: Unable to find package runtime.linux-x64.Microsoft.DotNet.ILCompiler. "
            + "No packages exist with this id in source(s): nuget.org [/x/y.csproj]",
        "cannot get the native compiler for linux-x64: NU1101: Unable to find package runtime.linux-x64.Microsoft.DotNet.ILCompiler. "
            + "No packages exist with this id in source(s): nuget.org")]
    [InlineData(ExitCode.Io, "error MSB3021: Unable to copy file. No space left on device : '/x' [/x/y.csproj]",
        "cannot write what is compiled for linux-x64: MSB3021: Unable to copy file. No space left on device : '/x'")]
    [InlineData(ExitCode.InternalError, "Program.cs(1,1): error CS1002: ; expected [/x/y.csproj]",
        "tdxrel does not compile for linux-x64\n  Program.cs(1,1): error CS1002: ; expected [/x/y.csproj]")]
    public void A_failed_compilation_is_one_error(ExitCode code, string line, string want)
    {
        var e = NativeProgram.Failed("linux-x64", ["", line]);
        Assert.Equal((code, want), (e.Code, e.Message));
    }

    private void Install(string name, string body)
    {
        File.WriteAllText(temp[name], $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(temp[name], (UnixFileMode)0x1ED);
    }
}
