using System.Security.Cryptography;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>
/// A system without liblzma and libzstd: gzip takes their place, a line says so, and the distributions' tools take the result.
/// </summary>
public sealed class MissingLibraryTests : IDisposable
{
    // Stands before the C library: the two are not there for whoever asks by name, and dlerror says so as it does on such a system.
    private const string Shim = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <string.h>
        void *dlopen(const char *name, int flags)
        {
            void *(*next)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
            return next(name && (strstr(name, "liblzma") || strstr(name, "libzstd")) ? "/nonexistent/library.so" : name, flags);
        }
        """;

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Gzip_takes_the_place_of_what_is_missing_and_says_so()
    {
        Tool.Write(temp["hide.c"], Shim);
        Tool.Run(temp.Path, "gcc", "-shared", "-fPIC", "-o", "hide.so", "hide.c").Ok();
        Tdxrel(hidden: false, "sample", "create", "up").Ok();
        var license = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(temp["up/BINARIES_LICENSE"])));
        string[] bundle = ["bundle", "up", "--policy", "sample", "--unsigned", "--accept-license", license, "--formats", "deb,rpm,arch"];

        var made = Tdxrel(hidden: true, [.. bundle, "--out", "gzip"]).Ok();
        Assert.Contains("notice: liblzma.so.5 is not installed: compressing with gzip instead of xz\n", made.Errors,
            StringComparison.Ordinal);
        Assert.Contains("notice: libzstd.so.1 is not installed: compressing with gzip instead of zstd\n", made.Errors,
            StringComparison.Ordinal);
        var deb = Single("gzip", "*.deb");
        Assert.Contains("data.tar.gz", Tool.Run(temp.Path, "ar", "t", deb).Ok().Output, StringComparison.Ordinal);
        Assert.Contains("tdx_module_", Tool.Run(temp.Path, "dpkg-deb", "--contents", deb).Ok().Output, StringComparison.Ordinal);
        Assert.Equal("gzip",
            Tool.Run(temp.Path, "rpm", "-qp", "--nosignature", "--queryformat", "%{PAYLOADCOMPRESSOR}", Single("gzip", "*.rpm")).Ok()
            .Output);
        Assert.Contains("tdx_module_", Tool.Run(temp.Path, "bsdtar", "-tzf", Single("gzip", "*.pkg.tar.gz")).Ok().Output,
            StringComparison.Ordinal);

        // What can only be read with the library is not a verdict, but a sentence; nothing is left behind.
        Tdxrel(hidden: false, [.. bundle, "--out", "xz"]).Ok();
        var audit = Tdxrel(hidden: true, "audit", Single("xz", "*.deb"), "--policy", "sample", "--allow-unsigned");
        Assert.Equal(6, audit.Exit);
        Assert.StartsWith("error: liblzma.so.5 is not installed\nhint: ", audit.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temp.Path), e => e.EndsWith(".part", StringComparison.Ordinal));
    }

    private ToolResult Tdxrel(bool hidden, params string[] arguments) =>
        Tool.RunWith(temp.Path, hidden ? new Dictionary<string, string> { ["LD_PRELOAD"] = temp["hide.so"] } : [], TdxrelProgram.Path,
            arguments);

    private string Single(string folder, string pattern) => Directory.GetFiles(temp[$"{folder}/packages"], pattern).Single();
}
