using System.Security.Cryptography;

namespace TdxRelease.HostModel;

/// <summary>
/// Serves <c>sys/devices/faux/tdx_host</c> and <c>sys/class/firmware/tdx_module</c> below a folder with the semantics of facts/3.
/// Limits of plain files: a write is never short and never fails; a read that must fail is ENXIO, also where the kernel says EBUSY;
/// CAP_SYS_RAWIO is not asked for. The real kernel of the acceptance tests covers these.
/// </summary>
public sealed class KernelModel : IDisposable
{
    private readonly List<ReadAttribute> attributes = [];
    private readonly UploadCore core;
    private readonly WriteNodes writes;

    /// <param name="root">The folder; <c>sys/devices/system/cpu/{online,present}</c> are read from it at each install.</param>
    /// <param name="settings">The machine.</param>
    public KernelModel(string root, ModelSettings settings)
    {
        var cpus = Path.Combine(root, "sys/devices/system/cpu");
        core = new UploadCore(settings, () => Text(cpus, "online") == Text(cpus, "present"), Images(root),
            () => attributes.ForEach(a => a.Refresh()));
        var host = Directory.CreateDirectory(Path.Combine(root, "sys/devices/faux/tdx_host")).FullName;
        var node = Directory.CreateDirectory(Path.Combine(root, "sys/class/firmware/tdx_module")).FullName;
        writes = new WriteNodes(node, core);
        lock (core.Gate)
        {
            Serve(host, "version", 0x124, () => core.Version);
            Serve(host, "seamldr_version", 0x100, () => settings.Loader);
            Serve(host, "num_remaining_updates", 0x100, () => $"{core.Remaining}");
            Serve(node, "status", 0x124, () => core.Status);
            Serve(node, "error", 0x124, () => core.Error);
            File.WriteAllText(Path.Combine(node, "cancel"), ""); // no effect for this driver (facts/3)
            File.WriteAllText(Path.Combine(node, "remaining_size"), "0\n");
        }
    }

    /// <summary>The running module now; null when it is gone.</summary>
    public string? Version => Locked(() => core.Version);

    /// <summary>What <c>status</c> says now.</summary>
    public string Status => Locked(() => core.Status);

    /// <summary>What was committed so far.</summary>
    public IReadOnlyList<Commit> Commits => Locked(() => core.Commits.ToArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        attributes.ForEach(a => a.Dispose());
        writes.Dispose();
        core.Dispose();
    }

    private static string Text(string folder, string name) => File.ReadAllText(Path.Combine(folder, name)).Trim();

    /// <summary>SHA-256 of each image of the bundle at start: what the processor would take for genuine.</summary>
    private static Dictionary<string, string> Images(string root)
    {
        var folder = Path.Combine(root, "usr/lib/firmware/intel/tdx-module/joined_files");
        var images = new Dictionary<string, string>();
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "tdx_module_*.blob", SearchOption.AllDirectories) : [])
        {
            images[Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))] =
                Path.GetFileNameWithoutExtension(file)["tdx_module_".Length..];
        }

        return images;
    }

    private T Locked<T>(Func<T> read)
    {
        lock (core.Gate)
        {
            writes.Drain();
            return read();
        }
    }

    private void Serve(string folder, string name, uint mode, Func<string?> value) =>
        attributes.Add(new ReadAttribute(Path.Combine(folder, name), mode, core.Gate, () => writes.Drain(), value));
}
