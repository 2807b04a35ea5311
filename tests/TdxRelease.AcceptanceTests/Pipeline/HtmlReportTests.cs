using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Pipeline;

/// <summary>The page in a real browser: what a person who clicks sees, and that the page's own policy lets it.</summary>
public sealed class HtmlReportTests
{
    private const string Visit = """
        const visible = () => all('.graph').filter(g => g.offsetHeight > 0).map(g => g.id).join(' ');
        const answer = () => one('#' + visible() + ' .answer');
        const press = version => all('#' + visible() + ' input').find(i => i.value === version).click();
        say('graphs', all('.graph').length, 'shown', visible());
        say('silent', answer().offsetHeight);
        press('1.5.05');
        say(one('#g0 h4').textContent, '|',
          [...answer().querySelectorAll('ol li')].map(l => l.textContent.split(',').slice(0, 2)).join('; '));
        say([...answer().querySelectorAll('tbody tr')].map(r => [...r.children].map(c => c.textContent.slice(0, 8)).join(' ')).join(' / '));
        say('lit', all('#g0 .node.run').length, all('#g0 .node.on').length, all('#g0 .way').length);
        pick('prefer', 'smallest');
        say(one('#g0 h4').textContent, all('#g0 .way').length);
        pick('tier', 'strict');
        say(one('#g0 h4').textContent);
        pick('tier', 'default');
        pick('prefer', 'fewest');
        all('#g0 .node')[3].querySelector('text:last-of-type').dispatchEvent(new MouseEvent('click', { bubbles: true }));
        say('clicked', one('#g0 input:checked').value, '|', one('#g0 h4').textContent);
        pick('which', String(all('.graph').length - 1));
        say('then', visible());
        one('a.skip').focus();
        say('focus', page.activeElement.className, 'wide', page.documentElement.scrollWidth <= page.documentElement.clientWidth);
        """;

    [UpstreamFact]
    public void A_click_on_a_running_version_shows_its_path_and_its_attestation_values()
    {
        using var temp = new TempFolder();
        var page = Write(temp, TestData.Snapshot, "--lock", Path.Combine(TestData.Checkout, "upstream.lock.json"));
        var seen = Browser.Drive(temp, page, Visit);
        Assert.Equal(
            """
            graphs 8 shown g0
            silent 0
            1.5.05 → 1.5.16 in 1 update | load 1.5.16, td-preserving
            1.5.05 accept accept – 1cc6a17a / 1.5.16 – accept accept 7bf06328
            lit 1 2 1
            1.5.05 → 1.5.16 in 5 updates 5
            No path from 1.5.05
            clicked 1.5.08 | 1.5.08 → 1.5.16 in 1 update
            then g7
            focus skip wide true
            """,
            seen.Text);
        Assert.Empty(seen.Console);
        Browser.Picture(temp, page, "report-light", 1280, 2600, dark: false);
        Browser.Picture(temp, page, "report-dark", 1280, 2600, dark: true);
        Browser.Picture(temp, page, "report-narrow", 500, 2600, dark: false);
    }

    [Fact]
    public void The_policy_of_the_page_stops_a_script_that_is_not_its_own()
    {
        using var temp = new TempFolder();
        Tool.Run("/", TdxrelProgram.Path, "sample", "create", temp["sample"]).Ok();
        var page = Write(temp, temp["sample"], "--policy", "sample");
        var good = Browser.Drive(temp, page,
            "all('#g0 input')[0].click(); say(all('#g0 h4').length, String(one('body').dataset.foreign));");
        Assert.Equal("1 undefined", good.Text);
        Assert.Empty(good.Console);

        File.WriteAllText(page,
            File.ReadAllText(page)
            .Replace("</body>", "<script>document.body.dataset.foreign = 'ran'</script></body>", StringComparison.Ordinal));
        var stopped = Browser.Drive(temp, page, "say(String(one('body').dataset.foreign));");
        Assert.Equal("undefined", stopped.Text);
        Assert.Contains(stopped.Console, l => l.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    private static string Write(TempFolder temp, string snapshot, params string[] more)
    {
        Tool.Run("/", TdxrelProgram.Path, ["report", "html", snapshot, "--out", temp["out"], .. more]).Ok();
        return temp["out/index.html"];
    }
}
