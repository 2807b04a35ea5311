using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Provenance;

/// <summary>The bill of materials as SPDX 2.3: modules are packages of the primary purpose FIRMWARE.</summary>
public static class Spdx
{
    private const string None = "NOASSERTION";

    /// <summary>Writes canonical JSON. It follows from the manifest and the licence's text.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="license">Bytes of the licence of the binaries, carried verbatim.</param>
    /// <exception cref="TdxException">Exit 3: the licence is not the one in the manifest, or no text.</exception>
    public static byte[] Write(Manifest manifest, ReadOnlySpan<byte> license)
    {
        if (Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(license)) != manifest.License.Sha256
            || !System.Text.Unicode.Utf8.IsValid(license))
        {
            throw new TdxException(ExitCode.BadInput,
                $"the licence text is not the one in the manifest, SHA-256 {manifest.License.Sha256}");
        }

        var modules = manifest.Modules.OrderBy(m => m.Version).ToList();
        var others = Sbom.Others(manifest).ToList();
        return CanonicalJson.Write(new JsonObject
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = manifest.Name,
            ["documentNamespace"] = $"urn:uuid:{Sbom.Id(manifest)}",
            ["creationInfo"] = new JsonObject
            {
                ["created"] = Rfc3339.Write(manifest.Created),
                ["creators"] = new JsonArray($"Tool: {manifest.Tool.Replace(' ', '-')}"),
            },
            ["packages"] = new JsonArray([Bundle(manifest), .. modules.Select(m => Module(manifest, m))]),
            ["files"] = new JsonArray([.. others.Select(File)]),
            ["hasExtractedLicensingInfos"] = new JsonArray(new JsonObject
            {
                ["licenseId"] = Sbom.LicenseId,
                ["name"] = Sbom.LicenseName,
                ["extractedText"] = Encoding.UTF8.GetString(license),
            }),
            ["relationships"] = new JsonArray([
                Relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Bundle"),
                .. modules.Select(m => Relationship("SPDXRef-Bundle", "CONTAINS", Id(m))),
                .. others.Select(f => Relationship("SPDXRef-Bundle", "CONTAINS", Id(f)))]),
        });
    }

    private static JsonObject Bundle(Manifest manifest) => new()
    {
        ["SPDXID"] = "SPDXRef-Bundle",
        ["name"] = manifest.Name,
        ["versionInfo"] = $"{manifest.Sequence}",
        ["downloadLocation"] = None,
        ["filesAnalyzed"] = false,
        ["primaryPackagePurpose"] = "FIRMWARE",
        ["licenseConcluded"] = None,
        ["licenseDeclared"] = None,
        ["copyrightText"] = None,
    };

    private static JsonObject Module(Manifest manifest, ManifestModule module) => new JsonObject
    {
        ["SPDXID"] = Id(module),
        ["name"] = Sbom.ModuleName,
        ["versionInfo"] = module.Version.ToString(),
        ["packageFileName"] = module.Image,
        ["supplier"] = $"Organization: {Sbom.Supplier}",
        ["originator"] = $"Organization: {Sbom.Supplier}",
        ["downloadLocation"] = manifest.Source.IsRepository ? $"git+{manifest.Source.Url}@{manifest.Source.Commit}" : None,
        ["sourceInfo"] = $"upstream {Sbom.CommitUrl(manifest.Source)}"
            + string.Concat(Sbom.Unproven(manifest.Source).Select(s => $" ({s.Name} {s.Commit})"))
            + $"; MRSEAM {module.MrSeam}; SVN {module.Svn}; CPUs {string.Join(',', module.Cpus)}",
        ["filesAnalyzed"] = false,
        ["primaryPackagePurpose"] = "FIRMWARE",
        ["checksums"] = Checksums(Sbom.Image(manifest, module)),
        ["licenseConcluded"] = Sbom.LicenseId,
        ["licenseDeclared"] = Sbom.LicenseId,
        ["copyrightText"] = None,
    };

    // The schema wants a SHA-1 nowhere; the text of SPDX 2.3 asks for one per file, which is left out on purpose.
    private static JsonObject File(ManifestFile file) => new JsonObject
    {
        ["SPDXID"] = Id(file),
        ["fileName"] = $"./{file.Path}",
        ["checksums"] = Checksums(file),
        ["licenseConcluded"] = None,
        ["copyrightText"] = None,
    };

    private static JsonArray Checksums(ManifestFile file) => new(
        new JsonObject { ["algorithm"] = "SHA256", ["checksumValue"] = file.Sha256 },
        new JsonObject { ["algorithm"] = "SHA384", ["checksumValue"] = file.Sha384 });

    private static JsonObject Relationship(string from, string type, string to) => new JsonObject
    {
        ["spdxElementId"] = from,
        ["relationshipType"] = type,
        ["relatedSpdxElement"] = to,
    };

    private static string Id(ManifestModule module) => $"SPDXRef-Module-{module.Version}";

    /// <summary>Ids take letters, digits, dots and hyphens; part of the hash of the path keeps them apart.</summary>
    private static string Id(ManifestFile file) =>
        $"SPDXRef-File-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(file.Path)))[..16]}";
}
