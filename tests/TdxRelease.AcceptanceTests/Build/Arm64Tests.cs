using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>The file for 64-bit ARM, under an emulator, beside the program under test.</summary>
public sealed class Arm64Tests : IDisposable
{
    private static readonly string File = Path.Combine(TestData.Checkout, "artifacts", "bin-linux-arm64", "tdxrel");

    // Debian's libssl3, liblzma5 and libzstd1 for arm64, unpacked by .ci/run.
    private static readonly string? Libraries = Environment.GetEnvironmentVariable("TDXREL_ARM64_LIBRARIES");
    private readonly TempFolder temp = new();

    public static bool IsPublished => System.IO.File.Exists(File) && Directory.Exists(Libraries);

    public void Dispose() => temp.Dispose();

    [Arm64Fact]
    public void Its_release_is_byte_identical_and_passes_its_own_audit()
    {
        Assert.Equal(Tool.Run("/", TdxrelProgram.Path, "--version").Ok().Output, Arm64("--version").Ok().Output);
        Tool.Run(temp.Path, TdxrelProgram.Path, "sample", "create", "x64").Ok();
        Arm64("sample", "create", "arm64").Ok();
        Tool.Run(temp.Path, "diff", "-r", "x64", "arm64").Ok();
        foreach (var arguments in (string[][])[
            ["verify", "x64", "--policy", "sample", "--json"],
            ["plan", "x64", "--policy", "sample", "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.05"],
        ])
        {
            var (want, got) = (Tool.Run(temp.Path, TdxrelProgram.Path, arguments), Arm64(arguments));
            Assert.Equal((want.Exit, want.Output, want.Errors), (got.Exit, got.Output, got.Errors));
        }

        Tool.Run(temp.Path, TdxrelProgram.Path, "keys", "create", "--out", "release", "--user-id",
            "tdxrel acceptance <acceptance@tdxrel.invalid>", "--created", "2025-01-01").Ok();
        var license = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(temp["x64/BINARIES_LICENSE"])));
        string[] bundle = ["bundle", "x64", "--policy", "sample", "--signing-key", "release.pem", "--accept-license", license, "--out"];
        Tool.RunWith(temp.Path, Time, TdxrelProgram.Path, [.. bundle, "release-x64"]).Ok();
        Arm64([.. bundle, "release-arm64"]).Ok();
        Tool.Run(temp.Path, "diff", "-r", "release-x64", "release-arm64").Ok();
        Arm64("audit", "release-arm64", "--policy", "sample", "--key", "release.pub.pem").Ok();
        System.IO.File.AppendAllText(Directory.GetFiles(temp["release-arm64/packages"], "*.rpm")[0], "x");
        Assert.Equal(4, Arm64("audit", "release-arm64", "--policy", "sample", "--key", "release.pub.pem").Exit);
    }

    private static Dictionary<string, string> Time => new() { ["SOURCE_DATE_EPOCH"] = "1770000000" };

    private ToolResult Arm64(params string[] arguments) => Tool.RunWith(temp.Path, Time, "qemu-aarch64-static",
        ["-L", "/usr/aarch64-linux-gnu", "-E", $"LD_LIBRARY_PATH={Libraries}/usr/lib/aarch64-linux-gnu:{Libraries}/lib/aarch64-linux-gnu",
            File, .. arguments]);
}

/// <summary>A test of the arm64 file, skipped where it was not published.</summary>
public sealed class Arm64FactAttribute : FactAttribute
{
    public Arm64FactAttribute()
    {
        if (!Arm64Tests.IsPublished)
        {
            Skip = "needs ./build.sh --target=Publish --all, and the libraries of .ci/run in TDXREL_ARM64_LIBRARIES";
        }
    }
}
