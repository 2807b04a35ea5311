using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Rules;

/// <summary>What a step starts from: a processor, its loader and the module that runs.</summary>
/// <param name="Cpu">CPUID.1.EAX; the stepping does not matter.</param>
/// <param name="Seamldr">The running P-SEAMLDR.</param>
/// <param name="Running">The running module.</param>
/// <param name="Svn">Its SEAMSVN, or null where nobody lists it (BIOSes ship unpublished builds).</param>
/// <param name="Features0">Its TDX_FEATURES0, or null where nobody lists it.</param>
public readonly record struct StepSource(CpuSignature Cpu, ModuleVersion Seamldr, ModuleVersion Running, SeamSvn? Svn, ulong? Features0)
{
    /// <summary>The state of a host; SVN and features come from the release of that version where there is one.</summary>
    public static StepSource Of(ReleaseSet releases, CpuSignature cpu, ModuleVersion seamldr, ModuleVersion running, SeamSvn? svn = null)
    {
        var listed = releases.Find(running);
        return new(cpu, seamldr, running, listed?.Svn ?? svn, listed?.Features0);
    }

    /// <summary>The state of the same host after a step.</summary>
    public StepSource After(ReleaseFacts release) =>
        this with { Running = release.Version, Svn = release.Svn, Features0 = release.Features0 };
}

/// <summary>Whether a module may replace the running one, best first.</summary>
public enum StepAnswer
{
    /// <summary>Update at runtime; nothing visible changes but versions.</summary>
    Strict,

    /// <summary>Update at runtime; running TDs survive, interfaces may change compatibly.</summary>
    TdPreserving,

    /// <summary>Only at boot: every TD ends.</summary>
    Cold,

    /// <summary>Not on this host: another processor's module, a loader too old, a debug module, a kernel's need unmet.</summary>
    Never,
}

/// <summary>The words that JSON, tables and text use for <see cref="StepAnswer"/>.</summary>
public static class StepAnswers
{
    /// <summary><c>strict</c>, <c>td-preserving</c>, <c>cold</c> or <c>never</c>.</summary>
    public static string Word(this StepAnswer answer) => answer switch
    {
        StepAnswer.Strict => "strict",
        StepAnswer.TdPreserving => "td-preserving",
        StepAnswer.Cold => "cold",
        _ => "never",
    };
}
