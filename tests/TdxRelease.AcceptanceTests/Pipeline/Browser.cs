using System.Globalization;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Pipeline;

/// <summary>What headless Chromium made of a page: the text that the driving script left, and every message of the console.</summary>
internal sealed record Seen(string Text, IReadOnlyList<string> Console);

/// <summary>
/// Opens a page in a frame and lets a script of the test press its buttons: the page keeps its own policy, which would stop a script put
/// into it.
/// </summary>
internal static class Browser
{
    private static readonly string[] Quiet =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    ];

    public static Seen Drive(TempFolder temp, string page, string script)
    {
        var driver = $$"""
            <!doctype html><meta charset="utf-8"><body><iframe id="frame" style="width:1200px;height:900px"
              src="{{page}}"></iframe><pre id="result"></pre>
            <script>
            const frame = document.getElementById('frame'), lines = [];
            frame.addEventListener('load', () => {
              const page = frame.contentDocument, one = query => page.querySelector(query);
              const all = query => [...page.querySelectorAll(query)];
              const pick = (id, value) => {
                const select = one('#' + id);
                select.value = value;
                select.dispatchEvent(new Event('change'));
              };
              const say = (...words) => lines.push(words.join(' '));
              try { {{script}} } catch (error) { say('FAILED', error); }
              document.getElementById('result').textContent = 'BEGIN\n' + lines.join('\n') + '\nEND';
            });
            </script>
            """;
        File.WriteAllText(temp["driver.html"], driver);
        var run = Run(temp, "--allow-file-access-from-files", "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom",
            temp["driver.html"]);
        var (begin, end) = (run.Output.LastIndexOf("BEGIN\n", StringComparison.Ordinal),
            run.Output.LastIndexOf("\nEND", StringComparison.Ordinal));
        Assert.True(begin > 0 && end > begin, $"the script did not end\n{run.Output}\n{run.Errors}");
        return new(run.Output[(begin + 6)..end], [.. run.Errors.Split('\n').Where(l => l.Contains("CONSOLE", StringComparison.Ordinal))]);
    }

    /// <summary>For people: with TDXREL_PICTURES set to a folder, a picture of the page is left there.</summary>
    public static void Picture(TempFolder temp, string page, string name, int width, int height, bool dark)
    {
        if (Environment.GetEnvironmentVariable("TDXREL_PICTURES") is not { Length: > 0 } pictures)
        {
            return;
        }

        var file = Path.Combine(pictures, $"{name}.png");
        Run(temp, string.Create(CultureInfo.InvariantCulture, $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}"),
            string.Create(CultureInfo.InvariantCulture, $"--window-size={width},{height}"), $"--screenshot={file}", page);
        Assert.True(File.Exists(file), file);
    }

    private static ToolResult Run(TempFolder temp, params string[] arguments) =>
        Tool.Run(temp.Path, "chromium", [.. Quiet, $"--user-data-dir={temp["profile"]}", .. arguments]).Ok();
}
