using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.Attestation;

/// <summary>What a verifier of quotes needs to know of a module.</summary>
/// <param name="Version">As spelled upstream.</param>
/// <param name="MrSeam">96 lower-case hex digits.</param>
/// <param name="Svn">Security version.</param>
/// <param name="Cpus">Families it runs on.</param>
public sealed record ModuleReference(string Version, string MrSeam, SeamSvn Svn, IReadOnlyList<CpuSignature> Cpus);

/// <summary>Reference values in the forms that verifiers of TDX quotes read.</summary>
public static class ReferenceValues
{
    /// <summary>Length of TEE_TCB_SVN in bytes.</summary>
    public const int TeeTcbSvnLength = 16;

    /// <summary>The modules that run on a CPU family, in the order given.</summary>
    public static IReadOnlyList<ModuleReference> On(IEnumerable<ModuleReference> modules, CpuSignature cpu) =>
        [.. modules.Where(m => m.Cpus.Any(cpu.SameFamily))];

    /// <summary>Trustee's reference value provider: <c>{"mr_seam":["…"]}</c>, canonical JSON, sorted, each once.</summary>
    public static byte[] ToRvps(IEnumerable<ModuleReference> modules) =>
        CanonicalJson.Write(new JsonObject { ["mr_seam"] = MrSeams(modules) });

    /// <summary>An allow-list: the MRSEAMs and the lowest TEE_TCB_SVN that they allow.</summary>
    /// <exception cref="TdxException">Exit 5: no module, so that the list would accept nothing.</exception>
    public static byte[] ToAllowList(IReadOnlyCollection<ModuleReference> modules) => CanonicalJson.Write(AllowList(modules));

    /// <summary>
    /// A configuration of go-tdx-guest's check tool (message Config of proto/checkconfig.proto) in text form. It takes one MRSEAM, so there
    /// is one file a module.
    /// </summary>
    public static string ToTextProto(ModuleReference module) =>
        $$"""
        # TDX module {{module.Version}}, SVN {{module.Svn}}
        policy {
          td_quote_body_policy {
            minimum_tee_tcb_svn: "{{Escaped(TeeTcbSvn(module.Svn))}}"
            mr_seam: "{{Escaped(Convert.FromHexString(module.MrSeam))}}"
          }
        }

        """.ReplaceLineEndings("\n");

    /// <summary>Canonical JSON with one allow-list per CPU family: <c>{"families":{"sapphire-rapids":{…}}}</c>.</summary>
    /// <exception cref="TdxException">Exit 5: no module.</exception>
    public static byte[] ToFamilies(IReadOnlyCollection<ModuleReference> modules)
    {
        var families = new JsonObject();
        foreach (var cpu in modules.SelectMany(m => m.Cpus).Select(c => c.Family).Distinct().Order())
        {
            var list = AllowList(On(modules, cpu));
            list["cpu"] = cpu.ToString();
            families[CpuFamily.Of(cpu).Id] = list;
        }

        return families.Count > 0 ? CanonicalJson.Write(new JsonObject { ["families"] = families }) : throw Nothing();
    }

    /// <summary>The 16 bytes of TEE_TCB_SVN as a module alone decides them: minor, major, zeros.</summary>
    public static byte[] TeeTcbSvn(SeamSvn svn)
    {
        var bytes = new byte[TeeTcbSvnLength];
        bytes[0] = svn.Minor;
        bytes[1] = svn.Major;
        return bytes;
    }

    internal static JsonObject AllowList(IReadOnlyCollection<ModuleReference> modules)
    {
        if (modules.Count == 0)
        {
            throw Nothing();
        }

        // Verifiers compare byte by byte, each at least the minimum; so the minimum is taken byte by byte too.
        var minimum = new byte[TeeTcbSvnLength];
        minimum[0] = modules.Min(m => m.Svn.Minor);
        minimum[1] = modules.Min(m => m.Svn.Major);
        return new JsonObject
        {
            ["accepted_mr_seams"] = MrSeams(modules),
            ["minimum_tee_tcb_svn"] = Convert.ToHexStringLower(minimum),
        };
    }

    private static JsonArray MrSeams(IEnumerable<ModuleReference> modules) =>
        new([.. modules.Select(m => m.MrSeam).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(m => (JsonNode)m)]);

    /// <summary>Every byte as three octal digits: the one escape of text protos that cannot run into the next character.</summary>
    private static string Escaped(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 4);
        foreach (var b in bytes)
        {
            text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
        }

        return text.ToString();
    }

    private static TdxException Nothing() =>
        new(ExitCode.Refused, "no module is left to make reference values for", "an empty allow-list would refuse every quote");
}
