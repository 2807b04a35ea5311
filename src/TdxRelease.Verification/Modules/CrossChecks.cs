using TdxRelease.Core.Findings;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Modules;

/// <summary>Compares witnesses with each other: what is sound by itself may still contradict its neighbours.</summary>
public static class CrossChecks
{
    /// <summary>Applies <see cref="CrossRules"/> to everything that was verified.</summary>
    /// <param name="mapping">The mapping file of the snapshot, and its name in findings.</param>
    /// <param name="mappingPath">Its path in findings.</param>
    /// <param name="verdicts">The modules; those whose sigstruct could not be read are passed over.</param>
    /// <param name="published">The list of published measurements.</param>
    /// <returns>Findings in order of the modules' versions, then of the mapping, then of the list.</returns>
    public static IReadOnlyList<Finding> Check(MappingFile mapping, string mappingPath, IReadOnlyList<ModuleVerdict> verdicts,
        PublishedList published)
    {
        var findings = new List<Finding>();
        var modules = verdicts.Where(v => v.Facts is not null).OrderBy(v => v.Input.Version).ToList();
        foreach (var module in modules)
        {
            CheckNames(module.Input, mapping, findings);
            CheckBuild(module, findings);
        }

        foreach (var line in modules.GroupBy(m => m.Input.Version.Line))
        {
            LineChecks.Check([.. line], findings);
        }

        CheckMeasurements(modules, findings);
        CheckFeatures(mapping, findings);
        PublishedChecks.Check(published, modules, mappingPath, findings);
        return findings;
    }

    /// <summary>The version in a file name such as <c>tdx_module_1.5.05.bin</c>, or null.</summary>
    internal static string? NamedVersion(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var end = name.LastIndexOf('.');
        return name.StartsWith(UpstreamLayout.NamePrefix, StringComparison.Ordinal) && end > UpstreamLayout.NamePrefix.Length
            ? name[UpstreamLayout.NamePrefix.Length..end]
            : null;
    }

    private static void CheckNames(ModuleInput input, MappingFile mapping, List<Finding> findings)
    {
        string?[] paths = [input.Module.Path, input.Sigstruct.Path, input.Image?.Path];
        foreach (var path in paths.OfType<string>())
        {
            var named = NamedVersion(path);
            if (named is null || !ModuleVersion.TryParse(named, out var version) || version != input.Version)
            {
                findings.Add(new(CrossRules.FileName, $"the file name says \"{named ?? path}\", the module is released as {input.Spelling}",
                    new Location(path), input.Spelling));
            }
        }

        if (mapping.Find(input.Version) is null)
        {
            findings.Add(new(CrossRules.FileName, $"{input.Spelling} is not a release of the mapping file", new Location(input.Module.Path),
                input.Spelling));
        }
    }

    private static void CheckBuild(ModuleVerdict module, List<Finding> findings)
    {
        var input = module.Input;
        if (input.Version.Major < 2 || Sigstruct.Read(input.Sigstruct.Bytes) is not { } sigstruct)
        {
            return;
        }

        var place = new Location(input.Sigstruct.Path);
        var (update, major) = (sigstruct.Reserved3[0], sigstruct.Reserved3[3]);
        if (!sigstruct.Reserved3.ContainsAnyExcept((byte)0))
        {
            findings.Add(new(CrossRules.BuildMissing, "reserved3 is zero: the sigstruct does not say which version it is for", place,
                input.Spelling));
        }
        else if (update != input.Version.Update || major != input.Version.Major)
        {
            findings.Add(new(CrossRules.BuildVersion,
                $"reserved3 says major {major}, update {update}; the module is released as {input.Spelling}", place, input.Spelling));
        }
    }

    private static void CheckMeasurements(List<ModuleVerdict> modules, List<Finding> findings)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var module in modules)
        {
            if (!seen.TryAdd(module.Facts!.MrSeam, module.Input.Spelling))
            {
                findings.Add(new(CrossRules.SameMeasurement, $"the module has the measurement of {seen[module.Facts.MrSeam]}",
                    new Location(module.Input.Sigstruct.Path), module.Input.Spelling));
            }
        }
    }

    private static void CheckFeatures(MappingFile mapping, List<Finding> findings)
    {
        foreach (var line in mapping.Releases.GroupBy(r => r.Version.Line))
        {
            ModuleRelease? last = null;
            foreach (var release in line)
            {
                if (last is not null && (last.Features0 & ~release.Features0) is var lost and not 0)
                {
                    findings.Add(new(CrossRules.FeaturesLost,
                        $"tdx_feature0 0x{release.Features0:X} lacks bits 0x{lost:X} that {last.Spelling} has", release.Location,
                        release.Spelling));
                }

                last = release;
            }
        }
    }
}
