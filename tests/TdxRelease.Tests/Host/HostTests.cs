using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Host;

/// <summary>A machine in a folder with the kernel model behind it, for one test.</summary>
internal sealed class Machine : IDisposable
{
    private readonly TempFolder folder = new();

    public Machine(ModelSettings settings, bool plain = false)
    {
        Root = new HostRoot(folder.Path, settings);
        Model = plain ? null : new KernelModel(folder.Path, settings);
    }

    public HostRoot Root { get; }

    public KernelModel? Model { get; }

    public string Node => Root["sys/class/firmware/tdx_module"];

    public string Host => Root["sys/devices/faux/tdx_host"];

    public static string Script => Path.Combine(TestData.Checkout, "src/host/tdx-module-update");

    public UpdaterRun Run(string arguments, string shell = "dash") => new Updater(Script, shell).Run(Root, arguments);

    /// <summary>No lock is held and no private copy is left behind.</summary>
    public void AssertClean()
    {
        Assert.Empty(Directory.GetDirectories(Root["run"]));
        var lockFile = Root["run/tdx-module-update.lock"];
        if (File.Exists(lockFile))
        {
            using var process = System.Diagnostics.Process.Start("flock", ["-n", lockFile, "true"]);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }

    public void Dispose()
    {
        Model?.Dispose();
        folder.Dispose();
    }
}

/// <summary>Every shell, as theory data.</summary>
public sealed class ShellData : TheoryData<string>
{
    public ShellData()
    {
        foreach (var shell in Updater.Shells)
        {
            Add(shell);
        }
    }
}
