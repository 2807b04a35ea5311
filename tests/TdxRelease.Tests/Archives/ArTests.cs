using TdxRelease.Archives;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

public sealed class ArTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1_770_681_600);

    [Fact]
    public void What_is_written_is_read_back() => Property.Check(100, (random, size) =>
    {
        var members = Members(random, 1 + (size % 9));
        var back = ArReader.Read(Write(members), "x.deb");
        Assert.Equal(members.Select(m => m.Name), back.Select(m => m.Name));
        Assert.All(members.Zip(back), pair => Assert.Equal(pair.First.Content, pair.Second.Content.ToArray()));
    });

    [Fact]
    public void Mutations_end_in_bad_input_or_a_list() => Property.Check(2000, (random, size) =>
    {
        var bytes = Write(Members(random, 1 + (size % 5)));
        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        bytes = random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
        try
        {
            Assert.NotNull(ArReader.Read(bytes, "x.deb"));
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.BadInput, e.Code);
        }
    });

    [Fact]
    public void Twofold_members_and_lies_about_sizes_are_refused()
    {
        var twice = Write([("a", [1]), ("A", [2])]);
        Assert.Equal("x.deb: entry \"A\": stands twice", Assert.Throws<TdxException>(() => ArReader.Read(twice, "x.deb")).Message);
        var lie = Write([("a", [1, 2])]);
        "999"u8.CopyTo(lie.AsSpan(8 + 48));
        Assert.Equal("x.deb: entry \"a\": says 999 bytes, 2 are left",
            Assert.Throws<TdxException>(() => ArReader.Read(lie, "x.deb")).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("sixteen-letters-")]
    public void A_name_that_does_not_fit_is_refused(string name) =>
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => Write([(name, [1])])).Code);

    private static byte[] Write(IEnumerable<(string Name, byte[] Content)> members)
    {
        using var stream = new MemoryStream();
        var writer = new ArWriter(stream, Time);
        foreach (var (name, content) in members)
        {
            writer.Write(name, content);
        }

        return stream.ToArray();
    }

    private static List<(string Name, byte[] Content)> Members(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ($"m{i}", CompressorTests.Data(random, random.Next(200))))];
}
