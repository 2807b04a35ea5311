using System.Globalization;
using System.Text;
using Cake.Core;

namespace TdxRelease.Tests.Build;

/// <summary>A console that keeps what was printed.</summary>
internal sealed class RecordingConsole : IConsole
{
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    public ConsoleColor ForegroundColor { get; set; }

    public ConsoleColor BackgroundColor { get; set; }

    public bool SupportAnsiEscapeCodes => false;

    public string Output => output.ToString();

    public string Error => error.ToString();

    public void Write(string format, params object[] arg) => output.Append(Format(format, arg));

    public void WriteLine(string format, params object[] arg) => output.Append(Format(format, arg)).Append('\n');

    public void WriteError(string format, params object[] arg) => error.Append(Format(format, arg));

    public void WriteErrorLine(string format, params object[] arg) => error.Append(Format(format, arg)).Append('\n');

    public void ResetColor()
    {
    }

    private static string Format(string format, object[]? arg) =>
        arg is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, format, arg) : format;
}
