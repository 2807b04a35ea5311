using System.Text;
using System.Xml;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Metadata;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class BundleMetadataTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(TestData.Checkout, "src/TdxRelease.Packages/Metadata/bundle.json"));

    [Fact]
    public void The_defaults_are_embedded_and_valid()
    {
        Assert.Equal("intel-tdx-module", BundleMetadata.Default.Name);
        Assert.Equal("non-free-firmware/admin", BundleMetadata.Default.Deb.Section);
        Assert.Equal(TdxRelease.Archives.Codecs.Compression.Xz, BundleMetadata.Default.Deb.Chosen);
    }

    [Theory]
    [InlineData("\"name\":", "\"nome\":", "nome")]
    [InlineData("\"name\":", "\"name\": \"x-y\", \"name\":", "name")]
    [InlineData("\"intel-tdx-module\"", "\"with space\"", "\"name\" is \"with space\"")]
    [InlineData("\"intel-tdx-module\"", "null", "Name")]
    [InlineData("\"deb\":", "\"modes\": { \"file\": \"0644\" }, \"deb\":", "modes")]
    [InlineData("\"compression\": \"xz\"", "\"compression\": \"bzip2\"", "\"deb.compression\" is \"bzip2\"")]
    [InlineData("tdxrel-bundle/1", "tdxrel-bundle/2", "\"format\" is \"tdxrel-bundle/2\"")]
    [InlineData("  \"homepage\"", "  // no\n  \"homepage\"", "bundle.json:5:")]
    [InlineData("runtime update\"", "runtime update.\"", "\"summary\"")]
    public void Wrong_files_are_refused(string from, string to, string message)
    {
        var e = Assert.Throws<TdxException>(() => BundleMetadata.Parse(Encoding.UTF8.GetBytes(Text.Replace(from, to, StringComparison.Ordinal))));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.StartsWith("bundle.json", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutations_end_in_bad_input_or_a_value() => Property.Check(500, (random, _) =>
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        try
        {
            Assert.NotNull(BundleMetadata.Parse(bytes));
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.BadInput, e.Code);
        }
    });

    [Fact]
    public void The_metainfo_is_well_formed_and_escapes()
    {
        var xml = AppStream.Build(SamplePackage.Spec() with { Summary = "Images & <more>" }, "org.example.tdx_module");
        var document = new XmlDocument();
        document.LoadXml(Encoding.UTF8.GetString(xml));
        Assert.Equal("Images & <more>", document.SelectSingleNode("/component/summary")!.InnerText);
        Assert.Throws<TdxException>(() => AppStream.Build(SamplePackage.Spec(), "no dots"));
    }
}
