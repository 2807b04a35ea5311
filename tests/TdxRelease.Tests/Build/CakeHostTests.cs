using TdxRelease.Build.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Verification;

namespace TdxRelease.Tests.Build;

public sealed class CakeHostTests
{
    [Fact]
    public void Dependencies_run_first_and_once()
    {
        var run = Run();

        Assert.Equal(0, run.Code);
        Assert.Equal(["Early", "First  False", "Second"], run.Ran);
        Assert.Contains("Total:", run.Console.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--exclusive")]
    [InlineData("-e")]
    [InlineData("--exclusive=true")]
    public void Exclusive_runs_the_target_alone(string flag) => Assert.Equal(["Second"], Run("--target=Second", flag).Ran);

    [Fact]
    public void Several_targets_run_each_task_once() =>
        Assert.Equal(["Early", "First  False", "Second"], Run("-t", "second", "--target=Early").Ran);

    [Fact]
    public void A_task_that_should_not_run_is_skipped()
    {
        var run = Run("--target=AfterNever");

        Assert.Equal(0, run.Code);
        Assert.Equal(["AfterNever"], run.Ran);
    }

    [Fact]
    public void A_target_that_should_not_run_is_an_error_as_in_Cake()
    {
        var run = Run("--target=Never");

        Assert.Equal(1, run.Code);
        Assert.Contains("Could not reach target 'Never'", run.Console.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--fruit=pear", "--loud")]
    [InlineData("--fruit", "pear", "--loud=true")]
    [InlineData("--FRUIT=pear", "--Loud")]
    public void Declared_arguments_reach_the_tasks(params string[] args) =>
        Assert.Equal("First pear True", Run([.. args, "--target=First", "-e"]).Ran.Single());

    [Fact]
    public void A_dry_run_names_the_order_and_runs_nothing()
    {
        var run = Run("--dryrun");

        Assert.Equal(0, run.Code);
        Assert.Empty(run.Ran);
        Assert.Equal(["1. Early", "2. First", "3. Second", "4. Default"], Lines(run.Console.Output).Where(line => char.IsDigit(line[0])));
    }

    [Fact]
    public void The_tree_shows_what_each_task_needs()
    {
        var run = Run("--tree");

        Assert.Empty(run.Ran);
        Assert.Contains("Default\n├─First\n│ └─Early\n└─Second\n  └─First\n    └─Early\n", run.Console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\nFirst\n", run.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_description_lists_every_task()
    {
        var run = Run("--description");

        Assert.Empty(run.Ran);
        Assert.Contains("  First         Runs before the others\n", run.Console.Output, StringComparison.Ordinal);
        Assert.Contains("  Second\n", run.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_lists_the_declared_arguments()
    {
        var run = Run("--help");

        Assert.Equal(0, run.Code);
        Assert.Matches(@"--fruit=VALUE +a word\n", run.Console.Output);
        Assert.Matches(@"--loud +a flag\n", run.Console.Output);
    }

    [Theory]
    [InlineData("unknown argument \"--fruits\"", "--fruit, --help", "--fruits=pear")]
    [InlineData("unknown argument \"-x\"", "--fruit, --help", "-x")]
    [InlineData("unknown argument \"Test\"", "--fruit, --help", "Test")]
    [InlineData("unknown target \"Frist\"", "Default, Early, First", "--target=Frist")]
    [InlineData("--fruit needs a value", "--fruit=VALUE", "--fruit")]
    [InlineData("--fruit needs a value", "--fruit=VALUE", "--fruit=")]
    [InlineData("--fruit needs a value", "--fruit=VALUE", "--fruit", "--loud")]
    [InlineData("--fruit is given twice", "", "--fruit=a", "--fruit=b")]
    [InlineData("--loud: got \"maybe\", want true, false or nothing", "", "--loud=maybe")]
    [InlineData("--verbosity: got \"noisy\"", "", "-v", "noisy")]
    [InlineData("--count: got \"0\", want a whole number above 0", "", "--count=0")]
    [InlineData("--colour: got \"pink\", want red or green", "", "--colour", "pink")]
    [InlineData("the working directory \"/nowhere\" does not exist", "", "--working=/nowhere")]
    public void A_wrong_command_line_ends_in_2_and_names_what_is_right(string error, string hint, params string[] args)
    {
        var run = Run(args);

        Assert.Equal(2, run.Code);
        Assert.Empty(run.Ran);
        Assert.StartsWith($"error: {error}", run.Console.Error, StringComparison.Ordinal);
        Assert.Contains(hint, run.Console.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expected_failure_ends_in_its_own_code_with_hint_and_without_a_trace()
    {
        var run = Run("--target=Refused");

        Assert.Equal(5, run.Code);
        Assert.Equal(["Finally"], run.Ran);
        Assert.EndsWith("error: no path {0} from \"1.5.05\"\nhint: take a reboot\n", run.Console.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Console.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expected_failure_of_an_asynchronous_task_keeps_its_code()
    {
        var run = Run("--target=RefusedLater");

        Assert.Equal(7, run.Code);
        Assert.EndsWith("error: differs\n", run.Console.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_other_exception_ends_in_1()
    {
        var run = Run("--target=Broken");

        Assert.Equal(1, run.Code);
        Assert.Contains("error: a defect\n", run.Console.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Console.Error, StringComparison.Ordinal);
        Assert.Contains("   at ", Run("--target=Broken", "--verbosity=diagnostic").Console.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_before_the_first_task_ends_in_1_and_is_printed_once()
    {
        var console = new RecordingConsole();

        var code = BuildProgram.Run<BrokenContext>([], console, host => host.AddAssembly(typeof(BrokenContext).Assembly));

        Assert.Equal(1, code);
        Assert.Equal("Error: no context\n", console.Error);
    }

    [Fact]
    public void A_folder_that_cannot_be_found_keeps_its_code()
    {
        var console = new RecordingConsole();

        var code = BuildProgram.Run<SampleContext>([], console,
            _ => throw new TdxException(ExitCode.Usage, "no Tools.sln", "run it inside a checkout"));

        Assert.Equal(2, code);
        Assert.Equal("error: no Tools.sln\nhint: run it inside a checkout\n", console.Error);
    }

    [Fact]
    public void A_task_that_handles_its_error_lets_the_build_pass()
    {
        var run = Run("--target=Mended");

        Assert.Equal(0, run.Code);
        Assert.Equal(["OnError a defect"], run.Ran);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static (int Code, List<string> Ran, RecordingConsole Console) Run(params string[] args)
    {
        var ran = new List<string>();
        SampleContext.Ran.Value = ran;
        var console = new RecordingConsole();
        var code = BuildProgram.Run<SampleContext>(args, console, host => host.AddAssembly(typeof(SampleContext).Assembly));
        return (code, ran, console);
    }
}
