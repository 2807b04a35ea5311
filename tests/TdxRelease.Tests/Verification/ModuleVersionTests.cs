using TdxRelease.Testing;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Verification;

public class ModuleVersionTests
{
    [Theory]
    [InlineData("1.5.05", "1.5.05")]
    [InlineData("1.5.5", "1.5.05")]
    [InlineData("2.0.118", "2.0.118")]
    [InlineData("0.0.0", "0.0.00")]
    [InlineData("65535.65535.65535", "65535.65535.65535")]
    public void Parses_and_prints_as_Linux_does(string text, string printed) => Assert.Equal(printed, ModuleVersion.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1.5")]
    [InlineData("1.5.")]
    [InlineData(".5.1")]
    [InlineData("1.5.05.1")]
    [InlineData("1.5.05 ")]
    [InlineData(" 1.5.05")]
    [InlineData("+1.5.05")]
    [InlineData("1.-5.05")]
    [InlineData("1.5.0x5")]
    [InlineData("1.5.65536")]
    [InlineData("1.5.000001")]
    [InlineData("1.000005.1")]
    [InlineData("1.12345.")]
    [InlineData("1.12345")]
    [InlineData("v1.5.05")]
    [InlineData("1,5,05")]
    [InlineData("１.5.05")]
    public void Refuses_everything_else(string text)
    {
        Assert.False(ModuleVersion.TryParse(text, out _));
        var error = Assert.Throws<FormatException>(() => ModuleVersion.Parse(text));
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_as_NuGet_does() => Property.Check(500, (random, size) =>
    {
        ModuleVersion Any() => new((ushort)random.Next(3), (ushort)random.Next(1 + (size / 20)), (ushort)random.Next(size));
        var (a, b) = (Any(), Any());
        Assert.Equal(Math.Sign(a.ToNuGet().CompareTo(b.ToNuGet())), Math.Sign(a.CompareTo(b)));
        Assert.Equal(a.ToNuGet() == b.ToNuGet(), a == b);
        var order = a.CompareTo(b);
        Assert.Equal((order < 0, order <= 0), (a < b, a <= b));
        Assert.Equal((order > 0, order >= 0), (a > b, a >= b));
        Assert.Equal(a, ModuleVersion.Parse(a.ToString()));
        Assert.Equal(a, ModuleVersion.Parse(a.ToSemVer()));
    });
}
