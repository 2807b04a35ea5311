using System.Text.Json.Nodes;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Provenance;

/// <summary>The bill of materials as CycloneDX 1.6: modules are components of type firmware.</summary>
public static class CycloneDx
{
    /// <summary>Writes canonical JSON. It follows from the manifest alone.</summary>
    public static byte[] Write(Manifest manifest)
    {
        var bundle = $"bundle:{manifest.Name}";
        var modules = manifest.Modules.OrderBy(m => m.Version).ToList();
        var others = Sbom.Others(manifest).ToList();
        return CanonicalJson.Write(new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{Sbom.Id(manifest)}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = Rfc3339.Write(manifest.Created),
                ["tools"] = new JsonObject
                {
                    ["components"] = new JsonArray(
                    new JsonObject { ["type"] = "application", ["name"] = manifest.Tool })
                },
                ["component"] = new JsonObject
                {
                    ["type"] = "firmware",
                    ["bom-ref"] = bundle,
                    ["name"] = manifest.Name,
                    ["version"] = $"{manifest.Sequence}",
                },
            },
            ["components"] = new JsonArray([.. modules.Select(m => Module(manifest, m)), .. others.Select(File)]),
            ["dependencies"] = new JsonArray(new JsonObject
            {
                ["ref"] = bundle,
                ["dependsOn"] = new JsonArray(
                    [.. modules.Select(m => (JsonNode)Reference(m)), .. others.Select(f => (JsonNode)Reference(f))]),
            }),
        });
    }

    private static JsonObject Module(Manifest manifest, ManifestModule module)
    {
        var component = new JsonObject
        {
            ["type"] = "firmware",
            ["bom-ref"] = Reference(module),
            ["supplier"] = new JsonObject { ["name"] = Sbom.Supplier, ["url"] = new JsonArray(Sbom.SupplierUrl) },
            ["name"] = Sbom.ModuleName,
            ["version"] = module.Version.ToString(),
            ["hashes"] = Hashes(Sbom.Image(manifest, module)),
            ["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["name"] = Sbom.LicenseName } }),
            ["externalReferences"] = new JsonArray(new JsonObject { ["type"] = "vcs", ["url"] = manifest.Source.Url }),
            ["properties"] = new JsonArray([
                .. Sbom.Unproven(manifest.Source).Select(s => Property($"tdxrel:{s.Name}", s.Commit)),
                Property("tdxrel:cpus", string.Join(',', module.Cpus)),
                Property("tdxrel:image", module.Image),
                Property("tdxrel:licence-sha256", manifest.License.Sha256),
                Property("tdxrel:mrseam", module.MrSeam),
                Property("tdxrel:signer", module.Signer),
                Property("tdxrel:svn", module.Svn.ToString())]),
        };
        if (manifest.Source.Commit is { } commit)
        {
            component["pedigree"] =
                new JsonObject
                {
                    ["commits"] = new JsonArray(
                new JsonObject { ["uid"] = commit, ["url"] = Sbom.CommitUrl(manifest.Source) })
                };
        }

        return component;
    }

    private static JsonObject File(ManifestFile file) => new JsonObject
    {
        ["type"] = "file",
        ["bom-ref"] = Reference(file),
        ["name"] = file.Path,
        ["hashes"] = Hashes(file),
    };

    private static JsonArray Hashes(ManifestFile file) => new(
        new JsonObject { ["alg"] = "SHA-256", ["content"] = file.Sha256 },
        new JsonObject { ["alg"] = "SHA-384", ["content"] = file.Sha384 });

    private static JsonObject Property(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private static string Reference(ManifestModule module) => $"module:{module.Version}";

    private static string Reference(ManifestFile file) => $"file:{file.Path}";
}
