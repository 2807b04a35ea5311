using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages.Audit;

/// <summary>The rules of an audit beyond those of manifest, modules and mapping file.</summary>
public static class AuditRules
{
    private const string Formats = "docs/formats.md";

    /// <summary>Image missing.</summary>
    public static readonly Rule ImageMissing = new("AUD-001", Severity.Critical, "every module of the manifest has its image", Formats);

    /// <summary>Facts differ.</summary>
    public static readonly Rule FactsDiffer = new("AUD-002", Severity.Critical, "the manifest says of a module what Intel's sigstruct says", Formats);

    /// <summary>Unlisted image.</summary>
    public static readonly Rule ImageUnlisted = new("AUD-003", Severity.Critical, "every image belongs to a module of the manifest", Formats);

    /// <summary>Mapping.</summary>
    public static readonly Rule Mapping = new("AUD-004", Severity.Error, "the bundle has a mapping file that lists exactly its modules", Formats);

    /// <summary>Planning.</summary>
    public static readonly Rule Planning = new("AUD-005", Severity.Error, "graph and step table are what the planner computes from mapping file and sigstructs", Formats);

    /// <summary>Licence.</summary>
    public static readonly Rule License = new("AUD-006", Severity.Error, "the licence text is the one that the manifest names", Formats);

    /// <summary>Policy.</summary>
    public static readonly Rule Policy = new("AUD-007", Severity.Warning, "the bundle was made under the policy that it is audited under", Formats);

    /// <summary>Image format.</summary>
    public static readonly Rule ImageFormat = new("AUD-008", Severity.Error, "the images are v2, which Linux 7.2 takes", "kernel arch/x86/virt/vmx/tdx/seamldr.c");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } = [ImageMissing, FactsDiffer, ImageUnlisted, Mapping, Planning, License, Policy, ImageFormat];
}
