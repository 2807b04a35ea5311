using System.Diagnostics;
using System.Globalization;
using System.Xml;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Planning;

/// <summary>What real viewers make of the pictures: Chromium renders the SVG, Graphviz takes the DOT.</summary>
public class PictureTests
{
    /// <summary>Says of every text whether it is inside the picture, and which pairs of texts overlap.</summary>
    private const string Inspect =
        """
        <script>
        const result = [...document.querySelectorAll('svg')].map(svg => {
          const page = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll('text')]
            .map(t => [t.firstChild.nodeName === 'title' ? t.lastChild.data : t.textContent, t.getBoundingClientRect()]);
          const out = texts.filter(([, b]) => b.left < page.left || b.right > page.right || b.top < page.top || b.bottom > page.bottom)
            .map(([t]) => t);
          const over = [];
          for (let i = 0; i < texts.length; i++) for (let j = 0; j < i; j++) {
            const [a, b] = [texts[i][1], texts[j][1]];
            const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (width > 1 && height > 4) over.push(texts[i][0] + ' | ' + texts[j][0]);
          }
          const fill = getComputedStyle(svg.querySelector('.page')).fill;
          return 'TEXTS ' + texts.length + ' OUT ' + out.join(';') + ' OVER ' + over.join(';') + ' BG ' + fill + ' END';
        });
        document.body.textContent = result.join('\n');
        </script>
        """;

    public static TheoryData<string> Sets => TestData.Root is null ? ["small", "row40"] : ["small", "row40", "snapshot", "mid2026"];

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Chromium_shows_every_text_inside_the_picture_and_none_over_another(string set)
    {
        using var folder = new TempFolder();
        var graphs = StepGraph.All(Releases(set));
        var pictures = graphs.Select(g => Print(w => GraphSvg.Write(g, w))).ToList();
        foreach (var (graph, svg) in graphs.Zip(pictures))
        {
            new XmlDocument().LoadXml(svg);
            Assert.All(graph.Nodes, n => Assert.Contains($">{n.Release.Spelling}</text>", svg, StringComparison.Ordinal));
            await Screenshots(folder, $"{set}-{GraphSvg.NameOf(graph, "svg")}", svg);
        }

        await File.WriteAllTextAsync(folder["page.html"],
            $"<!doctype html><meta charset=utf-8><body style=\"margin:0\">{string.Concat(pictures)}{Inspect}");
        foreach (var (scheme, background) in new[] { (1, "rgb(255, 255, 255)"), (0, "rgb(17, 22, 28)") })
        {
            var seen = Chromium(folder, $"--blink-settings=preferredColorScheme={scheme}", "--dump-dom", folder["page.html"]);
            var expected = pictures.Select(p => $"TEXTS {p.Split("<text ").Length - 1} OUT  OVER  BG {background} END");
            Assert.Equal(string.Join('\n', expected),
                seen[(seen.IndexOf("TEXTS", StringComparison.Ordinal))..(seen.LastIndexOf(" END", StringComparison.Ordinal) + 4)]);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Graphviz_takes_the_DOT(string set)
    {
        using var folder = new TempFolder();
        foreach (var graph in StepGraph.All(Releases(set)))
        {
            foreach (var complete in set == "row40" ? new[] { false } : [false, true])
            {
                await File.WriteAllTextAsync(folder["graph.dot"], Print(w => GraphDot.Write(graph, w, complete)));
                var svg = Tool.Run(folder.Path, "dot", "-Tsvg", folder["graph.dot"]).Ok().Output;
                Assert.All(graph.Nodes, n => Assert.Contains($"<title>{n.Release.Spelling}</title>", svg, StringComparison.Ordinal));
                Assert.Equal(graph.ColdTransitions().Count(), svg.Split(">reboot</text>").Length - 1);
                if (complete)
                {
                    Assert.Equal(graph.CountEdges() + graph.ColdTransitions().Count(), svg.Split("class=\"edge\"").Length - 1);
                }
            }
        }
    }

    private static ReleaseSet Releases(string set) => set switch
    {
        "small" => SyntheticReleases.Small,
        "row40" => SyntheticReleases.Row(40),
        "snapshot" => RealReleases.Snapshot,
        _ => RealReleases.Mid2026,
    };

    private static string Print(Action<TextWriter> write)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        write(text);
        return text.ToString();
    }

    /// <summary>For people: with TDXREL_PICTURES set to a folder, pictures are left there, light and dark.</summary>
    private static async Task Screenshots(TempFolder folder, string name, string svg)
    {
        if (Environment.GetEnvironmentVariable("TDXREL_PICTURES") is not { Length: > 0 } pictures)
        {
            return;
        }

        await File.WriteAllTextAsync(folder[name], svg);
        var size = svg.Split('"')[3].Split(' ');
        foreach (var scheme in new[] { "dark", "light" })
        {
            var file = Path.Combine(pictures, $"{Path.ChangeExtension(name, null)}-{scheme}.png");
            Chromium(folder, $"--blink-settings=preferredColorScheme={(scheme == "dark" ? 0 : 1)}", $"--window-size={size[2]},{size[3]}",
                $"--screenshot={file}", folder[name]);
            Assert.True(File.Exists(file), file);
        }
    }

    private static string Chromium(TempFolder folder, params string[] arguments) => Tool.Run(
        folder.Path,
        "chromium",
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", $"--user-data-dir={folder["profile"]}", .. arguments]).Ok()
            .Output;
}
