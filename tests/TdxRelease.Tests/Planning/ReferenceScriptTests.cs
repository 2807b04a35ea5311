using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Testing;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

/// <summary>
/// The rules once more, written from the specification and from what is known of Intel's version_select_and_load.py, over plain tuples
/// taken from the files by other means:
/// no line of src/TdxRelease.Planning takes part in the expectation.
/// </summary>
public class ReferenceScriptTests
{
    private static readonly string[] Seamldrs = ["1.4.09", "1.5.00", "1.5.02", "1.5.31", "2.0.00", "2.0.07", "2.1.00", "3.0.00"];
    private static readonly uint[] Cpus = [0x806F8, 0xC06F2, 0xA06F3, 0xA06D1, 0xA06E0, 0xD06D0, 0x906F0];

    [UpstreamFact]
    public void Eligible_is_what_the_rules_say_for_every_processor_loader_and_running_version()
    {
        var modules = Load();
        Assert.Equal(11, modules.Count);
        var planner = new Planner(RealReleases.Snapshot);
        var cases = 0;
        var nonempty = 0;
        foreach (var cpu in Cpus)
        {
            foreach (var seamldr in Seamldrs)
            {
                foreach (var running in Runnings(modules))
                {
                    var plan = planner.Plan(new(new CpuSignature(cpu), ModuleVersion.Parse(seamldr), ModuleVersion.Parse(running)));
                    var expected = Expected(modules, cpu, seamldr, running);
                    Assert.Equal(expected, plan.Eligible.Select(s => s.To.Spelling));
                    var others = modules.Select(m => m.Version).Where(v => v != running && !expected.Contains(v));
                    Assert.Equal(others, plan.Refused.Select(r => r.Release.Spelling));
                    Assert.All(plan.Refused, r => Assert.NotEmpty(r.Reasons));
                    Assert.Equal(expected.LastOrDefault(), plan.Path.Count > 0 ? plan.Path[^1].To.Spelling : null);
                    cases++;
                    nonempty += expected.Count > 0 ? 1 : 0;
                }
            }
        }

        Assert.True(cases > 1000 && nonempty > 100, $"{cases} cases, {nonempty} with something to load");
    }

    [UpstreamFact]
    public void Where_the_script_picks_a_module_of_another_processor_the_planner_picks_the_newest_that_fits()
    {
        // The script takes the newest version of the line first and looks at processor and loader then.
        var line = RealReleases.Mid2026.Releases.Where(r => r.Version.LineName == "1.5" && r.Version <= ModuleVersion.Parse("1.5.25"))
            .ToList();
        var releases = new ReleaseSet(line);
        var script = line[^1];
        Assert.Equal("1.5.25", script.Spelling);
        Assert.DoesNotContain(script.Cpus, c => c.Value == 0x806F0);
        var plan = new Planner(releases).Plan(new(new(0x806F8), new(1, 5, 2), new(1, 5, 16)));
        Assert.Equal("1.5.24", plan.Path[^1].To.Spelling);
        Assert.Contains(plan.Refused,
            r => r.Release.Spelling == "1.5.25" && r.Answer == StepAnswer.Never && r.Reasons.Any(x => x.Rule.Id == "STEP-001")
            && r.Reasons.Any(x => x.Rule.Id == "STEP-002"));
    }

    private static IEnumerable<string> Runnings(List<Module> modules) =>
        modules.Select(m => m.Version)
        .Concat(["1.5.00", "1.5.02", "1.5.07", "1.5.10", "1.5.17", "1.5.99", "2.0.00", "2.0.03", "2.0.06", "2.0.30", "1.4.05", "3.0.00"]);

    private static List<string> Expected(List<Module> modules, uint cpu, string seamldr, string running)
    {
        var now = modules.Find(m => m.Version == running);
        var eligible = new List<string>();
        foreach (var next in modules)
        {
            var (a, b) = (Numbers(next.Version), Numbers(running));
            var loader = Numbers(seamldr);
            var fits = next.Cpus.Any(c => c >> 4 == cpu >> 4)
                && next.Loaders.Any(l => Numbers(l) is var n && n[0] == loader[0] && n[1] == loader[1] && n[2] <= loader[2])
                && a[0] == b[0] && a[1] == b[1]
                && a[2] > b[2]
                && Numbers(next.Minimum)[2] <= b[2]
                && (now is null || (next.SvnMajor == now.SvnMajor && next.SvnMinor >= now.SvnMinor));
            if (fits)
            {
                eligible.Add(next.Version);
            }
        }

        return eligible;
    }

    private static int[] Numbers(string version) => [.. version.Split('.').Select(int.Parse)];

    private static List<Module> Load()
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Snapshot, "mapping_file.json")));
        return [.. json.RootElement.GetProperty("tdx_module_releases").EnumerateArray().Select(release =>
        {
            var version = release.GetProperty("version").GetString()!;
            var line = version[..version.LastIndexOf('.')];
            var sigstruct = File.ReadAllBytes(
                Path.Combine(TestData.Snapshot, "separate_files", line, version, $"tdx_module_{version}.sigstruct"));
            var count = BitConverter.ToInt32(sigstruct, 1024);
            return new Module(
                version,
                release.GetProperty("min_module_version_for_td_preserving").GetString()!,
                [.. release.GetProperty("min_seamldr_versions").EnumerateArray().Select(l => l.GetString()!)],
                sigstruct[949],
                sigstruct[948],
                [.. Enumerable.Range(0, count).Select(i => BitConverter.ToUInt32(sigstruct, 1028 + (4 * i)))]);
        })];
    }

    private sealed record Module(string Version, string Minimum, string[] Loaders, int SvnMajor, int SvnMinor, uint[] Cpus);
}
