using TdxRelease.Fuzz;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Fuzzing;

public class FuzzTests(ITestOutputHelper output)
{
    private static string CorpusFolder => Path.Combine(TestData.Checkout, "tests", "fixtures", "corpus");

    public static TheoryData<string> Names() => [.. FuzzTargets.All.Select(t => t.Name)];

    /// <summary>A short run of blind mutation, the same in every run; ./build.sh --target=Fuzz is the long one.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_parser_survives_what_nobody_meant_for_it(string name)
    {
        var corpus = CorpusOf(name);
        var result = BlindFuzzer.Run(FuzzTargets.Find(name), corpus, 400, TimeSpan.FromSeconds(20), seed: 1);
        output.WriteLine(result.ToString());
        Assert.True(result.Runs >= corpus.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_corpus_is_there_and_holds_something_that_is_accepted(string name)
    {
        var corpus = CorpusOf(name);
        Assert.True(corpus.Count >= 2, $"{name}: {corpus.Count} entries");
        Assert.All(corpus, c => Assert.NotEmpty(c));
        Assert.Contains(corpus, c => Contract.Check(FuzzTargets.Find(name), c).Accepted);
    }

    [Fact]
    public void Every_corpus_folder_has_a_target() => Assert.Equal(
        FuzzTargets.All.Select(t => t.Name).Order(StringComparer.Ordinal),
        Directory.GetDirectories(CorpusFolder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal));

    [Fact]
    public void The_harness_notices_a_property_that_does_not_hold()
    {
        var throws = new FuzzTarget("sigstruct", _ => throw new IndexOutOfRangeException("boom"), Text: false);
        var e = Assert.Throws<FuzzException>(() => BlindFuzzer.Run(throws, [[1]], 3, TimeSpan.FromSeconds(1), 1));
        Assert.Contains("boom", e.Message, StringComparison.Ordinal);
        var greedy = new FuzzTarget("sigstruct", _ => GC.AllocateUninitializedArray<byte>(65 << 20).Length == 0, Text: false);
        Assert.Contains("bytes allocated", Assert.Throws<FuzzException>(() => Contract.Check(greedy, [])).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Writes the corpus anew (TDXREL_UPDATE=1), else holds that it is there.</summary>
    [Fact]
    public void The_corpus_is_made_from_the_sample() => CorpusFiles.Check();

    private static IReadOnlyList<byte[]> CorpusOf(string name) => Corpus.Read(Path.Combine(CorpusFolder, name));
}
