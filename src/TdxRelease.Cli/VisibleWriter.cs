using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Cli;

/// <summary>The way of all text to the terminal: nothing of an input is obeyed or hidden there. Line feeds are the program's own.</summary>
internal sealed class VisibleWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) =>
        inner.Write(char.IsSurrogate(value) ? value.ToString() : UntrustedText.Document(value.ToString()));

    public override void Write(string? value) => inner.Write(value is null ? null : UntrustedText.Document(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value)
    {
        Write(value);
        inner.WriteLine();
    }

    public override void Flush() => inner.Flush();
}
