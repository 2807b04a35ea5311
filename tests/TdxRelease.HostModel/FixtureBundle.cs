using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TdxRelease.HostModel;

/// <summary>Writes a bundle folder (docs/formats.md): images, the step table of a plain ladder, the manifest and its signature.</summary>
public static class FixtureBundle
{
    private static readonly Lazy<RSA> Key = new(() => RSA.Create(4096));
    private static readonly DateTimeOffset Created = DateTimeOffset.UtcNow.AddDays(-1);

    /// <summary>The test key's public half (SPKI, PEM). The key lives as long as the process.</summary>
    public static string PublicPem => Key.Value.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>Images and steps.tsv of <see cref="FixtureModule.All"/>, without a manifest.</summary>
    public static void WriteModules(string folder, DateTimeOffset? expires = null) =>
        WriteModules(folder, FixtureModule.All.Select(m => (m, m.Image())).ToList(), expires);

    /// <summary>The same with the caller's images.</summary>
    public static void WriteModules(string folder, IReadOnlyList<(FixtureModule Module, byte[] Image)> modules,
        DateTimeOffset? expires = null)
    {
        foreach (var (module, image) in modules)
        {
            WriteFile(folder, module.Path, image);
        }

        WriteFile(folder, "LICENSE", "licence\n"u8.ToArray());
        WriteFile(folder, "steps.tsv", Encoding.UTF8.GetBytes(Steps(modules, expires ?? Created.AddDays(30))));
    }

    /// <summary>manifest.json over every file of the folder, in canonical form, and manifest.json.sig by the test key.</summary>
    public static void Sign(string folder, DateTimeOffset? expires = null, int sequence = 7)
    {
        var manifest = Manifest(folder, expires ?? Created.AddDays(30), sequence);
        WriteSigned(folder, manifest);
    }

    /// <summary>Writes the bytes as the manifest and signs them, whatever they are.</summary>
    public static void WriteSigned(string folder, byte[] manifest)
    {
        WriteFile(folder, "manifest.json", manifest);
        WriteFile(folder, "manifest.json.sig", Key.Value.SignData(manifest, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1));
    }

    /// <summary>RFC 3339, UTC, seconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The step table (docs/steps-table.md) in which every module of a line reaches every newer one.</summary>
    public static string Steps(IReadOnlyList<(FixtureModule Module, byte[] Image)> modules, DateTimeOffset expires)
    {
        List<string> lines = [$"tdxrel-steps\t1\t7\t{Time(Created)}\t{Time(expires)}"];
        lines.AddRange(modules.Select(m =>
            string.Join('\t', "image", m.Module.Version, m.Module.Svn, MrSeam(m.Image), $"0x{m.Module.Features:X}",
            string.Join(',', m.Module.Cpus.Select(c => $"0x{c:X}")), m.Module.Path, $"{m.Image.Length}",
                Convert.ToHexStringLower(SHA256.HashData(m.Image)))));
        List<string> steps = [], newest = [], none = [];
        foreach (var family in modules.SelectMany(m => m.Module.Cpus).Distinct().Order())
        {
            var ladder = modules.Select(m => m.Module).Where(m => m.Cpus.Contains(family)).ToList();
            for (var at = 0; at < ladder.Count; at++)
            {
                foreach (var running in new[] { ladder[at].Version, ladder[at].Version + "+" })
                {
                    foreach (var policy in new[] { "fewest/default", "fewest/strict", "fewest/td-preserving", "smallest/default",
                        "smallest/strict", "smallest/td-preserving" })
                    {
                        Add(family, running, policy, ladder, at);
                    }
                }
            }
        }

        lines.AddRange(steps.Concat(newest).Concat(none));
        lines.Add($"end\t{lines.Count}");
        return string.Join('\n', lines) + "\n";

        void Add(uint family, string running, string policy, List<FixtureModule> ladder, int at)
        {
            var head = $"0x{family:X}\t{ladder[0].Line}.00\t{running}\t{policy}";
            if (at == ladder.Count - 1)
            {
                none.Add($"none\t{head}\tno newer module of the line in the bundle");
                return;
            }

            newest.Add($"newest\t{head}\t{ladder[^1].Version}");
            var smallest = policy[0] == 's';
            for (var target = at + 1; target < ladder.Count; target++)
            {
                var next = ladder[smallest ? at + 1 : target].Version;
                steps.Add($"step\t{head}\t{ladder[target].Version}\t{next}\ttd-preserving\t{(smallest ? target - at : 1)}\ttd-build-race");
            }
        }
    }

    /// <summary>SHA-384 of the module pages, as the sigstruct states it.</summary>
    public static string MrSeam(byte[] image) => Convert.ToHexStringLower(image.AsSpan(4096 + 900, 48));

    private static byte[] Manifest(string folder, DateTimeOffset expires, int sequence)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("created", Time(Created));
            json.WriteString("expires", Time(expires));
            json.WriteStartArray("files");
            foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))
                .Order(StringComparer.Ordinal))
            {
                if (!path.StartsWith("manifest.json", StringComparison.Ordinal))
                {
                    var bytes = File.ReadAllBytes(Path.Combine(folder, path));
                    json.WriteStartObject();
                    json.WriteNumber("length", bytes.Length);
                    json.WriteString("path", path);
                    json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(bytes)));
                    json.WriteString("sha384", Convert.ToHexStringLower(SHA384.HashData(bytes)));
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            json.WriteString("format", "tdxrel-manifest/1");
            json.WriteString("name", "fixture");
            json.WriteNumber("sequence", sequence);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteFile(string folder, string path, byte[] bytes)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }
}
