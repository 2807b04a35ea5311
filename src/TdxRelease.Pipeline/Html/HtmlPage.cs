using System.Net;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core;
using TdxRelease.Core.Findings;

namespace TdxRelease.Pipeline.Html;

/// <summary>A cell of a table.</summary>
/// <param name="Text">Its text, not yet escaped.</param>
/// <param name="Style">A class of <see cref="PageStyle"/>, or nothing.</param>
internal readonly record struct Cell(string Text, string Style = "")
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// One HTML page of ours: it fetches nothing, its policy lets only its own style
/// sheet and script run (by hash), and whatever comes from input is escaped here.
/// The bytes depend on what is written to it alone.
/// </summary>
internal sealed class HtmlPage
{
    private readonly StringBuilder body = new();
    private readonly List<(string Id, string Title)> sections = [];

    /// <summary>Text as HTML shows it, in element or attribute; control characters are made visible.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(UntrustedText.Visible(text));

    /// <summary>Markup written by us; texts in it have gone through <see cref="Escape"/>.</summary>
    public HtmlPage Markup(string markup)
    {
        body.Append(markup);
        return this;
    }

    /// <summary>Begins a section of the page, which the navigation names.</summary>
    public HtmlPage Section(string id, string title)
    {
        sections.Add((id, title));
        return Markup($"<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{Escape(title)}</h2>\n");
    }

    /// <summary>Ends it.</summary>
    public HtmlPage EndSection() => Markup("</section>\n");

    /// <summary>A table; the first cell of a row names the row. It scrolls by itself where the window is narrow.</summary>
    public HtmlPage Table(string caption, string[] heads, IEnumerable<Cell[]> rows)
    {
        var any = false;
        Markup($"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{Escape(caption)}\">\n")
            .Markup($"<table>\n<caption>{Escape(caption)}</caption>\n<thead><tr>")
            .Markup($"{string.Concat(heads.Select(h => $"<th scope=\"col\">{Escape(h)}</th>"))}</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            any = true;
            Markup($"<tr>{string.Concat(row.Select((c, i) => Print(c, i == 0)))}</tr>\n");
        }

        return Markup($"{(any ? "" : $"<tr><td colspan=\"{heads.Length}\">none</td></tr>\n")}</tbody>\n</table>\n</div>\n");
    }

    /// <summary>Names and values.</summary>
    public HtmlPage Facts(IEnumerable<(string Name, string Value)> facts) =>
        Markup($"<dl>\n{string.Concat(facts.Select(f => $"<dt>{Escape(f.Name)}</dt><dd>{Escape(f.Value)}</dd>\n"))}</dl>\n");

    /// <summary>The page as UTF-8.</summary>
    /// <param name="title">Of the window; also the heading.</param>
    /// <param name="lead">Markup below the heading.</param>
    /// <param name="passed">Colours the heading.</param>
    /// <param name="style">The style sheet.</param>
    /// <param name="script">The script, or null.</param>
    public byte[] ToBytes(string title, string lead, bool passed, string style, string? script = null)
    {
        var links = string.Concat(sections.Select(s => $"<li><a href=\"#{s.Id}\">{Escape(s.Title)}</a></li>\n"));
        var navigation = script is null ? "" : $"<nav aria-label=\"Sections\"><ul>\n{links}</ul></nav>\n";
        var scripts = script is null ? "" : $"; script-src '{Hash($"\n{script}\n")}'";
        var policy = $"default-src 'none'; style-src '{Hash($"\n{style}\n")}'{scripts}; base-uri 'none'; form-action 'none'";
        return Encoding.UTF8.GetBytes(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
            + $"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"/>\n"
            + $"<meta name=\"generator\" content=\"{Escape(ToolVersion.Text)}\"/>\n"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
            + $"<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{Escape(title)}</title>\n"
            + $"<style>\n{style}\n</style>\n</head>\n<body>\n"
            + (script is null ? "" : "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n")
            + $"<header>\n<h1 class=\"{(passed ? "yes" : "no")}\">{Escape(title)}</h1>\n{lead}</header>\n"
            + $"{navigation}<main id=\"main\">\n{body}</main>\n<footer>{Escape(ToolVersion.Text)}</footer>\n"
            + (script is null ? "" : $"<script>\n{script}\n</script>\n") + "</body>\n</html>\n");
    }

    private static string Print(Cell cell, bool head)
    {
        var style = cell.Style.Length > 0 ? $" class=\"{cell.Style}\"" : "";
        return head ? $"<th scope=\"row\"{style}>{Escape(cell.Text)}</th>" : $"<td{style}>{Escape(cell.Text)}</td>";
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
