using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Rules;

/// <summary>
/// Everything that the step rules need to know of one release: the mapping's facts joined to those of the verified sigstruct.
/// </summary>
/// <param name="Version">The module's version.</param>
/// <param name="Spelling">The version as upstream writes it.</param>
/// <param name="Svn">SEAMSVN, from the sigstruct.</param>
/// <param name="MrSeam">SHA-384 of the module, 96 lower-case hex digits.</param>
/// <param name="Features0">TDX_FEATURES0, from the mapping.</param>
/// <param name="Cpus">CPU families of the sigstruct's table; steppings are ignored.</param>
/// <param name="MinModule">Oldest running module that a TD-preserving update may start from.</param>
/// <param name="MinSeamldr">Loader versions, one a loader line.</param>
/// <param name="StrictCompat">Sources of strict updates; null where the mapping predates the key, which differs from empty.</param>
/// <param name="IsDebug">Debug-signed.</param>
/// <param name="ImagePath">The image in a bundle.</param>
public sealed record ReleaseFacts(
    ModuleVersion Version,
    string Spelling,
    SeamSvn Svn,
    string MrSeam,
    ulong Features0,
    IReadOnlyList<CpuSignature> Cpus,
    ModuleVersion MinModule,
    IReadOnlyList<ModuleVersion> MinSeamldr,
    IReadOnlyList<ModuleVersion>? StrictCompat,
    bool IsDebug,
    string ImagePath)
{
    /// <summary>Joins what the mapping and the sigstruct say.</summary>
    public static ReleaseFacts Of(ModuleRelease release, ModuleFacts facts) => new(
        release.Version,
        release.Spelling,
        facts.Svn,
        facts.MrSeam,
        release.Features0,
        facts.Cpus,
        release.MinModuleVersion,
        release.MinSeamldr,
        release.StrictCompat,
        facts.IsDebug,
        release.BlobPath);

    /// <summary>Whether the module is made for that processor (steppings masked on both sides).</summary>
    public bool Fits(CpuSignature cpu)
    {
        for (var i = 0; i < Cpus.Count; i++)
        {
            if (Cpus[i].SameFamily(cpu))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the loader satisfies min_seamldr_versions: one entry on its line, not above its update.</summary>
    public bool Accepts(ModuleVersion seamldr)
    {
        for (var i = 0; i < MinSeamldr.Count; i++)
        {
            if (MinSeamldr[i].SameLine(seamldr) && MinSeamldr[i] <= seamldr)
            {
                return true;
            }
        }

        return false;
    }
}
