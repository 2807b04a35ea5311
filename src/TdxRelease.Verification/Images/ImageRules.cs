using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Verification.Images;

/// <summary>The rules of the module binary and of both image formats.</summary>
public static class ImageRules
{
    private const string Linux = "kernel arch/x86/virt/vmx/tdx/seamldr.c, init_seamldr_params";
    private const string Upstream = "blob_join.sh and all published files";

    private static readonly RuleSet Own = new("Module and images", AuditQuestion.Origin);

    public static readonly Rule ModuleLength = Own.Add("IMG-001", Severity.Error,
        "the module is a positive multiple of 4096 bytes", "tdx-loader");
    public static readonly Rule ModulePages = Own.Add("IMG-002", Severity.Error, "the module has at most 496 pages", Linux);
    public static readonly Rule Header = Own.Add("IMG-003", Severity.Error,
        "an image has a 4096-byte header of version 0x0100 or 0x0200", Linux);
    public static readonly Rule Magic = Own.Add("IMG-004", Severity.Error, "the signature is \"TDX-BLOB\"", Linux);
    public static readonly Rule Reserved = Own.Add("IMG-005", Severity.Error, "reserved header bytes are zero", Linux);
    public static readonly Rule Length = Own.Add("IMG-006", Severity.Error, "the header's lengths add up to the file's", Linux);
    public static readonly Rule ModuleOffset = Own.Add("IMG-007", Severity.Error,
        "the module begins on a page behind at least one sigstruct page (v1)", Upstream);
    public static readonly Rule SigstructPages = Own.Add("IMG-008", Severity.Error,
        "the image has exactly one sigstruct page (Linux takes at most one)", Linux);
    public static readonly Rule Checksum = Own.Add("IMG-009", Severity.Error,
        "the 16-bit words of the image add up to zero (Linux does not check it)", Upstream);
    public static readonly Rule Padding = Own.Add("IMG-010", Severity.Error, "the sigstruct is padded with zeros to its page", Upstream);
    public static readonly Rule Joined = Own.Add("IMG-011", Severity.Critical,
        "the image is the join of the separate module and sigstruct, byte for byte", Upstream);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
