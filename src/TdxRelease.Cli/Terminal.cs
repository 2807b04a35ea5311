using System.Text;
using System.Text.Json;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Cli;

/// <summary>Results to stdout, everything else to stderr.</summary>
/// <param name="stream">stdout itself, for results that are streamed as bytes.</param>
/// <param name="output">Results.</param>
/// <param name="errors">Progress, warnings, errors, hints.</param>
internal sealed class Terminal(Stream stream, TextWriter output, TextWriter errors)
{
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>stdout as bytes; flush <see cref="Output"/> before writing to it.</summary>
    public Stream Stream { get; } = stream;

    /// <summary>Where results go.</summary>
    public TextWriter Output { get; } = new VisibleWriter(output);

    /// <summary>Progress of transfers on stderr.</summary>
    public IProgressSink Progress { get; } = new StderrProgress(errors, !Console.IsErrorRedirected);

    /// <summary>A line of the result.</summary>
    public void Line(string line) => Output.WriteLine(UntrustedText.Visible(line));

    /// <summary>A line on stderr.</summary>
    public void Note(string line) => errors.WriteLine(UntrustedText.Document(line));

    /// <summary>One line on stderr about what is left out or replaced.</summary>
    public void Notice(string text) => Note($"notice: {text}");

    /// <summary>One line a finding on stderr.</summary>
    public void Findings(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            Note($"{finding.Severity.ToString().ToLowerInvariant()}: {finding}");
        }
    }

    /// <summary>Writes UTF-8 bytes to stdout as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> utf8) => Output.Write(Encoding.UTF8.GetString(utf8));

    /// <summary>
    /// Writes a file that the user named; <c>-</c> is stdout. What stands in
    /// <see cref="Output"/> goes first, for the file may be stdout by another name.
    /// </summary>
    public void Save(string path, ReadOnlySpan<byte> content)
    {
        Output.Flush();
        if (path == AtomicFile.Stdout)
        {
            Stream.Write(content);
        }
        else
        {
            AtomicFile.Write(path, content);
        }
    }

    /// <summary>Writes one indented JSON document to stdout.</summary>
    public void Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            write(json);
        }

        Output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    /// <summary>Writes rows as left-aligned columns, two blanks apart, no blanks at line ends.</summary>
    public void Table(IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Select(row => (IReadOnlyList<string>)[.. row.Select(cell => UntrustedText.Visible(cell))]).ToList();
        var widths = new int[all.Max(r => r.Count)];
        foreach (var row in all)
        {
            for (var i = 0; i < row.Count; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (var row in all)
        {
            Output.WriteLine(string.Concat(row.Select((cell, i) => i == row.Count - 1 ? cell : cell.PadRight(widths[i] + 2))).TrimEnd());
        }
    }
}
