using TdxRelease.Archives.Codecs;
using TdxRelease.Packages.Rpm;
using TdxRelease.SourcePackages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class RpmSourceTests(RpmFixture fixture) : IClassFixture<RpmFixture>
{
    [Fact]
    public void Rpmbuild_rebuilds_the_source_package_to_the_same_files()
    {
        var top = fixture.NewFolder("rebuild");
        Tool.Run(top, "rpmbuild", "-D", $"_topdir {top}", "--rebuild", fixture.File(fixture.Source.FileName)).Ok();
        AssertSameFiles(top);
    }

    [Fact]
    public void Rpmbuild_rebuilds_from_fetched_files_to_the_same_files()
    {
        var top = fixture.NewFolder("refetch");
        Fetch(top);
        Tool.Run(top, "rpmbuild", "-D", $"_topdir {top}", "--rebuild", fixture.File(fixture.NoSource.FileName)).Ok();
        AssertSameFiles(top);
    }

    [Theory]
    [InlineData("BINARIES_LICENSE")]
    [InlineData("separate_files_1.5.05_tdx_module_1.5.05.bin")]
    public void Rpmbuild_stops_when_a_fetched_file_is_another(string file)
    {
        var top = fixture.NewFolder($"changed-{file}");
        Fetch(top);
        File.AppendAllText(Path.Combine(top, "SOURCES", file), "x");
        Assert.Contains($"{file}: FAILED",
            Tool.Run(top, "rpmbuild", "-D", $"_topdir {top}", "--rebuild", fixture.File(fixture.NoSource.FileName)).Refused()
            .All, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fetching_source_package_holds_none_of_upstreams_files()
    {
        var package = RpmReader.Read(fixture.NoSource.Content, "nosrc");
        Assert.Equal(["tdx-module-firmware-20260210+ds.tar.xz", "tdx-module-firmware.spec"], package.Files.Select(f => f.Path));
        var archive = package.Verify()[0].Content.ToArray();
        File.WriteAllBytes(fixture.File("own.tar.xz"), archive);
        var listed = Tool.Run(fixture.Folder, "tar", "tJf", fixture.File("own.tar.xz")).Ok().All;
        Assert.Contains("/graph.json\n", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(".blob", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(".bin", listed, StringComparison.Ordinal);
    }

    /// <summary>Puts upstream's files where rpmbuild looks for sources.</summary>
    internal static void Fetch(string top)
    {
        var sources = Directory.CreateDirectory(Path.Combine(top, "SOURCES")).FullName;
        foreach (var (path, content) in FirmwareSample.Upstream(2))
        {
            File.WriteAllBytes(Path.Combine(sources, path.Replace('/', '_')), content);
        }
    }

    private void AssertSameFiles(string top)
    {
        var file = Directory.GetFiles(Path.Combine(top, "RPMS"), "*.rpm", SearchOption.AllDirectories).Single();
        Assert.Equal(fixture.New.FileName, Path.GetFileName(file));
        var rebuilt = RpmReader.Read(File.ReadAllBytes(file), file);
        rebuilt.Verify();
        Assert.Equal(RpmReader.Read(fixture.New.Content, "ours").Files, rebuilt.Files);
    }
}
