using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Audit;

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

    /// <summary>Container.</summary>
    public static readonly Rule Container = new("AUD-009", Severity.Error, "archive, package or layout is whole, and nothing in it could leave its folder", Formats);

    /// <summary>Package digests.</summary>
    public static readonly Rule Digest = new("AUD-010", Severity.Critical, "the digests that a package or layout carries hold", Formats);

    /// <summary>Package signature.</summary>
    public static readonly Rule PackageSignature = new("AUD-011", Severity.Critical, "a package's OpenPGP signature is the maintainer's", Formats);

    /// <summary>Repository.</summary>
    public static readonly Rule Repository = new("AUD-012", Severity.Critical, "a repository's signed index leads to every file in it", Formats);

    /// <summary>Uncovered.</summary>
    public static readonly Rule Uncovered = new("AUD-013", Severity.Error, "a signature that was checked covers everything that a package installs", Formats);

    /// <summary>CPU.</summary>
    public static readonly Rule Cpu = new("AUD-014", Severity.Error, "there is a module for every CPU asked about", Formats);

    /// <summary>Reference values.</summary>
    public static readonly Rule References = new("AUD-015", Severity.Critical, "the reference values are those that the manifest gives", Formats);

    /// <summary>Stray.</summary>
    public static readonly Rule Stray = new("AUD-016", Severity.Error, "every file of an output folder is signed, attested or can be made again", Formats);

    /// <summary>Key.</summary>
    public static readonly Rule OtherKey = new("AUD-017", Severity.Critical, "the key and certificate beside a release are the ones it is audited with", Formats);

    /// <summary>Copy.</summary>
    public static readonly Rule Copy = new("AUD-018", Severity.Critical, "manifest and signature beside a bundle are those inside it", Formats);

    /// <summary>Missing.</summary>
    public static readonly Rule Missing = new("AUD-019", Severity.Error, "an output folder has a bundle, and the files that belong to it", Formats);

    /// <summary>List.</summary>
    public static readonly Rule List = new("AUD-020", Severity.Critical, "the list SHA256SUMS of an output folder or repository is there, and signed by the maintainer", Formats);

    /// <summary>Listed.</summary>
    public static readonly Rule Listed = new("AUD-021", Severity.Critical, "an output folder or repository holds exactly the files of its list SHA256SUMS, as they were written", Formats);

    /// <summary>One release.</summary>
    public static readonly Rule OneRelease = new("AUD-022", Severity.Critical, "all parts of an output folder are of one release", Formats);

    /// <summary>Layout.</summary>
    public static readonly Rule Layout = new("AUD-023", Severity.Critical, "an OCI layout is, byte for byte, the one that its bundle gives", Formats);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        ImageMissing, FactsDiffer, ImageUnlisted, Mapping, Planning, License, Policy, ImageFormat, Container, Digest,
        PackageSignature, Repository, Uncovered, Cpu, References, Stray, OtherKey, Copy, Missing,
        List, Listed, OneRelease, Layout,
    ];
}
