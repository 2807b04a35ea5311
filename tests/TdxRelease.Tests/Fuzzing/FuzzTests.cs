using System.Globalization;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Fuzzing;

public class FuzzTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names() => [.. FuzzTargets.All.Select(t => t.Name)];

    /// <summary>TDXREL_FUZZ_MINUTES makes the short run a long one; the build's Fuzz task sets it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_parser_survives_what_nobody_meant_for_it(string name)
    {
        var minutes = Environment.GetEnvironmentVariable("TDXREL_FUZZ_MINUTES");
        var result = string.IsNullOrEmpty(minutes)
            ? FuzzTargets.Run(name, 400, TimeSpan.FromSeconds(20), seed: 1)
            : FuzzTargets.Run(name, double.Parse(minutes, CultureInfo.InvariantCulture));
        output.WriteLine($"{result.Name}: {result.Runs} inputs, {result.Accepted} accepted, at most {result.LargestAllocation >> 10} KiB allocated, slowest {result.Slowest.TotalMilliseconds:0} ms");
        Console.WriteLine($"fuzz {result.Name}: {result.Runs} inputs, {result.Accepted} accepted, at most {result.LargestAllocation >> 10} KiB allocated, slowest {result.Slowest.TotalMilliseconds:0} ms");
        Assert.True(result.Runs >= FuzzTargets.Corpus(name).Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_corpus_is_there_and_holds_something_that_is_accepted(string name)
    {
        var corpus = FuzzTargets.Corpus(name);
        Assert.True(corpus.Count >= 2, $"{name}: {corpus.Count} entries");
        Assert.All(corpus, c => Assert.NotEmpty(c));
        Assert.Contains(corpus, c => FuzzTargets.Find(name).Run(c));
    }

    [Fact]
    public void Every_corpus_folder_has_a_target() => Assert.Equal(
        FuzzTargets.All.Select(t => t.Name).Order(StringComparer.Ordinal),
        Directory.GetDirectories(Path.Combine(TestData.Checkout, "tests", "fixtures", "corpus")).Select(d => Path.GetFileName(d)!)
            .Order(StringComparer.Ordinal));

    [Fact]
    public void The_harness_notices_a_property_that_does_not_hold()
    {
        var e = Assert.Throws<InvalidOperationException>(() =>
            FuzzTargets.Run(new FuzzTarget("sigstruct", _ => throw new IndexOutOfRangeException("boom"), Text: false), 3,
            TimeSpan.FromSeconds(1), 1));
        Assert.Contains("boom", e.Message, StringComparison.Ordinal);
        var greedy = new FuzzTarget("sigstruct", _ => GC.AllocateUninitializedArray<byte>(65 << 20).Length == 0, Text: false);
        Assert.ThrowsAny<Exception>(() => FuzzTargets.Run(greedy, 1, TimeSpan.FromSeconds(5), 1));
    }

    /// <summary>Writes the corpus anew (TDXREL_UPDATE=1), else holds that it is there.</summary>
    [Fact]
    public void The_corpus_is_made_from_the_sample() => CorpusFiles.Check();
}
