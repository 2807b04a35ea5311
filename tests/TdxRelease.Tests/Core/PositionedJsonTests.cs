using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Tests.Core;

public class PositionedJsonTests
{
    [Fact]
    public void Values_know_where_they_stand()
    {
        var text = "{\n  \"a\": [1, \"é\", {\"b\": null}],\n\t\"c\": true\n}"u8.ToArray();
        var root = PositionedJson.Parse(text);
        var lines = new TextLines(text, "f");
        Assert.Equal(new Location("f", 1, 1), lines.At(root.Offset));
        Assert.Equal(new Location("f", 2, 3), lines.At(root["a"]!.Offset));
        Assert.Equal(new Location("f", 2, 12), lines.At(root["a"]!.Value.Items[1].Offset));
        Assert.Equal(new Location("f", 2, 18), lines.At(root["a"]!.Value.Items[2].Offset));
        Assert.Equal(new Location("f", 3, 7), lines.At(root["c"]!.Value.Offset));
        Assert.Equal("é", root["a"]!.Value.Items[1].Text);
        Assert.Null(root["d"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("[1,]")]
    [InlineData("// c\n1")]
    [InlineData("\ufeff{}")]
    [InlineData("'a'")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\udfff\": 1}")]
    [InlineData("\"a\nb\"")]
    public void What_is_not_strict_json_is_refused(string text) =>
        Assert.ThrowsAny<JsonException>(() => PositionedJson.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Broken_utf8_and_deep_nesting_are_refused()
    {
        Assert.ThrowsAny<JsonException>(() => PositionedJson.Parse([(byte)'"', 0xC3, (byte)'"']));
        Assert.ThrowsAny<JsonException>(() => PositionedJson.Parse(Encoding.UTF8.GetBytes(new string('[', 33) + new string(']', 33))));
        Assert.Equal(JsonKind.Array, PositionedJson.Parse(Encoding.UTF8.GetBytes(new string('[', 32) + new string(']', 32))).Kind);
    }

    [Fact]
    public void Both_members_of_a_name_that_is_given_twice_are_kept() =>
        Assert.Equal(["1", "2"], PositionedJson.Parse("{\"a\":1,\"a\":2}"u8).Members.Select(m => m.Value.Text));
}
