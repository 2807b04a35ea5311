using TdxRelease.Packages.Metadata;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class MetadataTests
{
    [Fact]
    public void Appstreamcli_accepts_the_metainfo()
    {
        using var temp = new TempFolder();
        File.WriteAllBytes(temp["org.example.tdx_module.metainfo.xml"],
            AppStream.Build(SamplePackage.Spec() with { License = "LicenseRef-Intel-Limited-Distribution" }, "org.example.tdx_module"));
        Tool.Run(temp.Path, "appstreamcli", "validate", "--no-net", "org.example.tdx_module.metainfo.xml").Ok();
    }

    [Theory]
    [InlineData("20250811-1", "20260210-1")]
    [InlineData("1.0rc1-1", "1.0-1")]
    [InlineData("1.0.a-1", "1.0-1")]
    [InlineData("1.01-1", "1.1-1")]
    [InlineData("1.0a-1", "1.0.1-1")]
    [InlineData("1.2-1", "1..2-1")]
    [InlineData("1a-1", "12-1")]
    [InlineData("20260210+x-1", "20260210-1")]
    [InlineData("20260210~1-1", "20260210-1")]
    public void Vercmp_agrees(string a, string b)
    {
        var want = int.Parse(Tool.Run("/", "vercmp", a, b).Ok().Output.Trim(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(want, Math.Sign(TdxRelease.Repositories.ArchVersionOrder.Compare(a, b)));
    }
}
