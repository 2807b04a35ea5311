using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Host;

/// <summary>Every path of a step table, run on the model: here the fixture bundle's; the real release's in its own tests.</summary>
public sealed class EveryPathTests
{
    private static string Script => Path.Combine(TestData.Checkout, "src/host/tdx-module-update");

    [Fact]
    public void Every_path_ends_at_the_planned_version()
    {
        using var fixture = new TempFolder();
        FixtureBundle.WriteModules(fixture.Path);
        Walk(fixture.Path, null);
    }

    /// <summary>Walks every path of a bundle's table.</summary>
    /// <param name="bundle">The bundle folder; without a key only its table is read, and the fixture bundle stands in each host.</param>
    /// <param name="pem">The key that signed it; null for the fixture bundle.</param>
    internal static void Walk(string bundle, string? pem)
    {
        var paths = Paths(File.ReadAllLines(Path.Combine(bundle, "steps.tsv")));
        Assert.NotEmpty(paths);
        var number = 0;
        var failures = new List<string>();
        foreach (var path in paths)
        {
            failures.AddRange(Run(path, Updater.Shells[number++ % 3], pem is null ? null : bundle, pem));
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {paths.Count} paths:\n{string.Join('\n', failures.Take(5))}");
    }

    private static IEnumerable<string> Run(TablePath path, string shell, string? bundle, string? pem)
    {
        using var folder = new TempFolder();
        var settings = new ModelSettings
        {
            Version = path.Running,
            Loader = path.Loader,
            Cpu = path.Family,
            Remaining = path.Steps.Count,
            StateTime = TimeSpan.Zero
        };
        var root = new HostRoot(folder.Path, settings, bundle, pem);
        using var model = new KernelModel(folder.Path, settings);
        var run = new Updater(Script, shell).Run(root, $"apply --to {path.Target} --policy {path.Policy}");
        if (run.Exit != 0 || model.Version != path.Target || model.Commits.Count != path.Steps.Count)
        {
            yield return $"{shell}: {path}: module {model.Version}, {run.All}";
        }
    }

    /// <summary>Each path once, however many policies and loaders give the same one.</summary>
    private static List<TablePath> Paths(string[] lines)
    {
        var steps = new Dictionary<(string Family, string Loader, string Running, string Policy, string Target), string>();
        foreach (var line in lines)
        {
            if (line.Split('\t') is ["step", var family, var loader, var running, var policy, var target, var next, ..])
            {
                steps[(family, loader, running, policy, target)] = next;
            }
        }

        var paths = new Dictionary<string, TablePath>();
        foreach (var (key, first) in steps)
        {
            List<string> hops = [first];
            while (hops[^1] != key.Target)
            {
                hops.Add(steps[key with { Running = hops[^1] }]);
                Assert.True(hops.Count <= 64);
            }

            // A listed version as it is; for `1.5.05+` a version far above it would have another row, so the plain rows stand for those.
            if (!key.Running.EndsWith('+'))
            {
                paths.TryAdd($"{key.Family} {key.Running} {string.Join(' ', hops)}",
                    new(Convert.ToUInt32(key.Family, 16), key.Loader, key.Running, key.Policy, key.Target, hops));
            }
        }

        return [.. paths.Values];
    }

    private sealed record TablePath(uint Family, string Loader, string Running, string Policy, string Target, List<string> Steps);
}
