using TdxRelease.Stages.Reuse;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Reuse;

public sealed class StageMemoryTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly SortedDictionary<string, string> inputs = new(StringComparer.Ordinal) { ["key"] = "k1", ["snapshot"] = "s1" };
    private readonly List<string> said = [];
    private int runs;

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_same_input_and_output_are_not_worked_on_twice()
    {
        var first = Run();
        said.Clear();
        var second = Run();
        Assert.Equal((false, true, 1), (first.Reused, second.Reused, runs));
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(["reused: bundle (same input, same tool)", "run 1"], said);
    }

    [Theory]
    [InlineData("snapshot", "s2")]
    [InlineData("key", "k2")]
    [InlineData("formats", "tar")]
    [InlineData("key", null)]
    public void Another_input_runs_again_and_is_named(string name, string? value)
    {
        Run();
        if (value is null)
        {
            inputs.Remove(name);
        }
        else
        {
            inputs[name] = value;
        }

        Assert.False(Run().Reused);
        Assert.Contains($"bundle runs again: {name} changed", said);
        Assert.True(Run().Reused);
    }

    [Fact]
    public void Every_change_of_the_output_runs_again()
    {
        (string Path, Action Change)[] changes =
        [
            ("a/one", () => Flip("out/a/one", 3)),
            ("two", () => Flip("out/two", 0)),
            ("two", () => File.Delete(temp["out/two"])),
            ("three", () => File.WriteAllText(temp["out/three"], "")),
            ("two", () => File.AppendAllText(temp["out/two"], "x")),
            ("two", () => File.Move(temp["out/two"], temp["out/other"])),
            ("", () => File.CreateSymbolicLink(temp["out/link"], "two")),
            ("", () => Directory.Delete(temp["out"], recursive: true)),
        ];
        Run();
        foreach (var (path, change) in changes)
        {
            change();
            said.Clear();
            Assert.False(Run().Reused);
            Assert.StartsWith("bundle runs again: ", said[0], StringComparison.Ordinal);
            Assert.EndsWith(" is not what it left", said[0], StringComparison.Ordinal);
            Assert.True(path.Length == 0 || path is "two" || said[0].Contains(path, StringComparison.Ordinal), said[0]);
            Assert.True(Run().Reused);
        }

        Assert.Equal(1 + changes.Length, runs);
    }

    [Fact]
    public void Any_damaged_byte_of_the_record_runs_again()
    {
        Run();
        var record = temp[".state/bundle.json"];
        var bytes = File.ReadAllBytes(record);
        for (var at = 0; at < bytes.Length; at += 7)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            File.WriteAllBytes(record, damaged);
            Assert.Null(new StageMemory(temp[".state"]).TryReuse("bundle", inputs, temp["out"], _ => { }));
        }

        File.WriteAllBytes(record, bytes[..^1]);
        Assert.False(Run().Reused);
    }

    [Fact]
    public void A_stage_that_fails_leaves_no_record()
    {
        var memory = new StageMemory(temp[".state"]);
        Assert.Throws<InvalidOperationException>(() => memory.Run("verify", inputs, null, _ => { }, _ => throw new InvalidOperationException()));
        Assert.Null(memory.TryReuse("verify", inputs, null, _ => { }));
    }

    [Fact]
    public void A_stage_without_output_goes_by_its_input_and_force_reuses_nothing()
    {
        var memory = new StageMemory(temp[".state"]);
        memory.Keep("verify", inputs, null, [new StageLine("done", Warning: true)]);
        var lines = new List<StageLine>();
        Assert.Equal(new StageOutcome(true, null), memory.TryReuse("verify", inputs, null, lines.Add));
        Assert.Equal(new StageLine("done", Warning: true), lines[^1]);
        Assert.Null(new StageMemory(temp[".state"], force: true).TryReuse("verify", inputs, null, _ => { }));
    }

    [Fact]
    public void The_tool_has_an_identity() => Assert.Matches("^[0-9a-f]{64}\\z", ToolId.Sha256);

    private StageOutcome Run() => new StageMemory(temp[".state"]).Run("bundle", inputs, temp["out"], line => said.Add(line.Text), say =>
    {
        runs++;
        if (Directory.Exists(temp["out"]))
        {
            Directory.Delete(temp["out"], recursive: true);
        }

        Directory.CreateDirectory(temp["out/a"]);
        File.WriteAllText(temp["out/a/one"], "one one");
        File.WriteAllText(temp["out/two"], "two");
        say(new StageLine($"run {runs}"));
    });

    private void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(temp[path]);
        bytes[at] ^= 1;
        File.WriteAllBytes(temp[path], bytes);
    }
}
