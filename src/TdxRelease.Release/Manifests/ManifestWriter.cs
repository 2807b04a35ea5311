using System.Text.Json.Nodes;
using TdxRelease.Core.Json;

namespace TdxRelease.Release.Manifests;

/// <summary>Manifest to canonical JSON.</summary>
internal static class ManifestWriter
{
    public static byte[] Write(Manifest manifest)
    {
        var root = new JsonObject
        {
            ["format"] = Manifest.Format,
            ["name"] = manifest.Name,
            ["sequence"] = manifest.Sequence,
            ["created"] = Rfc3339.Write(manifest.Created),
            ["expires"] = Rfc3339.Write(manifest.Expires),
            ["source"] = manifest.Source.ToJson(),
            ["license"] = new JsonObject { ["path"] = manifest.License.Path, ["sha256"] = manifest.License.Sha256 },
            ["policy"] = new JsonObject { ["sha256"] = manifest.PolicySha256 },
            ["tool"] = manifest.Tool,
            ["files"] = new JsonArray([.. manifest.Files.OrderBy(f => f.Path, StringComparer.Ordinal).Select(File)]),
            ["modules"] = new JsonArray([.. manifest.Modules.OrderBy(m => m.Version).Select(Module)]),
        };
        if (manifest.Unsigned)
        {
            root["unsigned"] = true;
        }

        return CanonicalJson.Write(root);
    }

    private static JsonNode File(ManifestFile file) => new JsonObject
    {
        ["path"] = file.Path,
        ["length"] = file.Length,
        ["sha256"] = file.Sha256,
        ["sha384"] = file.Sha384,
    };

    private static JsonNode Module(ManifestModule module) => new JsonObject
    {
        ["version"] = module.Version.ToString(),
        ["mrseam"] = module.MrSeam,
        ["svn"] = module.Svn.ToString(),
        ["cpus"] = new JsonArray([.. module.Cpus.Select(c => c.Family).Distinct().Order().Select(c => (JsonNode)c.ToString())]),
        ["features0"] = $"0x{module.Features0:X}",
        ["signer"] = module.Signer,
        ["keyBits"] = module.KeyBits,
        ["debug"] = module.Debug,
        ["date"] = $"{module.Date:yyyy-MM-dd}",
        ["image"] = module.Image,
        ["rules"] = module.Rules,
    };
}
