using System.Text;
using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Host;

/// <summary>
/// Each file that the updater reads, spoilt in each way, under each shell: one sentence, a documented code, nothing committed.
/// </summary>
public sealed class BadInputTests
{
    private static readonly string[] Files =
    [
        "proc/cpuinfo", "sys/devices/system/cpu/online", "sys/devices/system/cpu/present", "etc/tdx-module-update/config",
        "sys/devices/faux/tdx_host/version", "sys/devices/faux/tdx_host/seamldr_version", "sys/devices/faux/tdx_host/num_remaining_updates",
        "sys/class/firmware/tdx_module/status",
        "usr/share/tdx-module-update/release.pem",
        "usr/lib/firmware/intel/tdx-module/manifest.json", "usr/lib/firmware/intel/tdx-module/manifest.json.sig",
        "usr/lib/firmware/intel/tdx-module/steps.tsv",
        "usr/lib/firmware/intel/tdx-module/joined_files/1.5/tdx_module_1.5.16.blob",
    ];

    private static readonly Dictionary<string, Action<string>> Damages = new()
    {
        ["missing"] = File.Delete,
        ["empty"] = f => File.WriteAllText(f, ""),
        ["folder"] = f => { File.Delete(f); Directory.CreateDirectory(f); },
        ["binary"] = f => { var b = new byte[5000]; new Random(1).NextBytes(b); File.WriteAllBytes(f, b); },
        ["huge"] = f => File.WriteAllBytes(f, [.. Enumerable.Repeat((byte)'A', 32 << 20)]),
        ["crlf"] = f => File.WriteAllBytes(f,
            Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(File.ReadAllBytes(f)).Replace("\n", "\r\n", StringComparison.Ordinal))),
        ["letters"] = f => File.WriteAllText(f, "1.5.o5\n"),
        ["cut"] = f => { var b = File.ReadAllBytes(f); File.WriteAllBytes(f, b[..^Math.Min(b.Length, 7)]); },
        ["dangling link"] = f => { File.Delete(f); File.CreateSymbolicLink(f, "/nonexistent"); },
    };

    /// <summary>Damage that changes nothing for the reader: no refusal is due.</summary>
    private static readonly HashSet<string> Harmless =
    [
        "missing etc/tdx-module-update/config", "dangling link etc/tdx-module-update/config", "empty etc/tdx-module-update/config",
        // a configuration is optional
        "cut usr/share/tdx-module-update/release.pem", "crlf usr/share/tdx-module-update/release.pem", // still the same key to openssl
        "cut proc/cpuinfo", // the last of the processors
    ];

    [Fact]
    public void Every_spoilt_file_is_refused_with_one_sentence_and_nothing_is_committed()
    {
        var script = Path.Combine(TestData.Checkout, "src/host/tdx-module-update");
        List<string> failures = [];
        var number = 0;
        foreach (var file in Files)
        {
            foreach (var (name, damage) in Damages)
            {
                using var folder = new TempFolder();
                var root = new HostRoot(folder.Path, new());
                root.Write("etc/tdx-module-update/config", "policy=fewest/default\n");
                damage(root[file]);
                if (name == "crlf" && !File.ReadAllBytes(root[file]).Contains((byte)'\n'))
                {
                    continue; // a binary signature without a line feed stays as it was
                }

                foreach (var shell in new[] { Updater.Shells[number % Updater.Shells.Count],
                    Updater.Shells[(number + 1) % Updater.Shells.Count] })
                {
                    var run = new Updater(script, shell).Run(root, "apply --dry-run", 30);
                    var refused = run.Exit is 3 or 4 or 5 or 6 or 10 or 11 or 14 or 22;
                    var oneSentence = run.Errors.StartsWith("error: ", StringComparison.Ordinal)
                        && run.Errors.TrimEnd().Split('\n').Length <= 2;
                    if (Harmless.Contains($"{name} {file}") ? run.Exit is not (0 or 4) : !refused || !oneSentence)
                    {
                        failures.Add($"{shell}, {file} {name}: {run.All}");
                    }

                    // status shows all but a configuration that it cannot read
                    if (!file.EndsWith("config", StringComparison.Ordinal)
                        && new Updater(script, shell).Run(root, "status --json", 30) is { Exit: not (0 or 10 or 22) } status)
                    {
                        failures.Add($"{shell}, {file} {name}, status: {status.All}");
                    }
                }

                number++;
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count}:\n{string.Join('\n', failures)}");
    }

    [Theory]
    [InlineData("expired", 4, "expired at")]
    [InlineData("unsigned", 4, "says that it is unsigned")]
    [InlineData("future", 4, "which is in the future")]
    [InlineData("other format", 4, "another format")]
    [InlineData("other sequence", 4, "belongs to bundle 7, the manifest to 8")]
    [InlineData("table expired", 4, "steps.tsv expired at")]
    [InlineData("table cut", 3, "cut short")]
    [InlineData("table for another cpu", 5, "no answer for running module 1.5.05 on CPU 0x806F0")]
    [InlineData("image for another cpu", 4, "is not made for this processor")]
    [InlineData("v1 image", 4, "is not of version 0x200")]
    public void Signed_but_wrong_bundles_are_refused(string what, int exit, string sentence)
    {
        foreach (var shell in Updater.Shells)
        {
            using var folder = new TempFolder();
            var root = new HostRoot(folder.Path, new());
            Spoil(root, what);
            var run = new Updater(Path.Combine(TestData.Checkout, "src/host/tdx-module-update"), shell).Run(root, "apply --dry-run");
            Assert.True(run.Exit == exit, $"{shell}: {run.All}");
            Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        }
    }

    private static void Spoil(HostRoot root, string what)
    {
        var table = Path.Combine(root.Bundle, "steps.tsv");
        var manifest = Path.Combine(root.Bundle, "manifest.json");
        var yesterday = DateTimeOffset.UtcNow.AddHours(-1);
        switch (what)
        {
            case "expired":
                FixtureBundle.Sign(root.Bundle, yesterday);
                break;
            case "other sequence":
                FixtureBundle.Sign(root.Bundle, sequence: 8);
                break;
            case "unsigned":
                FixtureBundle.WriteSigned(root.Bundle, Replaced(manifest, "\"sequence\":7", "\"sequence\":7,\"unsigned\":true"));
                break;
            case "future":
                FixtureBundle.WriteSigned(root.Bundle, Replaced(manifest, "{\"created\":\"20", "{\"created\":\"21"));
                break;
            case "other format":
                FixtureBundle.WriteSigned(root.Bundle, Replaced(manifest, "tdxrel-manifest/1", "tdxrel-manifest/2"));
                break;
            case "table expired":
                FixtureBundle.WriteModules(root.Bundle, yesterday);
                FixtureBundle.Sign(root.Bundle);
                break;
            case "table cut":
                File.WriteAllLines(table, File.ReadAllLines(table)[..^2]);
                FixtureBundle.Sign(root.Bundle);
                break;
            case "table for another cpu":
                File.WriteAllBytes(table, Replaced(table, "0x806F0", "0x806E0"));
                FixtureBundle.Sign(root.Bundle);
                break;
            default:
                SpoilImage(root, what == "v1 image" ? 1 : 4096 + 1028);
                break;
        }
    }

    /// <summary>Changes one byte of 1.5.16 (the version field, or both CPU table entries) and signs everything anew.</summary>
    private static void SpoilImage(HostRoot root, int at)
    {
        var path = Path.Combine(root.Bundle, "joined_files/1.5/tdx_module_1.5.16.blob");
        var image = File.ReadAllBytes(path);
        var old = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image));
        image[at] ^= at == 1 ? (byte)3 : (byte)0x10;
        image[at == 1 ? 3 : 4096 + 1032] ^= 0x10;
        File.WriteAllBytes(path, image);
        var table = Path.Combine(root.Bundle, "steps.tsv");
        File.WriteAllBytes(table, Replaced(table, old, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image))));
        FixtureBundle.Sign(root.Bundle);
    }

    private static byte[] Replaced(string file, string old, string with)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(old, with, StringComparison.Ordinal));
    }
}
