using System.Diagnostics;
using System.Security.Cryptography;
using TdxRelease.AcceptanceTests.Packaging;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Reuse;

/// <summary>The whole pipeline, as users run it: no work is done twice, and nothing that changed is passed over.</summary>
public sealed class WarmRunTests : IDisposable
{
    private static readonly string[] Stages = ["fetch", "validate", "verify", "graph", "bundle", "audit"];

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_second_run_says_what_it_reused_and_leaves_the_same_bytes()
    {
        var (first, cold) = Build("--source=sample");
        Assert.Empty(Reused(first));
        var bytes = Content();
        var (second, warm) = Build("--source=sample");
        Assert.Equal(Stages, Reused(second));
        Assert.Equal(bytes, Content());
        Console.WriteLine($"whole pipeline: cold {cold.TotalSeconds:0.00} s, warm {warm.TotalSeconds:0.00} s");
        Assert.Empty(Reused(Build("--source=sample", "--force").Output));
        Assert.Equal(bytes, Content());
    }

    [Fact]
    public void Whatever_changed_runs_again_and_what_follows_from_it()
    {
        Build("--source=sample", "--formats=tar");
        string[] own = ["--lock=none", "--policy=sample", "--unsigned", "--formats=tar", "--accept-license", License(), $"--source={temp["up"]}"];
        Directory.Move(temp["artifacts/snapshot"], temp["up"]);
        Assert.Empty(Reused(Build(own).Output));
        Assert.Equal(Stages, Reused(Build(own).Output));

        // One byte of the output: whoever wrote it keeps it, until the folder is out of the way.
        var manifest = Directory.GetFiles(temp["artifacts/bundle"], "*.manifest.json").Single();
        Flip(manifest, 20);
        var bytes = Content();
        Assert.Contains($"it has changed \"{Path.GetFileName(manifest)}\"", Build(own, exit: 6).Output, StringComparison.Ordinal);
        Assert.Equal(bytes, Content());
        Directory.Delete(temp["artifacts/bundle"], recursive: true);
        Assert.Equal(["fetch", "validate", "verify", "graph", "audit"], Reused(Build(own).Output));
        Assert.NotEqual(bytes, Content());

        // One option.
        Assert.Equal(["fetch", "validate", "verify", "graph"], Reused(Build([.. own, "--base-url=https://example.org/x", "--formats=tar,oci"], drop: "--formats=tar").Output));
        Assert.Equal(["fetch", "validate", "verify"], Reused(Build(own, epoch: "1775000000").Output));

        // A byte of a module: the verdict of the bytes before it is worth nothing.
        Directory.Delete(temp["up/.tdxrel"], recursive: true);
        var module = Directory.GetFiles(temp["up"], "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        Flip(module, 5000);
        var output = Build(own, exit: 4).Output;
        Assert.Empty(Reused(output));
        Assert.Contains("verify runs again: snapshot changed", output, StringComparison.Ordinal);
    }

    private (string Output, TimeSpan Time) Build(params string[] arguments) => Build(arguments, exit: 0);

    private (string Output, TimeSpan Time) Build(string[] arguments, int exit = 0, string? drop = null, string epoch = "1770000000")
    {
        var watch = Stopwatch.StartNew();
        var environment = new Dictionary<string, string> { ["XDG_CACHE_HOME"] = temp["cache"], ["SOURCE_DATE_EPOCH"] = epoch };
        var result = Tool.RunWith(Testing.Upstream.Checkout, environment, Path.Combine(Testing.Upstream.Checkout, "build.sh"), [.. arguments.Where(a => a != drop), $"--output={temp["artifacts"]}"]);
        Assert.True(result.Exit == exit, $"{result.Command}: exit {result.Exit}, want {exit}\n{result.Output}\n{result.Errors}");
        return (result.Output + result.Errors, watch.Elapsed);
    }

    private static IEnumerable<string> Reused(string output) =>
        output.Split('\n').Where(l => l.StartsWith("reused: ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]);

    private string License() => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(temp["artifacts/snapshot/BINARIES_LICENSE"])));

    private string Content() => string.Join('\n', Directory.EnumerateFiles(temp["artifacts/bundle"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{f} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))}"));

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
