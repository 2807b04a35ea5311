using System.Text;
using System.Xml;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Packaging;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class BundleMetadataTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(TestData.Checkout, "src/TdxRelease.Packages/Metadata/bundle.json"));

    [Fact]
    public void The_defaults_are_embedded_and_valid()
    {
        Assert.Equal("intel-tdx-module", BundleMetadata.Default.Name);
        Assert.Equal("non-free-firmware/admin", BundleMetadata.Default.Of(DistributionFormats.Deb).Section);
        Assert.Equal(TdxRelease.Archives.Codecs.Compression.Xz, BundleMetadata.Default.Of(DistributionFormats.Deb).Chosen);
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
        var e = Assert.Throws<TdxException>(() =>
            BundleMetadata.Parse(Encoding.UTF8.GetBytes(Text.Replace(from, to, StringComparison.Ordinal))));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.StartsWith("bundle.json", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_file_does_not_say_of_a_format_is_the_default()
    {
        var start = Text.IndexOf("  \"deb\":", StringComparison.Ordinal);
        var general = BundleMetadata.Parse(Encoding.UTF8.GetBytes($"{Text[..start].TrimEnd().TrimEnd(',')}\n}}\n"));
        Assert.Empty(general.Formats);
        foreach (var format in PackageFormats.All.OfType<DistributionFormat>())
        {
            Assert.Same(format.Defaults, general.Of(format));
        }
    }

    [Fact]
    public void Every_key_but_the_format_may_be_left_out()
    {
        var least = BundleMetadata.Parse(
            "{\"format\":\"tdxrel-bundle/1\",\"deb\":{\"suite\":\"noble\",\"depends\":[\"kmod (>= 30) | busybox\"]},\"rpm\":{}}"u8);
        Assert.Equal(BundleMetadata.Default.Summary, least.Summary);
        var deb = least.Of(DistributionFormats.Deb);
        Assert.Equal(("noble", "unstable", "non-free-firmware/admin"), (deb.Suite, deb.Distribution, deb.Section));
        Assert.Equal(["kmod (>= 30) | busybox"], deb.Depends);
        Assert.Equal("zstd", least.Of(PackageFormats.All.OfType<DistributionFormat>().Single(f => f.Name == "rpm")).Compression);
        Assert.Equal(Text, TdxRelease.Tests.Cli.Run.Tdxrel("bundle", "--print-metadata").Ends(0).Output);
        TdxRelease.Tests.Cli.Run.Tdxrel("bundle").Ends(2);
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
