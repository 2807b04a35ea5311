using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Cli;

/// <summary>The JSON of <c>verify</c>: schemas/verify.schema.json.</summary>
internal static class VerifyJson
{
    public static void Write(Utf8JsonWriter json, VerifiedSnapshot verified)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-verify/1");
        json.WriteBoolean("verified", verified.Verified);
        json.WriteStartObject("policy");
        json.WriteString("name", verified.Policy.Name);
        json.WriteString("sha256", verified.Policy.Sha256);
        json.WriteEndObject();
        json.Objects("modules", verified.Modules, module =>
        {
            json.WriteString("version", module.Release.Spelling);
            json.WriteBoolean("verified", module.Verified);
            if (module.Facts is { } facts)
            {
                Write(json, facts);
            }
        });
        json.Array("findings", verified.Findings, finding => FindingJson.Write(json, finding));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ModuleFacts facts)
    {
        json.WriteString("mrseam", facts.MrSeam);
        json.WriteString("svn", facts.Svn.ToString());
        json.Strings("cpus", facts.Cpus.Select(cpu => cpu.ToString()));
        json.WriteString("signer", facts.Signer);
        json.WriteNumber("keyBits", facts.KeyBits);
        json.WriteBoolean("debug", facts.IsDebug);
        json.WriteString("date", facts.Date?.ToString("yyyy-MM-dd"));
        json.WriteNumber("length", facts.Length);
    }
}
