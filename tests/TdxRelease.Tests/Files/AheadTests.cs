using System.Collections.Concurrent;
using TdxRelease.Files;

namespace TdxRelease.Tests.Files;

public sealed class AheadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Results_come_in_the_order_of_the_pieces(int width)
    {
        var ahead = new Ahead(width);
        var pieces = Enumerable.Range(0, 20).Select(i => ahead.Add(() => i)).ToList();
        Assert.Equal(Enumerable.Range(0, 20), pieces.ConvertAll(ahead.Take));
    }

    // Each piece says that it began; none beyond the width does before one is taken.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void No_more_run_ahead_than_wanted(int width)
    {
        var ahead = new Ahead(width);
        var begun = new ConcurrentQueue<int>();
        var pieces = Enumerable.Range(0, 6).Select(i => ahead.Add(() =>
        {
            begun.Enqueue(i);
            return i;
        })).ToList();
        for (var taken = 0; taken < pieces.Count; taken++)
        {
            Assert.All(begun, i => Assert.True(i < taken + width, $"piece {i} began with {taken} taken"));
            Assert.Equal(taken, ahead.Take(pieces[taken]));
        }

        Assert.Equal(Enumerable.Range(0, 6), begun.Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_failure_is_told_as_it_was_thrown_and_the_others_go_on(int width)
    {
        var ahead = new Ahead(width);
        var bad = ahead.Add<int>(() => throw new InvalidDataException("bad"));
        var good = ahead.Add(() => 7);
        var last = ahead.Add(() => 8);
        Assert.Equal("bad", Assert.Throws<InvalidDataException>(() => ahead.Take(bad)).Message);
        Assert.Equal(7, ahead.Take(good));
        Assert.Equal(8, ahead.Take(last));
    }

    [Fact]
    public void A_result_is_taken_once_and_let_go_of()
    {
        var ahead = new Ahead(1);
        var piece = ahead.Add(() => 1);
        Assert.Equal(1, ahead.Take(piece));
        Assert.Throws<InvalidOperationException>(() => ahead.Take(piece));
    }
}
