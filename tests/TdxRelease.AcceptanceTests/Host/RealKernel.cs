using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Host;

/// <summary>Linux with the real upload core under qemu, built once and kept outside the checkout by the hash of its sources.</summary>
internal static class RealKernel
{
    private static readonly Lazy<string> Built = new(Build);

    /// <summary>The modules of Intel that the scenarios use, as v2 images.</summary>
    public static IReadOnlyList<(FixtureModule Module, byte[] Image)> Modules { get; } =
        [Join("1.5.05", 5), Join("1.5.08", 7), Join("1.5.16", 11)];

    private static string Tools => Path.Combine(TestData.Shared!, "tools/real-kernel");

    /// <summary>Boots, runs tests/host/real-kernel.sh with this scenario, and returns the console.</summary>
    public static string Boot(string scenario, string parameters, bool v1 = false)
    {
        using var work = new TempFolder();
        foreach (var part in new[] { "linux-source-6.1", "mod" })
        {
            File.CreateSymbolicLink(work[part], Path.Combine(Built.Value, part));
        }

        var extra = work["extra"];
        Fill(extra, v1);
        File.WriteAllText(Path.Combine(extra, "scenario"), scenario + "\n");
        var known = string.Join(',', Modules.Select(m => FixtureBundle.MrSeam(m.Image)[..8] + "=" + m.Module.Version));
        return Tool.Run("/", "bash",
            [Path.Combine(Tools, "boot.sh"), work.Path, extra, Path.Combine(TestData.Checkout, "tests/host/real-kernel.sh"),
            "known=" + known, .. parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Ok().Output;
    }

    private static string Build()
    {
        var sources = new[] { "build.sh", "tdx_model.c" }.SelectMany(f => File.ReadAllBytes(Path.Combine(Tools, f))).ToArray();
        var folder = Path.Combine(Path.GetTempPath(), "tdxrel-real-kernel", Convert.ToHexStringLower(SHA256.HashData(sources))[..16]);
        if (!File.Exists(Path.Combine(folder, "mod/tdx_model.ko")))
        {
            var part = folder + ".part"; // an interrupted build is taken up again
            Directory.CreateDirectory(part);
            Tool.Run("/", "nice", "bash", Path.Combine(Tools, "build.sh"), part).Ok();
            Directory.Move(part, folder);
        }

        return folder;
    }

    /// <summary>The updater, its bundle, the key, dash, and openssl with its libraries: all that the kernel's busybox lacks.</summary>
    private static void Fill(string extra, bool v1)
    {
        var bundle = Path.Combine(extra, "usr/lib/firmware/intel/tdx-module");
        FixtureBundle.WriteModules(bundle,
            v1 ? Modules.Select(m => (m.Module, File.ReadAllBytes(Path.Combine(TestData.Snapshot, m.Module.Path)))).ToList() : Modules);
        FixtureBundle.Sign(bundle);
        foreach (var folder in new[] { "bin", "usr/sbin", "usr/share/tdx-module-update", "lib64", "usr/bin" })
        {
            Directory.CreateDirectory(Path.Combine(extra, folder));
        }

        File.WriteAllText(Path.Combine(extra, "usr/share/tdx-module-update/release.pem"), FixtureBundle.PublicPem);
        File.Copy(Path.Combine(TestData.Checkout, "src/host/tdx-module-update"), Path.Combine(extra, "usr/sbin/tdx-module-update"));
        foreach (var applet in new[] { "mktemp", "readlink", "chmod" })
        {
            File.CreateSymbolicLink(Path.Combine(extra, "bin", applet), "busybox");
        }

        foreach (var program in new[] { "/usr/bin/openssl", "/usr/bin/dash" })
        {
            File.Copy(program, extra + program);
            foreach (var library in Tool.Run("/", "ldd", program).Ok()
                .Output.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith('/')))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(extra + library)!);
                File.Copy(library, extra + library, overwrite: true);
            }
        }
    }

    /// <summary>join(bin, sigstruct) as a v2 image with its checksum (facts/1, "Image formats").</summary>
    private static (FixtureModule Module, byte[] Image) Join(string version, byte svnMinor)
    {
        var name = Path.Combine(TestData.Snapshot, "separate_files/1.5", version, "tdx_module_" + version);
        var (module, sigstruct) = (File.ReadAllBytes(name + ".bin"), File.ReadAllBytes(name + ".sigstruct"));
        var pages = (module.Length + 4095) / 4096;
        var image = new byte[4096 * (2 + pages)];
        BinaryPrimitives.WriteUInt16LittleEndian(image, 0x200);
        "TDX-BLOB"u8.CopyTo(image.AsSpan(4));
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(12), 1);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(16), pages);
        sigstruct.CopyTo(image.AsSpan(4096));
        module.CopyTo(image.AsSpan(8192));
        var sum = 0;
        for (var i = 0; i < image.Length; i += 2)
        {
            sum = (sum + BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(i))) & 0xFFFF;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), (ushort)((0x10000 - sum) & 0xFFFF));
        return (new FixtureModule(version, svnMinor, [0x806F0, 0xC06F0]), image);
    }
}
