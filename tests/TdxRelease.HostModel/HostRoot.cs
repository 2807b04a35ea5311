using System.Globalization;

namespace TdxRelease.HostModel;

/// <summary>
/// A folder that looks to the updater like the root of a machine: bundle, key, and plain files in place of /proc and /sys.
/// </summary>
public sealed class HostRoot
{
    /// <param name="path">An empty folder.</param>
    /// <param name="settings">The machine.</param>
    /// <param name="bundle">A bundle folder to use; null = the fixture bundle.</param>
    /// <param name="pem">The key that signed it; null = the manifest is signed with the test key.</param>
    public HostRoot(string path, ModelSettings settings, string? bundle = null, string? pem = null)
    {
        Path = path;
        Write("proc/cpuinfo", CpuInfo(settings.Cpu));
        Write("proc/sys/kernel/osrelease", "7.2.0-test\n");
        Write("sys/devices/system/cpu/present", "0-3\n");
        Write("sys/devices/system/cpu/online", "0-3\n");
        Write("sys/devices/faux/tdx_host/version", settings.Version + "\n");
        Write("sys/devices/faux/tdx_host/seamldr_version", settings.Loader + "\n");
        Write("sys/devices/faux/tdx_host/num_remaining_updates", $"{settings.Remaining}\n");
        foreach (var (name, text) in new[] { ("loading", "0\n"), ("data", ""), ("status", "idle\n"), ("error", settings.StaleError + "\n"),
            ("cancel", ""), ("remaining_size", "0\n") })
        {
            Write("sys/class/firmware/tdx_module/" + name, text);
        }

        Directory.CreateDirectory(this["run"]);
        Directory.CreateDirectory(this["etc/tdx-module-update"]);
        Write("usr/share/tdx-module-update/release.pem", pem is null ? FixtureBundle.PublicPem : File.ReadAllText(pem));
        WriteBundle(bundle, pem is not null);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Where the bundle is installed.</summary>
    public string Bundle => this["usr/lib/firmware/intel/tdx-module"];

    /// <summary>A file below the root.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Writes a file below the root.</summary>
    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[relative])!);
        File.WriteAllText(this[relative], text);
    }

    /// <summary>Writes an executable hook, a shell script.</summary>
    public void WriteHook(string when, string name, string script)
    {
        var path = $"etc/tdx-module-update/{when}.d/{name}";
        Write(path, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(this[path], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>/proc/cpuinfo of two processors with this signature.</summary>
    public static string CpuInfo(uint signature, string vendor = "GenuineIntel", string bugs = "spectre_v1 spectre_v2")
    {
        var family = (signature >> 8) & 0xF;
        var displayFamily = family == 0xF ? 0xF + ((signature >> 20) & 0xFF) : family;
        var model = ((signature >> 4) & 0xF) | (((signature >> 16) & 0xF) << 4);
        return string.Concat(Enumerable.Range(0, 2).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"processor\t: {i}\nvendor_id\t: {vendor}\ncpu family\t: {displayFamily}\nmodel\t\t: {model}\nmodel name\t: Test\n"
            + $"stepping\t: 8\nflags\t\t: fpu tdx_host_platform\nbugs\t\t: {bugs}\npower management:\n\n")));
    }

    private void WriteBundle(string? bundle, bool signed)
    {
        if (bundle is null)
        {
            FixtureBundle.WriteModules(Bundle);
        }
        else
        {
            foreach (var file in Directory.GetFiles(bundle, "*", SearchOption.AllDirectories))
            {
                var target = System.IO.Path.Combine(Bundle, System.IO.Path.GetRelativePath(bundle, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                if (System.IO.Path.GetFileName(file).StartsWith("manifest.json", StringComparison.Ordinal))
                {
                    File.Copy(file, target); // it may be signed anew
                }
                else
                {
                    File.CreateSymbolicLink(target, System.IO.Path.GetFullPath(file)); // a real bundle is large
                }
            }
        }

        if (bundle is null)
        {
            FixtureBundle.Sign(Bundle);
        }
        else if (!signed)
        {
            FixtureBundle.WriteSigned(Bundle, File.ReadAllBytes(System.IO.Path.Combine(Bundle, "manifest.json")));
        }
    }
}
