using System.Globalization;
using Cake.Core;

namespace TdxRelease.Build.CommandLine;

/// <summary>A console without colours, for pipes, files and NO_COLOR.</summary>
internal sealed class PlainConsole(TextWriter output, TextWriter error) : IConsole
{
    public ConsoleColor ForegroundColor { get; set; }

    public ConsoleColor BackgroundColor { get; set; }

    public bool SupportAnsiEscapeCodes => false;

    /// <summary>Cake's console on a terminal, this one anywhere else (https://no-color.org: any value but the empty one counts).</summary>
    public static IConsole ForProcess()
    {
        var plain = Console.IsOutputRedirected || Console.IsErrorRedirected
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        return plain ? new PlainConsole(Console.Out, Console.Error)
            : new CakeConsole(new CakeEnvironment(new CakePlatform(), new CakeRuntime()));
    }

    public void Write(string format, params object[] arg) => output.Write(Format(format, arg));

    public void WriteLine(string format, params object[] arg) => output.WriteLine(Format(format, arg));

    public void WriteError(string format, params object[] arg) => error.Write(Format(format, arg));

    public void WriteErrorLine(string format, params object[] arg) => error.WriteLine(Format(format, arg));

    public void ResetColor()
    {
    }

    private static string Format(string format, object[]? arg) =>
        arg is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, format, arg) : format;
}
