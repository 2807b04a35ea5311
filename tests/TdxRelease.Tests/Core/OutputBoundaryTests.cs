using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Core;

/// <summary>What an output may be named, and what it is kept apart from.</summary>
public sealed class OutputBoundaryTests
{
    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_part_of_a_path_has_at_most_255_characters(int length, bool safe) =>
        Assert.Equal(safe, SafePath.IsSafe("d/" + new string('a', length)));

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_path_has_at_most_1024_characters(int length, bool safe) =>
        Assert.Equal(safe, SafePath.IsSafe(string.Join('/', Enumerable.Repeat(new string('a', 127), 8)) + new string('b', length - 1023)));

    [Fact]
    public void As_many_links_are_followed_as_the_kernel_follows()
    {
        using var temp = new TempFolder();
        for (var i = 1; i <= 41; i++)
        {
            File.CreateSymbolicLink(temp[$"{i}"], i == 1 ? "end" : $"{i - 1}");
        }

        Assert.EndsWith("/end", OutputPath.Final(temp["40"]), StringComparison.Ordinal);
        Assert.Contains("too many symbolic links", Assert.Throws<TdxException>(() => OutputPath.Final(temp["41"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_is_neither_its_input_nor_above_it_but_may_stand_beside_it()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["in/inner"]);
        OutputPath.RequireApart(temp["i"], temp["in"]);
        OutputPath.RequireApart(temp["in/inner/out"], temp["in"]);
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => OutputPath.RequireApart(temp["in"], temp["in"])).Code);
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => OutputPath.RequireApart(temp["in"], temp["in/inner"])).Code);
    }

    [Fact]
    public void A_folder_with_one_foreign_file_is_not_taken()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["out"]);
        Assert.Empty(OutputGuard.Require(temp["out"]).Entries);
        File.WriteAllText(temp["out/mine"], "");
        Assert.Contains("it contains \"mine\"", Assert.Throws<TdxException>(() => OutputGuard.Require(temp["out"])).Message,
            StringComparison.Ordinal);
    }
}
