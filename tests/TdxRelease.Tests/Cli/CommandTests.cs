using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly string sample;

    public CommandTests()
    {
        sample = temp["sample"];
        Run.Tdxrel("sample", "create", sample).Ends(0);
    }

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_sample_is_the_same_each_time()
    {
        Run.Tdxrel("sample", "create", temp["again"]).Ends(0);
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories))
        {
            Assert.True(File.ReadAllBytes(file).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(temp["again"], Path.GetRelativePath(sample, file)))), file);
        }
    }

    [Fact]
    public void The_sample_verifies_under_its_own_policy_only()
    {
        Assert.Contains("12 of 12 modules verified", Run.Tdxrel("verify", sample, "--policy", "sample").Ends(0).Output,
            StringComparison.Ordinal);
        var refused = Run.Tdxrel("verify", sample).Ends(4);
        Assert.Contains("valid signature, unknown signer", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("0 of 12 modules verified", refused.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("separate_files/1.5/1.5.56/tdx_module_1.5.56.bin")]
    [InlineData("separate_files/1.5/1.5.56/tdx_module_1.5.56.sigstruct")]
    [InlineData("joined_files/1.5/tdx_module_1.5.56.blob")]
    public void A_flipped_byte_anywhere_is_exit_4_and_names_the_file(string path)
    {
        File.Delete(Path.Combine(sample, ".tdxrel", "snapshot.json"));
        var bytes = File.ReadAllBytes(Path.Combine(sample, path));
        foreach (var at in new[] { 0, 700, 1500, 2047, bytes.Length - 1 }.Where(a => a < bytes.Length))
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= 0x10;
            File.WriteAllBytes(Path.Combine(sample, path), flipped);
            Assert.Contains(path, Run.Tdxrel("verify", sample, "--policy", "sample").Ends(4).Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_snapshot_that_differs_from_its_record_is_exit_4()
    {
        File.AppendAllText(Path.Combine(sample, "mapping_file.json"), " ");
        Assert.Contains("mapping_file.json", Run.Tdxrel("verify", sample, "--policy", "sample").Ends(4).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("separate_files/1.5/1.5.56/tdx_module_1.5.56.bin", 3)]
    [InlineData("mapping_file.json", 3)]
    public void A_missing_file_is_bad_input(string path, int code)
    {
        File.Delete(Path.Combine(sample, ".tdxrel", "snapshot.json"));
        File.Delete(Path.Combine(sample, path));
        Assert.Contains(path, Run.Tdxrel("verify", sample, "--policy", "sample").Ends(code).Errors, StringComparison.Ordinal);
        Assert.Contains(path, Run.Tdxrel("validate", sample).Ends(code).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "MAP-001")]
    [InlineData("[]", "MAP-004")]
    [InlineData("""{"Header":{"Copyright":"","Info":"","Version":"1.0"},"tdx_module_releases":"""
        + """[{"version":"1.5","min_module_version_for_td_preserving":"1.5.01","min_seamldr_versions":["1.5.00"]"""
        + ""","tdx_feature0":"0x2"}]}""", "MAP-007")]
    public void A_bad_mapping_file_is_exit_3_with_line_and_column(string text, string rule)
    {
        var file = temp["mapping.json"];
        File.WriteAllText(file, text);
        var error = Run.Tdxrel("validate", file).Ends(3).Errors;
        Assert.Matches($@"^error: \S+mapping\.json:\d+:\d+: {rule}: ", error);
    }

    [Fact]
    public void A_symbolic_link_in_a_source_is_exit_3()
    {
        var path = Path.Combine(sample, "separate_files/1.5/1.5.56/tdx_module_1.5.56.bin");
        File.Move(path, temp["elsewhere"]);
        File.CreateSymbolicLink(path, temp["elsewhere"]);
        Assert.Contains("symbolic link", Run.Tdxrel("fetch", "--source", sample, "--lock", "none", "--out", temp["out"]).Ends(3).Errors,
            StringComparison.Ordinal);
        Assert.False(Path.Exists(temp["out"]));
    }

    [Fact]
    public void A_source_that_is_not_the_locked_one_is_exit_7_with_a_list()
    {
        var error = Run.Tdxrel("fetch", "--source", sample, "--lock", Path.Combine(TestData.Checkout, "upstream.lock.json"), "--out",
            temp["out"]).Ends(7).Errors;
        Assert.Contains("joined_files/1.5/tdx_module_1.5.16.blob", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_is_not_ours_is_overwritten()
    {
        Directory.CreateDirectory(temp["home"]);
        File.WriteAllText(temp["home/thesis.txt"], "years of work");
        Run.Tdxrel("sample", "create", temp["home"]).Ends(6);
        Run.Tdxrel("fetch", "--source", sample, "--lock", "none", "--out", temp["home"]).Ends(6);
        Assert.Equal("years of work", File.ReadAllText(temp["home/thesis.txt"]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2, "verify")]
    [InlineData(2, "nonsense")]
    [InlineData(2, "verify", "x", "--nonsense")]
    [InlineData(2, "image", "join", "--bin", "x")]
    [InlineData(2, "image", "join", "--bin", "x", "--sigstruct", "x", "--format", "v3", "--out", "y")]
    [InlineData(6, "verify", "/nonexistent/folder")]
    [InlineData(6, "validate", "/nonexistent/mapping.json")]
    public void Wrong_command_lines_end_in_the_documented_code_with_an_error_and_a_hint(int code, params string[] args)
    {
        var run = Run.Tdxrel(args).Ends(code);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void A_plan_answers_in_json_with_eligible_path_and_refused()
    {
        using var plan = JsonDocument.Parse(
            Run.Tdxrel("plan", sample, "--policy", "sample", "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.53", "--tier",
            "td-preserving", "--json").Ends(0).Output);
        Assert.NotEmpty(plan.RootElement.GetProperty("eligible").EnumerateArray());
        Assert.All(plan.RootElement.GetProperty("path").EnumerateArray(),
            step => Assert.Equal("td-preserving", step.GetProperty("tier").GetString()));
        Assert.All(plan.RootElement.GetProperty("refused").EnumerateArray(),
            refused => Assert.NotEmpty(refused.GetProperty("reasons").EnumerateArray()));
    }

    [Theory]
    [InlineData(3, "--cpu", "pentium", "--seamldr", "1.5.02", "--running", "1.5.53")]
    [InlineData(3, "--cpu", "0x806F8", "--seamldr", "1.5", "--running", "1.5.53")]
    [InlineData(3, "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.53", "--remaining", "-1")]
    [InlineData(3, "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.53", "--deny", "[1.5")]
    [InlineData(2, "--cpu", "0x806F8", "--seamldr", "1.5.02")]
    public void A_bad_plan_question_is_named(int code, params string[] args) =>
        Assert.StartsWith("error: --", Run.Tdxrel(["plan", sample, "--policy", "sample", .. args]).Ends(code).Errors,
            StringComparison.Ordinal);

    [Fact]
    public void A_fleet_is_planned_line_by_line_and_bad_rows_end_in_exit_3()
    {
        File.WriteAllText(temp["hosts.csv"],
            "host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.53,5\n"
                + "b,sierra-forest,oops,1.5.53,5\nc,granite-rapids,2.0.01,2.0.51,\n");
        var run = Run.Tdxrel("plan", sample, "--policy", "sample", "--inventory", temp["hosts.csv"], "--json").Ends(3);
        Assert.Equal(["a", "c"],
            run.Output.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("host").GetString()!));
        Assert.Contains("oops", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_join_and_inspect()
    {
        var part = Path.Combine(sample, "separate_files/1.5/1.5.56/tdx_module_1.5.56");
        foreach (var format in new[] { "v1", "v2" })
        {
            var image = temp[$"image.{format}"];
            Run.Tdxrel("image", "join", "--bin", $"{part}.bin", "--sigstruct", $"{part}.sigstruct", "--format", format, "--out", image)
                .Ends(0);
            Assert.Contains($"format           {format}", Run.Tdxrel("image", "inspect", image).Ends(0).Output, StringComparison.Ordinal);
        }

        File.WriteAllBytes(temp["short"], [1, 2, 3]);
        Run.Tdxrel("image", "inspect", temp["short"]).Ends(3);
        Run.Tdxrel("image", "join", "--bin", temp["short"], "--sigstruct", $"{part}.sigstruct", "--out", temp["never"]).Ends(3);
        Assert.False(File.Exists(temp["never"]));
    }

    [Fact]
    public void Every_command_has_help_with_an_example()
    {
        foreach (var command in new[] { "fetch", "sample create", "validate", "verify", "image join", "image inspect", "graph", "plan",
            "bundle", "audit" })
        {
            Assert.Contains("Example: tdxrel ", Run.Tdxrel([.. command.Split(' '), "--help"]).Ends(0).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Readme_documents_the_exit_codes()
    {
        var readme = File.ReadAllText(Path.Combine(TestData.Checkout, "README.md"));
        foreach (var code in Enum.GetValues<ExitCode>())
        {
            Assert.Matches($@"(?m)^\| {(int)code} \| ", readme);
        }
    }
}
