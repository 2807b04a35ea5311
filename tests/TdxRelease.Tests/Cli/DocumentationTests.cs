using System.CommandLine;
using TdxRelease.Build;
using TdxRelease.Cli;
using TdxRelease.Cli.Documentation;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

public sealed class DocumentationTests
{
    [Fact]
    public void The_manual_page_has_every_command_and_option()
    {
        var page = Run.Tdxrel("man").Ends(0).Output;
        foreach (var command in Commands())
        {
            Assert.Contains($".SS {Roff(command.Path)}", page, StringComparison.Ordinal);
            Assert.All(command.Command.Options, o => Assert.Contains(Roff(o.Name), page, StringComparison.Ordinal));
        }

        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Contains($".B {(int)code}\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_completion_has_every_command_and_option()
    {
        var lines = Run.Tdxrel("completion").Ends(0).Output.Split('\n');
        foreach (var command in Commands())
        {
            var words = Assert.Single(lines, l => l.StartsWith($"    '{command.Path}') words=", StringComparison.Ordinal));
            Assert.All(command.Command.Options, o => Assert.Contains(o.Name, words, StringComparison.Ordinal));
            Assert.All(command.Command.Subcommands, c => Assert.Contains(c.Name, words, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_completions_of_zsh_and_fish_have_every_command_and_option()
    {
        var (zsh, fish) = (Run.Tdxrel("completion", "zsh").Ends(0).Output, Run.Tdxrel("completion", "fish").Ends(0).Output.Split('\n'));
        foreach (var command in Commands())
        {
            var function = zsh.Split($"\n_{command.Path.Replace(' ', '_')}() {{\n")[1].Split("\n}\n")[0];
            var lines = fish.Where(l => l.Contains($"__fish_seen_subcommand_from {command.Command.Name}", StringComparison.Ordinal))
                .ToList();
            Assert.All(command.Command.Options, o => Assert.Contains($"{o.Name}[", function, StringComparison.Ordinal));
            Assert.All(command.Command.Options,
                o => Assert.Contains(lines, l => l.Contains($" -l {o.Name[2..]} ", StringComparison.Ordinal)));
            Assert.All(command.Command.Subcommands, c => Assert.Contains($"'{c.Name}:", function, StringComparison.Ordinal));
            Assert.All(command.Command.Subcommands,
                c => Assert.Contains(lines, l => l.Contains($" -a {c.Name} ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_shell_without_completion_is_a_usage_error() => Run.Tdxrel("completion", "tcsh").Ends(2);

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public void The_native_programs_lock_the_same_packages(string runtime)
    {
        var folder = Path.Combine(TestData.Checkout, "src", "TdxRelease.Cli");
        var native = OwnSbom.Packages(Path.Combine(folder, $"packages.{runtime}.lock.json"));
        Assert.True(OwnSbom.Packages(Path.Combine(folder, "packages.lock.json")).SequenceEqual(native),
            $"dotnet restore src/TdxRelease.Cli --force-evaluate -p:TdxrelNative={runtime}");
        Assert.DoesNotContain(native,
            p => p.Name.Contains("ILCompiler", StringComparison.Ordinal) || p.Name.Contains("ILLink", StringComparison.Ordinal));
    }

    [Fact]
    public void The_runtime_is_the_one_that_was_restored()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["a.json"],
            """{"project":{"frameworks":{"net10.0":{"downloadDependencies":[{"name":"Other","version":"[1.0.0, 1.0.0]"},"""
                + """{"name":"Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64","version":"[10.0.12, 10.0.12]"}]}}}}""");
        Assert.Equal(("Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64", "10.0.12"), OwnNotices.Runtime(temp["a.json"], "linux-x64"));
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => OwnNotices.Runtime(temp["a.json"], "linux-arm64")).Code);
    }

    private static readonly (string Name, string Version) Runtime = ("Example.Runtime", "10.0.0");

    [Fact]
    public void The_notices_name_every_holder_and_hold_every_text()
    {
        using var temp = new TempFolder();
        void Package(string name, string metadata, string? license)
        {
            var folder = Directory.CreateDirectory(Path.Combine(temp.Path, name, "1.0.0")).FullName;
            File.WriteAllText(Path.Combine(folder, $"{name}.nuspec"), $"<package xmlns='x'><metadata>{metadata}</metadata></package>");
            if (license is not null)
            {
                File.WriteAllText(Path.Combine(folder, "LICENSE.TXT"), license);
            }
        }

        Package("with.text", "<license type='expression'>MIT</license><authors>A</authors>", "Its own words");
        Package("mit", "<license type='expression'>MIT</license><copyright>Copyright B</copyright>", null);
        Package("apache", "<license type='expression'>Apache-2.0</license><authors>C</authors>", null);
        Package("other", "<license type='expression'>WTFPL</license><authors>D</authors>", null);
        var checkout = TestData.Checkout;
        var text = System.Text.Encoding.UTF8.GetString(
            OwnNotices.Write([("With.Text", "1.0.0"), ("mit", "1.0.0"), ("apache", "1.0.0")], temp.Path, checkout));
        foreach (var part in new[] { "With.Text 1.0.0: MIT; A\n", "mit 1.0.0: MIT; Copyright B\n", "Its own words",
            "Permission is hereby granted", "TERMS AND CONDITIONS FOR USE" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.BadInput,
            Assert.Throws<TdxException>(() => OwnNotices.Write([("other", "1.0.0")], temp.Path, checkout)).Code);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => OwnNotices.Write([("gone", "1.0.0")], temp.Path, checkout)).Code);
    }

    [Fact]
    public void The_bill_of_materials_has_every_package_of_the_lock_file()
    {
        var file = Path.Combine(TestData.Checkout, "src", "TdxRelease.Cli", "packages.lock.json");
        var time = DateTimeOffset.UnixEpoch;
        using var json = System.Text.Json.JsonDocument.Parse(OwnSbom.Write(file, "0.1.0", time, Runtime));
        var names = json.RootElement.GetProperty("components").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ToList();
        Assert.Equal(["BouncyCastle.Cryptography", "Example.Runtime", "NuGet.Versioning", "Octokit", "System.CommandLine"],
            names.Order(StringComparer.Ordinal));
        Assert.Equal(OwnSbom.Write(file, "0.1.0", time, Runtime), OwnSbom.Write(file, "0.1.0", time, Runtime));
        var direct = json.RootElement.GetProperty("dependencies").EnumerateArray().First(d => d.GetProperty("ref").GetString() == "tdxrel")
            .GetProperty("dependsOn").EnumerateArray().Select(d => d.GetString()!.Split('@')[0]);
        Assert.Equal(["pkg:nuget/BouncyCastle.Cryptography", "pkg:nuget/Example.Runtime", "pkg:nuget/NuGet.Versioning", "pkg:nuget/Octokit",
            "pkg:nuget/System.CommandLine"], direct);
    }

    [Fact]
    public void A_file_that_is_no_lock_file_gives_no_bill()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["x.json"], "{}");
        Assert.Equal(ExitCode.BadInput,
            Assert.Throws<TdxException>(() => OwnSbom.Write(temp["x.json"], "0.1.0", DateTimeOffset.UnixEpoch, Runtime)).Code);
    }

    private static IEnumerable<NamedCommand> Commands()
    {
        using var output = new MemoryStream();
        using var writer = new StreamWriter(output);
        using var errors = new StringWriter();
        return [.. CommandTree.All(CommandLine.Root(new Terminal(output, writer, errors))).Skip(1)];
    }

    private static string Roff(string text) => text.Replace("-", "\\-", StringComparison.Ordinal);
}
