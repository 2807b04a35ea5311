using System.Diagnostics;
using System.Security.Cryptography;
using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Host;

public sealed class KillTests
{
    private static string Script => Path.Combine(TestData.Checkout, "src/host/tdx-module-update");

    /// <summary>
    /// 200 runs killed at random points: what the kernel gets is a whole planned image or nothing, and the lock is free afterwards.
    /// </summary>
    [Fact]
    public void Killed_at_random_points_it_never_commits_a_wrong_image_and_never_leaves_the_lock()
    {
        var genuine = FixtureModule.All.Where(m => m.Line == "1.5").Select(m => Convert.ToHexStringLower(SHA256.HashData(m.Image())))
            .ToHashSet();
        var random = new Random(20260210);
        var killed = 0;
        var commits = 0;
        for (var run = 0; run < 200;)
        {
            using var folder = new TempFolder();
            var root = new HostRoot(folder.Path, new());
            using var model = new KernelModel(folder.Path, new() { StateTime = TimeSpan.FromMilliseconds(2) });
            for (; run < 200 && model.Version is not "1.5.16"; run++)
            {
                killed += KillOnce(root, Updater.Shells[run % 3], random) ? 1 : 0;
                Assert.True(WaitForIdle(model), $"run {run}: the model stays {model.Status}");
                Assert.True(LockIsFree(root), $"run {run}: the lock is held");
            }

            Assert.NotNull(model.Version); // no run lost the module
            Assert.All(model.Commits, c => Assert.Contains(c.Sha256, genuine));
            Assert.All(model.Commits, c => Assert.Equal("installed", c.Outcome));
            commits += model.Commits.Count;
            var last = new Updater(Script, "dash").Run(root, "apply");
            Assert.True(last.Exit == 0, last.All); // whatever was left behind does not stop the next run
            Assert.Equal("1.5.16", model.Version);
            Assert.Empty(Directory.GetDirectories(root["run"], "*.apply.*"));
        }

        Assert.InRange(killed, 100, 200); // most runs were really cut short
        Assert.True(commits > 0);
    }

    private static bool KillOnce(HostRoot root, string shell, Random random)
    {
        using var process = new Updater(Script, shell).Start(root, "apply --policy smallest/default"); // its few lines fit into the pipes
        var ended = process.WaitForExit(random.Next(1, 500));
        if (!ended)
        {
            // Half of the time the children die as well, as in a crash of the service.
            process.Kill(entireProcessTree: random.Next(2) == 0);
            process.WaitForExit();
        }

        return !ended;
    }

    private static bool WaitForIdle(KernelModel model)
    {
        for (var i = 0; i < 500 && model.Status != "idle"; i++)
        {
            Thread.Sleep(10);
        }

        return model.Status == "idle";
    }

    private static bool LockIsFree(HostRoot root)
    {
        if (!File.Exists(root["run/tdx-module-update.lock"]))
        {
            return true;
        }

        using var flock = Process.Start("flock",
            ["-w", "5", root["run/tdx-module-update.lock"], "true"]); // an orphaned dd may still end its write
        flock.WaitForExit();
        return flock.ExitCode == 0;
    }
}
