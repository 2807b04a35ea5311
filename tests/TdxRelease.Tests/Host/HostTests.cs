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

    /// <summary>Fills a folder with links to every tool but these, and gives it back as a PATH.</summary>
    public static string PathWithout(TempFolder folder, params string[] tools)
    {
        foreach (var tool in Directory.GetFiles("/usr/bin").Select(f => Path.GetFileName(f)!).Except(tools))
        {
            File.CreateSymbolicLink(folder[tool], "/usr/bin/" + tool);
        }

        return folder.Path;
    }

    /// <summary>Writes a tool of one's own.</summary>
    public static void WriteTool(string path, string script)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Waits until the kernel is at work on an image.</summary>
    public void AwaitUpload()
    {
        for (var i = 0; Model!.Status == "idle" && i < 1000; i++)
        {
            Thread.Sleep(10);
        }
    }

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
