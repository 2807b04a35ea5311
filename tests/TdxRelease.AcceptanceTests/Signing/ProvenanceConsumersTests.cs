using System.Security.Cryptography;
using System.Text;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Signing;

/// <summary>Manifest, attestations and bills of materials in the hands of those who know nothing of tdxrel.</summary>
public class ProvenanceConsumersTests
{
    private static readonly Manifest Bundle = SampleBundle.Manifest() with { Expires = SampleBundle.Created.AddYears(100) };
    private static readonly DsseEnvelope Envelope =
        DsseEnvelope.Sign(TestRelease.Signer, SampleBundle.Provenance().About(SampleBundle.Subjects(Bundle)));
    private static readonly DsseEnvelope Summary =
        DsseEnvelope.Sign(TestRelease.Signer, SampleBundle.Summary().About(SampleBundle.Subjects(Bundle)));

    [Fact]
    public void Sigstores_verifier_accepts_bundle_and_envelopes_and_refuses_a_changed_one()
    {
        using var folder = new TempFolder();
        var key = TestRelease.Signer.PublicKey;
        File.WriteAllBytes(folder["bundle.json"], SigstoreBundle.Of(Envelope, key).ToJson());
        File.WriteAllBytes(folder["dsse.json"], Envelope.ToJson());
        File.WriteAllBytes(folder["vsa.json"], Summary.ToJson());
        File.WriteAllBytes(folder["bad.json"], (Envelope with { Payload = Summary.Payload }).ToJson());
        var said = Npm.Run(folder.Path, "verify-sigstore.mjs", TestRelease.PublicPemPath, key.Sha256, "bundle.json", "dsse.json",
            "vsa.json").Ok();
        Assert.Equal(3, said.Output.Split("verified ").Length - 1);
        Assert.Contains("signature verification failed",
            Npm.Run(folder.Path, "verify-sigstore.mjs", TestRelease.PublicPemPath, key.Sha256, "bad.json").Refused()
            .Errors, StringComparison.Ordinal);
    }

    [UpstreamFact]
    public void Bills_of_materials_are_valid_by_their_official_schemas()
    {
        using var folder = new TempFolder();
        var schemas = Path.Combine(TestData.Shared!, "schemas");
        File.WriteAllBytes(folder["sbom.cdx.json"], CycloneDx.Write(Bundle));
        File.WriteAllBytes(folder["sbom.spdx.json"], Spdx.Write(Bundle, Encoding.UTF8.GetBytes(SampleBundle.License)));
        var bare = Bundle with { Source = Bundle.Source with { Commit = null, Tree = null } };
        File.WriteAllBytes(folder["bare.cdx.json"], CycloneDx.Write(bare));
        File.WriteAllBytes(folder["bare.spdx.json"], Spdx.Write(bare, Encoding.UTF8.GetBytes(SampleBundle.License)));
        string[] cyclone = ["--ref", Path.Combine(schemas, "cyclonedx-1.6.jsf-0.82.schema.json"), "--ref",
            Path.Combine(schemas, "cyclonedx-1.6.spdx.schema.json"), Path.Combine(schemas, "cyclonedx-1.6.bom.schema.json")];
        var spdx = Path.Combine(schemas, "spdx-2.3.schema.json");
        Npm.Run(folder.Path, "validate.mjs", [.. cyclone, "sbom.cdx.json", "bare.cdx.json"]).Ok();
        Npm.Run(folder.Path, "validate.mjs", spdx, "sbom.spdx.json", "bare.spdx.json").Ok();
        // And the validator does refuse.
        File.WriteAllText(folder["sbom.cdx.json"],
            File.ReadAllText(folder["sbom.cdx.json"]).Replace("\"firmware\"", "\"firmwear\"", StringComparison.Ordinal));
        File.WriteAllText(folder["sbom.spdx.json"],
            File.ReadAllText(folder["sbom.spdx.json"]).Replace("FIRMWARE", "FIRMWEAR", StringComparison.Ordinal));
        Npm.Run(folder.Path, "validate.mjs", [.. cyclone, "sbom.cdx.json"]).Refused();
        Npm.Run(folder.Path, "validate.mjs", spdx, "sbom.spdx.json").Refused();
    }

    [Fact]
    public void Our_own_json_is_valid_by_our_own_schemas()
    {
        using var folder = new TempFolder();
        var references = SampleBundle.References(Bundle);
        File.WriteAllBytes(folder["manifest.json"], Bundle.ToJson());
        File.WriteAllBytes(folder["seen.json"],
            AcceptedReleases.Empty.With(new AcceptedRelease(Bundle.Name, 7, new string('0', 64))).ToJson());
        File.WriteAllBytes(folder["allow.json"], ReferenceValues.ToAllowList([.. references]));
        File.WriteAllBytes(folder["families.json"], ReferenceValues.ToFamilies([.. references]));
        File.WriteAllBytes(folder["plan.json"], PlanReferences.Of(references).ToJson());
        Valid("manifest", "manifest.json");
        Valid("seen-releases", "seen.json");
        Valid("reference-values", "allow.json");
        Valid("reference-values-families", "families.json");
        Valid("reference-values-plan", "plan.json");
        File.WriteAllText(folder["manifest.json"],
            File.ReadAllText(folder["manifest.json"]).Replace("\"debug\"", "\"Debug\"", StringComparison.Ordinal));
        File.WriteAllText(folder["seen.json"], File.ReadAllText(folder["seen.json"]).Replace(":7,", ":\"7\",", StringComparison.Ordinal));
        File.WriteAllText(folder["plan.json"],
            File.ReadAllText(folder["plan.json"]).Replace("\"during\"", "\"meanwhile\"", StringComparison.Ordinal));
        Npm.Run(folder.Path, "validate.mjs", Schema("manifest"), "manifest.json").Refused();
        Npm.Run(folder.Path, "validate.mjs", Schema("seen-releases"), "seen.json").Refused();
        Npm.Run(folder.Path, "validate.mjs", Schema("reference-values-plan"), "plan.json").Refused();

        void Valid(string schema, params string[] files) => Npm.Run(folder.Path, "validate.mjs", [Schema(schema), .. files]).Ok();
        static string Schema(string name) => Path.Combine(TestData.Checkout, "schemas", $"{name}.schema.json");
    }

    [Fact]
    public void The_recipe_of_the_documentation_works_by_hand_and_notices_every_change()
    {
        using var folder = new TempFolder();
        WriteBundle(folder);
        var recipe = Recipe();
        var good = RunRecipe(folder, recipe).Ok();
        Assert.Equal(2, good.Output.Split("Verified OK").Length - 1);
        foreach (var change in (Action[])[
            () => File.WriteAllText(folder["bundle/graph.json"], "[]\n"),
            () => File.WriteAllText(folder["bundle/extra"], ""),
            () => File.Delete(folder["bundle/graph.json"]),
            () => File.CreateSymbolicLink(folder["bundle/link"], "graph.json"),
            () => File.AppendAllText(folder["bundle/manifest.json"], " "),
            () => File.WriteAllBytes(folder["bundle/manifest.json.sig"], new byte[512]),
            () => File.WriteAllText(folder["bundle/manifest.json.asc"],
                TestRelease.OpenPgp.SignDetachedArmored("x"u8, SampleBundle.Created)),
            () => File.WriteAllBytes(folder["provenance.intoto.json"], (Envelope with { Payload = Summary.Payload }).ToJson()),
            () => WriteBundle(folder, Bundle with { Expires = SampleBundle.Created.AddDays(1) })])
        {
            WriteBundle(folder);
            change();
            RunRecipe(folder, recipe).Refused();
        }
    }

    /// <summary>All sh blocks of docs/audit.md, in order, as one script.</summary>
    private static string Recipe()
    {
        var script = new StringBuilder("set -eu\n");
        var inside = false;
        var blocks = 0;
        foreach (var line in File.ReadLines(Path.Combine(TestData.Checkout, "docs/audit.md")))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```sh";
                blocks += inside ? 1 : 0;
            }
            else if (inside)
            {
                script.Append(line).Append('\n');
            }
        }

        Assert.True(blocks >= 3, $"{blocks} sh blocks in docs/audit.md");
        return script.ToString();
    }

    private static ToolResult RunRecipe(TempFolder folder, string recipe) => Tool.Run(folder["bundle"], "dash", "-c", recipe);

    private static void WriteBundle(TempFolder folder, Manifest? manifest = null)
    {
        if (Directory.Exists(folder["bundle"]))
        {
            Directory.Delete(folder["bundle"], recursive: true);
        }

        foreach (var (path, content) in SampleBundle.Contents())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"bundle/{path}"])!);
            File.WriteAllBytes(folder[$"bundle/{path}"], content);
        }

        var json = (manifest ?? Bundle).ToJson();
        File.WriteAllBytes(folder["bundle/manifest.json"], json);
        File.WriteAllBytes(folder["bundle/manifest.json.sig"], TestRelease.Signer.Sign(json, HashAlgorithmName.SHA512));
        File.WriteAllText(folder["bundle/manifest.json.asc"], TestRelease.OpenPgp.SignDetachedArmored(json, SampleBundle.Created));
        File.Copy(TestRelease.PublicPemPath, folder["release.pem"], overwrite: true);
        File.WriteAllBytes(folder["release.pgp"], TestRelease.OpenPgp.Certificate);
        File.WriteAllBytes(folder["provenance.intoto.json"], Envelope.ToJson());
    }
}
