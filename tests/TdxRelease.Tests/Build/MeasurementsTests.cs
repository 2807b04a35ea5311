using TdxRelease.Build;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

/// <summary>The records of the runs that are too long for CI.</summary>
public class MeasurementsTests
{
    private static readonly MeasuredArea Area = new("0123456789012345678901234567890123456789", "2026-11-27", 12, 9, 2);

    [Fact]
    public void A_record_comes_back_sorted_as_it_was_written()
    {
        using var temp = new TempFolder();
        var type = Measurements.Default.DictionaryStringMeasuredArea;
        Measurements.Write(temp["m.json"], new() { ["b"] = Area, ["B-"] = Area, ["a"] = Area with { Noticed = 10 } }, type);
        var read = Measurements.Read(temp["m.json"], type);
        Assert.Equal(["B-", "a", "b"], read.Keys);
        Assert.Equal(Area, read["b"]);
        Assert.Equal((90.0, 100.0), (read["b"].Score, read["a"].Score));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":{}}")]
    [InlineData("{\"a\":{\"date\":\"\",\"seconds\":1,\"executions\":1,\"edges\":1,\"inputs\":1,\"more\":1}}")]
    public void What_is_no_record_is_no_empty_one(string text)
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["m.json"], text);
        Assert.Equal(ExitCode.InternalError, Assert.Throws<TdxException>(
            () => Measurements.Read(temp["m.json"], Measurements.Default.DictionaryStringMeasuredParser)).Code);
    }
}
