using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

/// <summary>Wrong command lines, as people type them: one line says what and where, one what to do.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("", "error: tdxrel: no command is given\nhint: tdxrel knows: validate, verify,")]
    [InlineData("verfy ./x", "error: unknown word \"verfy\"\nhint: did you mean verify? tdxrel --help\n")]
    [InlineData("verify", "error: tdxrel verify: SNAPSHOT is missing\nhint: tdxrel verify --help\n")]
    [InlineData("verify ./x --polcy y", "error: unknown word \"--polcy\"\nhint: did you mean --policy? tdxrel verify --help\n")]
    [InlineData("report", "error: tdxrel report: no command is given\nhint: tdxrel report knows: html, reference-values\n")]
    [InlineData("graph ./x --format png",
        "error: --format: got \"png\", want text, json, svg, dot, mermaid, cincinnati\nhint: tdxrel graph --help\n")]
    [InlineData("plan ./x --tier fast", "error: --tier: got \"fast\", want ")]
    [InlineData("audit ./x --report pdf", "error: --report: got \"pdf\", want text, json, html\n")]
    [InlineData("report html ./x", "error: option '--out' is required\nhint: tdxrel report html --help\n")]
    [InlineData("keys create --out x --user-id y --bits many", "error: ")]
    public void A_wrong_command_line_ends_in_one_error_line_and_one_hint(string line, string beginning)
    {
        var run = Run.Tdxrel(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Ends(2);
        Assert.StartsWith(beginning, run.Errors, StringComparison.Ordinal);
        Assert.Matches("^error: [^\n]+[^.\n]\nhint: [^\n]+\n$", run.Errors);
    }

    [Fact]
    public void A_folder_may_be_called_like_the_command()
    {
        Says(6, "error: \"verify\": no such directory", "verify", "verify");
        Says(6, "no such directory", "plan", "./plan", "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.05");
        Says(2, "error: unknown word \"verify\"", "verify", "verify", "verify");
    }

    [Fact]
    public void Help_is_shown_wherever_it_is_asked_for()
    {
        foreach (var line in new[] { "--help", "plan -h", "image join -?" })
        {
            var run = Run.Tdxrel(line.Split(' ')).Ends(0);
            Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
            Assert.Contains("--help", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Wrong_inputs_are_named_and_hints_say_what_to_do()
    {
        using var temp = new TempFolder();
        Run.Tdxrel("sample", "create", temp["s"]).Ends(0);
        File.WriteAllText(temp["hosts.csv"], "a,b\n1,2\n");
        Says(3, $"error: {temp["hosts.csv"]}: row 1: the header is \"a,b\": it lacks column \"host\"", "plan", temp["s"], "--policy",
            "sample", "--inventory", temp["hosts.csv"]);
        Says(5, "hint: it has modules for ", "graph", temp["s"], "--policy", "sample", "--cpu", "0x99999");
        Says(5, "hint: their loaders are ", "graph", temp["s"], "--policy", "sample", "--seamldr", "0.9.00");
        Says(2, "hint: name one: --cpu ", "graph", temp["s"], "--policy", "sample", "--format", "svg");
        Says(6, "hint: name a directory in upstream's layout", "verify", temp["no"]);
        Says(6, $"error: \"{temp["no"]}\": no such file or directory", "audit", temp["no"], "--allow-unsigned");
    }

    private static void Says(int code, string line, params string[] arguments) =>
        Assert.Contains(line, Run.Tdxrel(arguments).Ends(code).Errors, StringComparison.Ordinal);
}
