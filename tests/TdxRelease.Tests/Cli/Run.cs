using System.Text;
using TdxRelease.Cli;

namespace TdxRelease.Tests.Cli;

/// <summary>One run of the program, in this process.</summary>
internal sealed record Run(int Code, string Output, string Errors)
{
    public static Run Tdxrel(params string[] args)
    {
        using var output = new MemoryStream();
        using var errors = new StringWriter { NewLine = "\n" };
        var code = CommandLine.Run(args, output, errors);
        return new Run(code, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }

    /// <summary>Asserts the exit code, and that a failure says so in one error line.</summary>
    public Run Ends(int code)
    {
        Assert.True(code == Code, $"exit {Code}, want {code}\n{Errors}\n{Output}");
        return this;
    }
}
