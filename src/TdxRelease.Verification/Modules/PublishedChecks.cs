using TdxRelease.Core.Findings;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Modules;

/// <summary>Compares verified modules with a published list of measurements.</summary>
internal static class PublishedChecks
{
    public static void Check(PublishedList published, IReadOnlyList<ModuleVerdict> modules, string mappingPath, List<Finding> findings)
    {
        var versions = new Dictionary<string, ModuleVersion>(StringComparer.Ordinal);
        foreach (var (version, mrseam) in published.Modules)
        {
            versions.TryAdd(mrseam, version);
        }

        foreach (var module in modules)
        {
            CheckOne(published, versions, module, findings);
        }

        // A list says nothing about a snapshot that holds none of its signer's modules.
        if (modules.Any(m => m.Facts!.SignerSha384 == published.Signer))
        {
            var missing = published.Modules.Keys.Except(modules.Select(m => m.Input.Version)).Order().ToList();
            if (missing.Count > 0)
            {
                findings.Add(new(CrossRules.NotHere, $"published but not here: {string.Join(" ", missing)}", new Location(mappingPath)));
            }
        }
    }

    private static void CheckOne(PublishedList published, Dictionary<string, ModuleVersion> versions, ModuleVerdict module,
        List<Finding> findings)
    {
        var (facts, spelling) = (module.Facts!, module.Input.Spelling);
        void Add(Rule rule, string message) => findings.Add(new(rule, message, new Location(module.Input.Sigstruct.Path), spelling));

        if (published.Modules.TryGetValue(facts.Version, out var want))
        {
            if (want != facts.MrSeam)
            {
                Add(CrossRules.PublishedDiffers, $"measurement {facts.MrSeam}, the list of {published.Date:yyyy-MM-dd} says {want}");
            }
        }
        else if (facts.SignerSha384 == published.Signer)
        {
            Add(CrossRules.NotPublished, $"{spelling} is present upstream, absent from the published list of {published.Date:yyyy-MM-dd}");
        }

        if (versions.TryGetValue(facts.MrSeam, out var other) && other != facts.Version)
        {
            Add(CrossRules.PublishedAsOther, $"the measurement is published for {other}");
        }
    }
}
