using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Pipeline.Html;

/// <summary>The sections of the page, in order.</summary>
internal static class ReportSections
{
    public static byte[] Write(ReleaseReport report)
    {
        var page = new HtmlPage();
        if (report.Audit is { } audit)
        {
            AuditHtml.Verdict(page, audit);
        }

        var graphs = report.Releases is { } releases ? StepGraph.All(releases) : [];
        page.Section("steps", "Updates");
        StepSections.Write(page, report.Releases, graphs);
        page.EndSection();
        Families(page, report, graphs);
        Modules(page, report);
        page.Section("findings", "Findings");
        Findings(page, "Everything that was found", report.Findings);
        page.EndSection();
        if (report.Drift is { } drift)
        {
            page.Section("drift", "Drift")
                .Markup($"<p>Against the lock {HtmlPage.Escape(report.Lock ?? "")}: {Count(drift.Count, "difference")}.</p>\n");
            Findings(page, "What differs from the lock", drift);
            page.EndSection();
        }

        page.Section("provenance", "Provenance").Facts(report.Provenance).EndSection();
        var passed = report.ExitCode == ExitCode.Success;
        return page.ToBytes(passed ? "TDX modules: verified" : "TDX modules: NOT verified", Lead(report), passed,
            $"{PageStyle.Text}\n{GraphSvg.Rules}", PageScript.Text);
    }

    public static void Findings(HtmlPage page, string caption, IReadOnlyList<Finding> findings) =>
        page.Table(caption, ["Severity", "Rule", "Location", "What was found"], findings.Select(f => (Cell[])
        [
            new(f.Severity.ToString().ToLowerInvariant(), f.Fails ? "no" : "unknown"), new(f.Rule.Id, "keep"),
            new(f.Location.ToString(), "long"), new(f.Message, "long"),
        ]));

    internal static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string Lead(ReleaseReport report)
    {
        var text = new StringBuilder($"<p>{HtmlPage.Escape(report.Subject)}</p>\n<ul class=\"cards\">\n");
        void Card(string value, string name, string style = "") =>
            text.Append($"<li><strong{(style.Length > 0 ? $" class=\"{style}\"" : "")}>{HtmlPage.Escape(value)}</strong> {name}</li>\n");
        var good = report.Modules.Count(m => m.Verified);
        Card($"{good} of {report.Modules.Count}", "modules verified", good == report.Modules.Count ? "yes" : "no");
        var newest = report.Modules.GroupBy(m => m.Version[..Math.Max(0, m.Version.LastIndexOf('.'))]).Select(line => line.Last().Version);
        Card(report.Modules.Count == 0 ? "none" : string.Join(", ", newest), "newest of each line");
        Card($"{report.Modules.SelectMany(m => m.Cpus).Select(c => c.Family).Distinct().Count()}", "CPU families");
        Card($"{report.Findings.Count}", $"findings, {report.Findings.Count(f => f.Fails)} failing",
            report.Findings.Any(f => f.Fails) ? "no" : "");
        if (report.Drift is { } drift)
        {
            Card($"{drift.Count}", "differences from the lock", drift.Any(f => f.Fails) ? "no" : "");
        }

        return text.Append("</ul>\n").ToString();
    }

    private static void Families(HtmlPage page, ReleaseReport report, IReadOnlyList<StepGraph> graphs)
    {
        var families = report.Modules.SelectMany(m => m.Cpus).Select(c => c.Family).Distinct().Order().ToList();
        page.Section("families", "CPU families")
            .Table("Which modules run where", ["Family", "CPUID", "Modules", "Newest", "P-SEAMLDR classes"], families.Select(family =>
        {
            var modules = report.Modules.Where(m => m.Cpus.Any(c => c.SameFamily(family))).ToList();
            return (Cell[])
            [
                CpuFamily.Of(family).Name, family.ToString(),
                new($"{modules.Count}: {string.Join(", ", modules.Select(m => m.Version))}", "long"), modules[^1].Version,
                string.Join(", ", graphs.Where(g => g.Family.Signature == family).Select(g => g.Loader)),
            ];
        })).EndSection();
    }

    private static void Modules(HtmlPage page, ReleaseReport report)
    {
        page.Section("modules", "Modules")
            .Table("Modules by version", ["Version", "SVN", "Date", "CPU families", "MRSEAM (SHA-384 of the module)"],
            report.Modules.Select(m => (Cell[])
        [
            m.Version, m.Svn?.ToString() ?? "unknown", new(m.Date is { } date ? $"{date:yyyy-MM-dd}" : "unknown", "keep"),
            string.Join(", ", m.Cpus.Select(c => CpuFamily.Of(c).Name)), new(m.MrSeam, "hash"),
        ])).EndSection();
        page.Section("signatures", "Signatures")
            .Table("Who signed", ["Version", "Result", "Signer", "Key", "Kind", "SHA-384 of the signing key"],
            report.Modules.Select(m => (Cell[])
        [
            m.Version, m.Verified ? new Cell("verified", "yes") : new Cell("FAILED", "no"), new(m.Signer, "keep"),
            new(m.KeyBits > 0 ? $"RSA-{m.KeyBits}" : "unknown", "keep"),
            m.IsDebug ? new Cell("debug", "no") : "production", new(m.SignerSha384, "hash"),
        ])).EndSection();
    }
}
