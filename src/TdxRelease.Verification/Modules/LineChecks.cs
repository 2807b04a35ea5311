using TdxRelease.Core.Findings;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Verification.Modules;

/// <summary>What must be in order along one major.minor line.</summary>
internal static class LineChecks
{
    /// <param name="line">Modules of one line with facts, by version.</param>
    /// <param name="findings">Where findings go.</param>
    public static void Check(IReadOnlyList<ModuleVerdict> line, List<Finding> findings)
    {
        for (var i = 1; i < line.Count; i++)
        {
            CheckNeighbours(line[i - 1], line[i], findings);
        }

        CheckCpus(line, findings);
    }

    private static void CheckNeighbours(ModuleVerdict older, ModuleVerdict newer, List<Finding> findings)
    {
        var (before, after, name) = (older.Facts!, newer.Facts!, older.Input.Spelling);
        void Add(Rule rule, string message) =>
            findings.Add(new(rule, message, new Location(newer.Input.Sigstruct.Path), newer.Input.Spelling));

        if (after.Svn.Major != before.Svn.Major)
        {
            Add(CrossRules.SvnMajor, $"SEAMSVN is {after.Svn}, {name} on the same line has {before.Svn}");
        }
        else if (after.Svn.Minor < before.Svn.Minor)
        {
            Add(CrossRules.SvnFalls, $"SEAMSVN is {after.Svn}, the older {name} has {before.Svn}: hardware refuses this update");
        }

        if (after.Date < before.Date)
        {
            Add(CrossRules.DateOrder, $"dated {after.Date:yyyy-MM-dd}, the older {name} is dated {before.Date:yyyy-MM-dd}");
        }

        if (after.BuildNumber != 0 && before.BuildNumber != 0 && after.BuildNumber <= before.BuildNumber)
        {
            Add(CrossRules.BuildOrder, $"build {after.BuildNumber}, the older {name} has build {before.BuildNumber}");
        }

        // Two layouts cannot have one key; the synthetic one is not a vendor's.
        if (after.SignerSha384 != before.SignerSha384 && after.KeyBits == before.KeyBits)
        {
            Add(CrossRules.SignerChanges, $"signed by key {after.SignerSha384[..16]}…, {name} by {before.SignerSha384[..16]}…");
        }
    }

    private static void CheckCpus(IReadOnlyList<ModuleVerdict> line, List<Finding> findings)
    {
        foreach (var cpu in line.SelectMany(m => m.Facts!.Cpus).Distinct().Order())
        {
            var last = line.Last(m => m.Facts!.Cpus.Contains(cpu));
            if (last != line[^1])
            {
                var message = $"{last.Input.Spelling} is the last module of line {last.Input.Version.LineName} "
                    + $"for {CpuFamily.Of(cpu).Name}; {line[^1].Input.Spelling} does not list it";
                findings.Add(new(CrossRules.CpuDropped, message, new Location(line[^1].Input.Sigstruct.Path), line[^1].Input.Spelling));
            }
        }
    }
}
