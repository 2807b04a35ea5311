using TdxRelease.Archives;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.ContainerImage;
using TdxRelease.Packages.Oci;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class ImageFormatTests
{
    private const string Type = "application/vnd.oci.image.layer.v1.tar";
    private static readonly ImageFormat Format = new();

    private static readonly (string Path, ReadOnlyMemory<byte> Content)[] Files = [("a/b", "abc"u8.ToArray()), ("empty", default)];

    [Fact]
    public void An_image_reads_back_as_the_bundle_and_is_what_the_bundle_gives()
    {
        using var temp = new TempFolder();
        Write(temp["a"], [.. Files.Reverse()]);
        var bundle = OciLayoutReader.Read(temp["a"], "v1");
        Assert.IsType<ImageFormat>(bundle.Format);
        Assert.Equal(Files.Select(f => f.Path), bundle.Files.Select(f => f.Path));
        Assert.Equal("abc"u8.ToArray(), bundle.Files[0].Content);
        Assert.Equal("{}"u8.ToArray(), bundle.SigstoreBundles.Single());
        Assert.Empty(OciLayoutReader.Compare(temp["a"], bundle, "v1", TestRelease.Later));
        Assert.NotEmpty(OciLayoutReader.Compare(temp["a"], bundle, "v1", TestRelease.Later.AddSeconds(1)));
    }

    [Fact]
    public void The_one_layer_is_a_plain_tar_of_the_firmware_folder()
    {
        var layer = Assert.Single(Format.Layers(Files, TestRelease.Later));
        Assert.Equal(Type, layer.MediaType);
        Assert.Equal(
            [$"{DistributionFormat.FirmwareFolder}/a/b", $"{DistributionFormat.FirmwareFolder}/empty"],
            TarReader.Read(layer.Content, "layer").Where(e => e.Kind == TarEntryKind.File).Select(e => e.Path));
    }

    [Fact]
    public void Layers_of_another_form_are_refused()
    {
        var good = Format.Layers(Files, TestRelease.Later).Single();
        Refused([], "0 layers");
        Refused([good, good], "2 layers");
        Refused([good with { MediaType = $"{Type}+gzip" }], "1 layers");
        Refused([good with { Content = Tar(new TarEntry("etc/passwd", default)) }], "\"etc/passwd\" is not a file below");
        Refused([good with { Content = Tar(new TarEntry($"{DistributionFormat.FirmwareFolder}x/a", default)) }], "is not a file below");
    }

    private static void Refused(IReadOnlyList<OciLayer> layers, string message)
    {
        var e = Assert.Throws<TdxException>(() => Format.Files(layers, "sha256:0").ToList());
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    private static byte[] Tar(TarEntry entry)
    {
        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, [entry], TestRelease.Later);
        return tar.ToArray();
    }

    private static void Write(string path, IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files)
    {
        using var folder = new AtomicFolder(path, FolderState.Of(path));
        OciLayoutWriter.Write(Format, (file, content) => folder.Write(file, content), files, "v1", TestRelease.Later, "{}"u8.ToArray());
        folder.Commit();
    }
}
