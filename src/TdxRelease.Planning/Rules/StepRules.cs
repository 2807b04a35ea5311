using TdxRelease.Core.Findings;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Rules;

/// <summary>
/// The rules that decide whether a module may replace the running one. Sources:
/// kernel Documentation/arch/x86/tdx.rst, P-SEAMLDR, Intel's mapping file.
/// </summary>
public static class StepRules
{
    private const string Loader = "P-SEAMLDR, SEAMLDR.INSTALL";
    private const string Mapping = "mapping_file.json, kernel Documentation/arch/x86/tdx.rst";

    private static readonly RuleSet Own = new("Steps and constraints of a plan", exitCode: ExitCode.Refused);

    /// <summary>The CPU table.</summary>
    public static readonly StepRule Cpu = new(
        Own.Add("STEP-001", Severity.Error, "the processor is in the module's CPU table, steppings masked", Loader),
        (s, t) => t.Fits(s.Cpu),
        (s, t) => Broken($"made for {Families(t.Cpus)}, the host is {Family(s.Cpu)}", Family(s.Cpu), Families(t.Cpus)));

    /// <summary>The loader's version.</summary>
    public static readonly StepRule Seamldr = new(
        Own.Add("STEP-002", Severity.Error, "one entry of min_seamldr_versions is on the running loader's line and not above it", Mapping),
        (s, t) => t.Accepts(s.Seamldr),
        (s, t) => Broken($"needs P-SEAMLDR {string.Join(" or ", t.MinSeamldr)} or later on its line, the host has {s.Seamldr}",
            s.Seamldr.ToString(), string.Join(" or ", t.MinSeamldr)));

    /// <summary>Debug modules.</summary>
    public static readonly StepRule NotDebug = new(
        Own.Add("STEP-003", Severity.Error, "the module is not debug-signed, unless allowed", "SEAM_SIGSTRUCT module_type bit 31"),
        (_, t) => !t.IsDebug,
        (_, t) => Broken(t.IsDebug ? "the module is debug-signed" : "the module is production-signed", t.IsDebug ? "debug" : "production",
            "production"));

    /// <summary>NO_RBP_MOD.</summary>
    public static readonly StepRule KernelFeatures = new(
        Own.Add("STEP-004", Severity.Error, "the module has NO_RBP_MOD (TDX_FEATURES0 bit 18), which the kernel needs",
            "kernel arch/x86/virt/vmx/tdx/tdx.c"),
        (_, t) => (t.Features0 & TdxFeatures0.NoRbpMod) != 0,
        (_, t) => Broken(
            $"TDX_FEATURES0 0x{t.Features0:X} {((t.Features0 & TdxFeatures0.NoRbpMod) != 0 ? "has" : "lacks")} NO_RBP_MOD (bit 18), "
            + "which the kernel needs",
            $"0x{t.Features0:X}",
            $"0x{TdxFeatures0.NoRbpMod:X}"));

    /// <summary>The running module can be updated at all.</summary>
    public static readonly StepRule Updatable = new(
        Own.Add("STEP-005", Severity.Error, "the running module has TD_PRESERVING (TDX_FEATURES0 bit 1), where its features are known",
            "kernel drivers/virt/coco/tdx-host"),
        (s, _) => s.Features0 is not { } features || (features & TdxFeatures0.TdPreserving) != 0,
        (s, _) => s.Features0 is { } features
            ? Broken($"running {s.Running} {((features & TdxFeatures0.TdPreserving) != 0 ? "has" : "lacks")} TD_PRESERVING (bit 1)",
                $"0x{features:X}", $"0x{TdxFeatures0.TdPreserving:X}")
            : Broken($"features of running {s.Running} are unknown", "unknown", $"0x{TdxFeatures0.TdPreserving:X}"));

    /// <summary>The line.</summary>
    public static readonly StepRule Line = new(
        Own.Add("STEP-006", Severity.Error, "major.minor equals the running module's", Mapping),
        (s, t) => t.Version.SameLine(s.Running),
        (s, t) => Broken($"line {t.Version.LineName}, running {s.Running} is on line {s.Running.LineName}", t.Version.LineName,
            s.Running.LineName));

    /// <summary>No downgrade.</summary>
    public static readonly StepRule NoDowngrade = new(
        Own.Add("STEP-007", Severity.Error, "the version is not below the running module's", "version_select_and_load.py"),
        (s, t) => t.Version >= s.Running,
        (s, t) => Broken($"{t.Spelling} is {(t.Version < s.Running ? "older than" : "not older than")} running {s.Running}", t.Spelling,
            $">= {s.Running}"));

    /// <summary>min_module_version_for_td_preserving.</summary>
    public static readonly StepRule MinModule = new(
        Own.Add("STEP-008", Severity.Error, "the running module is not below min_module_version_for_td_preserving", Mapping),
        (s, t) => s.Running >= t.MinModule,
        (s, t) => Broken($"can be loaded over {t.MinModule} or later, running is {s.Running}", s.Running.ToString(), $">= {t.MinModule}"));

    /// <summary>SVN, major part.</summary>
    public static readonly StepRule SvnMajor = new(
        Own.Add("STEP-009", Severity.Error, "the major part of SEAMSVN equals the running module's, where that is known", Loader),
        (s, t) => s.Svn is not { } svn || svn.Major == t.Svn.Major,
        (s, t) => Broken($"SVN {t.Svn}, running {s.Running} has {Known(s.Svn)}: the major parts must be equal", t.Svn.ToString(),
            s.Svn is { } svn ? $"{svn.Major}.x" : "unknown"));

    /// <summary>SVN, minor part.</summary>
    public static readonly StepRule SvnMinor = new(
        Own.Add("STEP-010", Severity.Error, "the minor part of SEAMSVN does not fall, where the running module's is known", Loader),
        (s, t) => s.Svn is not { } svn || t.Svn.Minor >= svn.Minor,
        (s, t) => Broken($"SVN {t.Svn}, running {s.Running} has {Known(s.Svn)}: the minor part must not fall", t.Svn.ToString(),
            s.Svn is { } svn ? $">= {svn}" : "unknown"));

    /// <summary>strict_compat_versions.</summary>
    public static readonly StepRule Strict = new(
        Own.Add("STEP-011", Severity.Error, "the running module is in strict_compat_versions",
            "mapping_file.json since mid-2026; meaning inferred"),
        (s, t) => t.StrictCompat is { } sources && sources.Contains(s.Running),
        (s, t) => t.StrictCompat is null
            ? Broken("the mapping predates strict_compat_versions, so that nothing is strict", s.Running.ToString(), "not defined")
            : Broken($"strictly compatible with {List(t.StrictCompat)}, running is {s.Running}", s.Running.ToString(),
                List(t.StrictCompat)));

    /// <summary>What must hold for the module to run on the host at all.</summary>
    public static IReadOnlyList<StepRule> Fit { get; } = [Cpu, Seamldr, NotDebug, KernelFeatures];

    /// <summary>What must hold besides for an update at runtime.</summary>
    public static IReadOnlyList<StepRule> Update { get; } = [Updatable, Line, NoDowngrade, MinModule, SvnMajor, SvnMinor];

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<StepRule> All { get; } = [.. Fit, .. Update, Strict];

    /// <summary>Whether the module runs on the host at all.</summary>
    public static bool Runs(StepSource source, ReleaseFacts target, bool allowDebug = false) => AllHold(Fit, source, target, allowDebug);

    /// <summary>
    /// Whether a module that <see cref="Runs"/> on the host may also replace the running one at runtime, or be loaded over itself.
    /// </summary>
    public static bool Replaces(StepSource source, ReleaseFacts target) => AllHold(Update, source, target, allowDebug: false);

    /// <summary>Whether the module may replace the running one at runtime, or be loaded over itself.</summary>
    public static bool Updates(StepSource source, ReleaseFacts target, bool allowDebug = false) =>
        Runs(source, target, allowDebug) && Replaces(source, target);

    /// <summary>The answer for a step. An equal version answers for a reinstall.</summary>
    public static StepAnswer Answer(StepSource source, ReleaseFacts target, bool allowDebug = false)
    {
        if (!Runs(source, target, allowDebug))
        {
            return StepAnswer.Never;
        }

        return !Replaces(source, target) ? StepAnswer.Cold
            : Strict.Holds(source, target) ? StepAnswer.Strict
            : StepAnswer.TdPreserving;
    }

    /// <summary>All rules but <see cref="Strict"/> that do not hold, in order of their ids.</summary>
    public static IEnumerable<StepReason> Broken(StepSource source, ReleaseFacts target, bool allowDebug = false) =>
        Fit.Concat(Update).Where(r => !(allowDebug && r == NotDebug) && !r.Holds(source, target))
        .Select(r => r.Verdict(source, target).Reason);

    private static bool AllHold(IReadOnlyList<StepRule> rules, StepSource source, ReleaseFacts target, bool allowDebug)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            if (!rules[i].Holds(source, target) && !(allowDebug && rules[i] == NotDebug))
            {
                return false;
            }
        }

        return true;
    }

    private static (string Message, string Got, string Want) Broken(string message, string got, string want) => (message, got, want);

    private static string Family(CpuSignature cpu) =>
        CpuFamily.Of(cpu) is var family && family.Name != family.Signature.ToString() ? $"{family.Name} ({family.Signature})" : family.Name;

    private static string Families(IReadOnlyList<CpuSignature> cpus) => string.Join(", ", cpus.Select(Family));

    private static string Known(SeamSvn? svn) => svn?.ToString() ?? "an unknown SVN";

    private static string List(IReadOnlyList<ModuleVersion> versions) => versions.Count == 0 ? "nothing" : string.Join(", ", versions);
}
