using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.HostModel;
using TdxRelease.Samples;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Planning;

/// <summary>
/// Model hosts on this machine: each is a folder with the kernel's model behind it, in which the sample's signed bundle is installed.
/// Ansible reaches them by its local
/// connection, and the real updater is told where its root is.
/// </summary>
internal sealed class ModelFleet : IDisposable
{
    private static readonly (uint Cpu, string Loader, string[] Versions)[] Kinds =
    [
        (0x806F0, "1.5.02", ["1.5.51", "1.5.53"]), (0xC06F0, "1.5.02", ["1.5.53", "1.5.62"]),
        (0xA06F0, "2.0.01", ["1.5.53", "1.5.63"]), (0xA06D0, "2.0.01", ["2.0.52", "2.0.56"]),
    ];

    private readonly TempFolder temp = new();
    private readonly List<KernelModel> models = [];

    public ModelFleet(int count, IReadOnlyDictionary<int, ModelSettings> faults)
    {
        Tdxrel("sample", "create", temp["sample"]).Ok();
        File.WriteAllText(temp["release.pem"], SampleKeys.Rsa4096.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(temp["release.pub.pem"], SampleKeys.Rsa4096.ExportSubjectPublicKeyInfoPem());
        var license = Tool.Run("/", "sha256sum", temp["sample/BINARIES_LICENSE"]).Ok().Output[..64];
        Tdxrel("bundle", temp["sample"], "--policy", "sample", "--accept-license", license, "--signing-key", temp["release.pem"],
            "--formats", "tar", "--out", temp["release"]).Ok();
        Bundle = Directory.GetFiles(temp["release"], "*.tar.gz").Single();
        Directory.CreateDirectory(temp["bundle"]);
        Tool.Run("/", "tar", "-xzf", Bundle, "-C", temp["bundle"]).Ok();
        var installed = Path.GetDirectoryName(Directory.GetFiles(temp["bundle"], "manifest.json", SearchOption.AllDirectories).Single())!;
        for (var i = 0; i < count; i++)
        {
            var (cpu, loader, versions) = Kinds[i % Kinds.Length];
            var settings = (faults.GetValueOrDefault(i) ?? new()) with
            {
                Cpu = cpu,
                Loader = loader,
                Version = versions[i / Kinds.Length % versions.Length],
                StateTime = TimeSpan.Zero,
            };
            var folder = Directory.CreateDirectory(temp[$"hosts/{Name(i)}"]).FullName;
            _ = new HostRoot(folder, settings, installed, temp["release.pub.pem"]);
            models.Add(new KernelModel(folder, settings));
        }

        Directory.CreateDirectory(temp["ansible_collections/tdx"]);
        File.CreateSymbolicLink(temp["ansible_collections/tdx/module"], Path.Combine(TestData.Checkout, "deploy/ansible"));
        WriteHosts(down: null);
    }

    public string Bundle { get; }

    public IReadOnlyList<KernelModel> Models => models;

    public string this[string relative] => temp[relative];

    public static string Name(int host) => string.Create(CultureInfo.InvariantCulture, $"node{host:000}");

    /// <summary>The operator's own inventory: how each host is reached. One that is down refuses the connection.</summary>
    public void WriteHosts(int? down)
    {
        var hosts = new JsonObject();
        var script = Path.Combine(TestData.Checkout, "src/host/tdx-module-update");
        for (var i = 0; i < models.Count; i++)
        {
            hosts[Name(i)] = new JsonObject
            {
                ["ansible_connection"] = i == down ? "ssh" : "local",
                ["ansible_host"] = "127.0.0.1",
                ["ansible_port"] = 1,
                ["ansible_python_interpreter"] = "/usr/bin/python3",
                ["rack"] = $"rack{i % 5}",
                ["tdx_module_command"] = new JsonArray(script, "--root", temp[$"hosts/{Name(i)}"]),
            };
        }

        File.WriteAllText(temp["hosts.json"], new JsonObject { ["all"] = new JsonObject { ["hosts"] = hosts } }.ToJsonString());
    }

    public static ToolResult Tdxrel(params string[] arguments)
    {
        var yesterday = DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return Tool.RunWith("/", new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = yesterday }, TdxrelProgram.Path, arguments);
    }

    /// <summary>Runs ansible-playbook in the fleet's folder.</summary>
    public ToolResult Ansible(params string[] arguments) => Tool.RunWith(temp.Path, Environment, "ansible-playbook", arguments);

    /// <summary>Runs commands in the fleet's folder, with the tdxrel under test in the path.</summary>
    public ToolResult Shell(string commands) => Tool.RunWith(temp.Path, Environment, "bash", "-euo", "pipefail", "-c",
        $"tdxrel() {{ '{TdxrelProgram.Path}' \"$@\"; }}\n{commands}");

    private Dictionary<string, string> Environment => new()
    {
        ["ANSIBLE_COLLECTIONS_PATH"] = temp.Path,
        ["ANSIBLE_FORKS"] = "8",
        ["ANSIBLE_LOCAL_TEMP"] = temp["tmp"],
        ["ANSIBLE_REMOTE_TEMP"] = temp["tmp"],
        ["ANSIBLE_PIPELINING"] = "1",
        ["ANSIBLE_RETRY_FILES_ENABLED"] = "0",
        ["ANSIBLE_NOCOLOR"] = "1",
    };

    public void WriteResult(string path, ToolResult result) => File.WriteAllBytes(temp[path], Encoding.UTF8.GetBytes(result.Output));

    public void Dispose()
    {
        models.ForEach(m => m.Dispose());
        temp.Dispose();
    }
}
