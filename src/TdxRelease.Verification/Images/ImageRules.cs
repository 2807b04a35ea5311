using TdxRelease.Core.Findings;

namespace TdxRelease.Verification.Images;

/// <summary>The rules of the module binary and of both image formats.</summary>
public static class ImageRules
{
    private const string Linux = "kernel arch/x86/virt/vmx/tdx/seamldr.c, init_seamldr_params";
    private const string Upstream = "blob_join.sh and all published files";

    /// <summary>Module length.</summary>
    public static readonly Rule ModuleLength = new("IMG-001", Severity.Error, "the module is a positive multiple of 4096 bytes", "tdx-loader");

    /// <summary>Module pages.</summary>
    public static readonly Rule ModulePages = new("IMG-002", Severity.Error, "the module has at most 496 pages", Linux);

    /// <summary>Short or unknown.</summary>
    public static readonly Rule Header = new("IMG-003", Severity.Error, "an image has a 4096-byte header of version 0x0100 or 0x0200", Linux);

    /// <summary>Magic.</summary>
    public static readonly Rule Magic = new("IMG-004", Severity.Error, "the signature is \"TDX-BLOB\"", Linux);

    /// <summary>Reserved.</summary>
    public static readonly Rule Reserved = new("IMG-005", Severity.Error, "reserved header bytes are zero", Linux);

    /// <summary>Length.</summary>
    public static readonly Rule Length = new("IMG-006", Severity.Error, "the header's lengths add up to the file's", Linux);

    /// <summary>Offset.</summary>
    public static readonly Rule ModuleOffset = new("IMG-007", Severity.Error, "the module begins on a page behind at least one sigstruct page (v1)", Upstream);

    /// <summary>Sigstruct pages.</summary>
    public static readonly Rule SigstructPages = new("IMG-008", Severity.Error, "the image has exactly one sigstruct page (Linux takes at most one)", Linux);

    /// <summary>Checksum.</summary>
    public static readonly Rule Checksum = new("IMG-009", Severity.Error, "the 16-bit words of the image add up to zero (Linux does not check it)", Upstream);

    /// <summary>Padding.</summary>
    public static readonly Rule Padding = new("IMG-010", Severity.Error, "the sigstruct is padded with zeros to its page", Upstream);

    /// <summary>Equality.</summary>
    public static readonly Rule Joined = new("IMG-011", Severity.Critical, "the image is the join of the separate module and sigstruct, byte for byte", Upstream);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [ModuleLength, ModulePages, Header, Magic, Reserved, Length, ModuleOffset, SigstructPages, Checksum, Padding, Joined];
}
