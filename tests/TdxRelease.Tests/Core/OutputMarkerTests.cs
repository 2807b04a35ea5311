using System.Text;
using TdxRelease.Core.Files;

namespace TdxRelease.Tests.Core;

public sealed class OutputMarkerTests
{
    private static readonly string One = new('1', 64);
    private static readonly string Two = new('2', 64);

    [Fact]
    public void The_list_is_sorted_by_ordinal_path_and_comes_back()
    {
        var bytes = OutputMarker.Of([new OutputEntry("b", 20, Two), new OutputEntry("B/a  c", 1, One)]);
        Assert.Equal($"tdxrel-output 1\n{One}  1  B/a  c\n{Two}  20  b\n", Encoding.UTF8.GetString(bytes));
        Assert.True(OutputMarker.TryParse(bytes, out var entries));
        Assert.Equal([new OutputEntry("B/a  c", 1, One), new OutputEntry("b", 20, Two)], entries);
        Assert.True(OutputMarker.TryParse(OutputMarker.Of([]), out entries));
        Assert.Empty(entries);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tdxrel-output 1")]
    [InlineData("tdxrel-output 2\n")]
    [InlineData("tdxrel-output 1\r\n")]
    [InlineData("tdxrel-output 1\n\n")]
    [InlineData("tdxrel-output 1\n$  1  ../a\n")]
    [InlineData("tdxrel-output 1\n$  1  /a\n")]
    [InlineData("tdxrel-output 1\n$  01  a\n")]
    [InlineData("tdxrel-output 1\n$  -1  a\n")]
    [InlineData("tdxrel-output 1\n$ 1  a\n")]
    [InlineData("tdxrel-output 1\n$  1  a")]
    [InlineData("tdxrel-output 1\n$  1  b\n$  1  a\n")]
    [InlineData("tdxrel-output 1\n$  1  a\n$  1  a\n")]
    [InlineData("tdxrel-output 1\nX$  1  a\n")]
    public void Anything_else_is_no_list(string text) =>
        Assert.False(OutputMarker.TryParse(Encoding.UTF8.GetBytes(text.Replace("$", One, StringComparison.Ordinal)), out _));
}
