using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Release.Audit;

/// <summary>The rules of an audit beyond those of manifest, modules and mapping file.</summary>
public static class AuditRules
{
    private static readonly RuleSet Own = new("Audit");

    public static readonly Rule ImageMissing = New("AUD-001", Severity.Critical,
        "every module of the manifest has its image", AuditQuestion.Origin);
    public static readonly Rule FactsDiffer = New("AUD-002", Severity.Critical,
        "the manifest says of a module what Intel's sigstruct says", AuditQuestion.Origin);
    public static readonly Rule ImageUnlisted = New("AUD-003", Severity.Critical,
        "every image belongs to a module of the manifest", AuditQuestion.Origin);
    public static readonly Rule Mapping = New("AUD-004", Severity.Error, "the bundle has a mapping file that lists exactly its modules");
    public static readonly Rule Planning = New("AUD-005", Severity.Error,
        "graph and step table are what the planner computes from mapping file and sigstructs", AuditQuestion.Runs);
    public static readonly Rule License = New("AUD-006", Severity.Error, "the licence text is the one that the manifest names");
    public static readonly Rule Policy = New("AUD-007", Severity.Warning, "the bundle was made under the policy that it is audited under");
    public static readonly Rule ImageFormat = New("AUD-008", Severity.Error,
        "the images are v2, which Linux 7.2 takes", AuditQuestion.Runs, "kernel arch/x86/virt/vmx/tdx/seamldr.c");
    public static readonly Rule Container = New("AUD-009", Severity.Error,
        "archive, package or layout is whole, and nothing in it could leave its directory");
    public static readonly Rule Digest = New("AUD-010", Severity.Critical, "the digests in a package or layout are right");
    public static readonly Rule PackageSignature = New("AUD-011", Severity.Critical,
        "a package's OpenPGP signature is the maintainer's", AuditQuestion.Published);
    public static readonly Rule Repository = New("AUD-012", Severity.Critical,
        "a repository's signed index leads to every file in it", AuditQuestion.Published);
    public static readonly Rule Uncovered = New("AUD-013", Severity.Error,
        "a signature that was checked covers everything that a package installs");
    public static readonly Rule Cpu = New("AUD-014", Severity.Error, "there is a module for every CPU asked about", AuditQuestion.Runs);
    public static readonly Rule References = New("AUD-015", Severity.Critical, "the reference values are those that the manifest gives");
    public static readonly Rule UnexpectedFile = New("AUD-016", Severity.Error,
        "every file of an output directory is signed, attested or can be made again");
    public static readonly Rule OtherKey = New("AUD-017", Severity.Critical,
        "the key and certificate beside a release are the ones it is audited with", AuditQuestion.Published);
    public static readonly Rule Copy = New("AUD-018", Severity.Critical, "manifest and signature beside a bundle are those inside it");
    public static readonly Rule Missing =
        New("AUD-019", Severity.Error, "an output directory has a bundle, and the files that belong to it");
    public static readonly Rule List = New("AUD-020", Severity.Critical,
        "the list SHA256SUMS of an output directory or repository is there, and signed by the maintainer", AuditQuestion.Published);
    public static readonly Rule Listed = New("AUD-021", Severity.Critical,
        "an output directory or repository contains exactly the files of its list SHA256SUMS, as they were written");
    public static readonly Rule OneRelease = New("AUD-022", Severity.Critical,
        "all parts of an output directory are of one release", AuditQuestion.Published);
    public static readonly Rule Layout = New("AUD-023", Severity.Critical,
        "an OCI layout is, byte for byte, the one that its bundle gives");
    public static readonly Rule ImageSignature = New("AUD-024", Severity.Critical,
        "the signature beside an image or artifact is the maintainer's", AuditQuestion.Published);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    private static Rule New(
        string id, Severity severity, string title, AuditQuestion question = AuditQuestion.Unchanged, string source = "docs/formats.md") =>
        Own.Add(id, severity, title, source, question);
}
