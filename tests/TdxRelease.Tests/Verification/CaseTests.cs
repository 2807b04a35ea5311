using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Verification;

namespace TdxRelease.Tests.Verification;

public class CaseTests
{
    public static TheoryData<string> Names() => [.. CaseFile.Names()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_case_fires_its_own_rules_and_no_other(string name)
    {
        var file = CaseFile.Load(name);
        var findings = CaseRunner.Run(file);
        Assert.True(
            file.Expected.SequenceEqual(findings.Select(f => f.Rule.Id).Distinct().Order(StringComparer.Ordinal)),
            $"want {string.Join(" ", file.Expected)}, got:\n{string.Join("\n", findings)}");
        Assert.Equal(name.EndsWith("_fail", StringComparison.Ordinal), findings.Any(f => f.Fails));
        Assert.All(findings, f => Assert.False(f.Message.EndsWith('.') || string.IsNullOrEmpty(f.Location.File), f.ToString()));
    }

    /// <summary>Words, place and weight of every finding: an auditor reads these, not the ids.</summary>
    [Fact]
    public void What_each_case_says_is_what_was_last_read_and_agreed_to()
    {
        var text = new StringBuilder();
        foreach (var name in CaseFile.Names())
        {
            text.Append(name).Append('\n');
            CaseRunner.Run(CaseFile.Load(name)).ToList().ForEach(f => text.Append($"  {f.Severity} {f} [{f.Version}]\n"));
        }

        GoldenFile.Equal("tests/cases/messages.txt", text.ToString());
    }

    [Fact]
    public void There_are_at_least_sixty_bad_cases_each_for_one_rule()
    {
        var bad = CaseFile.Names().Where(n => n.EndsWith("_fail", StringComparison.Ordinal)).Select(CaseFile.Load).ToList();
        Assert.True(bad.Count(c => c.Expected.Count() == 1) >= 60, $"{bad.Count} bad cases");
        Assert.All(CaseFile.Names(), n =>
        {
            var lines = File.ReadAllLines(Path.Combine(CaseFile.Folder, n, "README.md"));
            Assert.True(lines.Length == 1 && lines[0].Length > 20, $"{n}/README.md is one line that says what is wrong");
        });
    }

    /// <summary>
    /// Rules that no file can break alone: the key and the signature depend on each other, and a disagreement needs a broken verifier.
    /// Their tests are in Trust/.
    /// </summary>
    private static readonly string[] Elsewhere = ["SIG-013", "SIG-014", "SIG-015", "RSA-002", "XCK-011"];

    [Fact]
    public void Every_rule_has_a_case()
    {
        var covered = CaseFile.Names().Select(CaseFile.Load).SelectMany(c => c.Expected).ToHashSet();
        Assert.Empty(RuleCatalog.All.Select(r => r.Id).Except(covered).Except(Elsewhere));
    }
}
