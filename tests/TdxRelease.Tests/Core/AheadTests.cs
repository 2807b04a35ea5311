using TdxRelease.Core.Files;

namespace TdxRelease.Tests.Core;

public sealed class AheadTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1000)]
    [InlineData(100, 3)]
    public void Results_come_in_the_order_of_the_pieces(int workers, long limit)
    {
        var ahead = new Ahead(workers, limit);
        var pieces = Enumerable.Range(0, 50).Select(i => ahead.Add(() => i, _ => 1)).ToList();
        Assert.Equal(Enumerable.Range(0, 50), pieces.ConvertAll(ahead.Take));
    }

    [Fact]
    public void No_more_run_at_a_time_than_there_are_workers()
    {
        var ahead = new Ahead(3, long.MaxValue);
        var (now, most) = (0, 0);
        var pieces = Enumerable.Range(0, 40).Select(i => ahead.Add(() =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            Thread.Yield();
            return Interlocked.Decrement(ref now);
        })).ToList();
        pieces.ForEach(p => ahead.Take(p));
        Assert.InRange(most, 1, 3);
    }

    // With one worker pieces end one after the other: each looks at how many before it wait to be taken.
    [Fact]
    public void Nothing_begins_while_too_much_waits()
    {
        var ahead = new Ahead(1, 10);
        var (done, taken, most) = (0, 0, 0);
        var pieces = Enumerable.Range(0, 30).Select(_ => ahead.Add(
            () =>
            {
                InterlockedMax(ref most, Volatile.Read(ref done) - Volatile.Read(ref taken));
                return Interlocked.Increment(ref done);
            },
            _ => 4)).ToList();
        foreach (var piece in pieces)
        {
            // Counted before it is let go of, so that what is seen to wait is at most what waits.
            Interlocked.Increment(ref taken);
            ahead.Take(piece);
        }

        // Three weigh 12, which is more than 10.
        Assert.InRange(most, 0, 2);
        Assert.Equal(30, done);
    }

    [Fact]
    public void A_failure_is_told_as_it_was_thrown_and_the_others_go_on()
    {
        var ahead = new Ahead(1, 0);
        var bad = ahead.Add<int>(() => throw new InvalidDataException("bad"), _ => 100);
        var good = ahead.Add(() => 7, _ => 100);
        var last = ahead.Add(() => 8, _ => 100);
        Assert.Equal("bad", Assert.Throws<InvalidDataException>(() => ahead.Take(bad)).Message);
        Assert.Equal(7, ahead.Take(good));
        Assert.Equal(8, ahead.Take(last));
    }

    [Fact]
    public void A_result_is_taken_once()
    {
        var ahead = new Ahead(1, 0);
        var piece = ahead.Add(() => 1);
        Assert.Equal(1, ahead.Take(piece));
        Assert.Throws<InvalidOperationException>(() => ahead.Take(piece));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
