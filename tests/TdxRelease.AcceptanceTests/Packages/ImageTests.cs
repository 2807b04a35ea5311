using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Packages.ContainerImage;
using TdxRelease.Packages.Oci;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>Container tools take the image as any other: the artifact beside it, whose layers are no archives, they refuse.</summary>
public sealed class ImageTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly List<(string Path, ReadOnlyMemory<byte> Content)> files = [.. FirmwareSample.Spec("1").Files
        .Where(f => f.Path.StartsWith(FirmwareSample.Folder, StringComparison.Ordinal))
        .Select(f => (f.Path[(FirmwareSample.Folder.Length + 1)..], f.Content))];

    public ImageTests()
    {
        using var folder = new AtomicFolder(temp["image"], FolderState.Of(temp["image"]));
        OciLayoutWriter.Write(
            new ImageFormat(), (path, content) =>
            folder.Write(path, content), files, "20260210", TestRelease.Later, "{\"provenance\":1}"u8.ToArray());
        folder.Commit();
    }

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Skopeo_makes_a_docker_archive_of_it_with_the_same_layer()
    {
        Tool.Run(temp.Path, "skopeo", "--insecure-policy", "copy", $"oci:{temp["image"]}:20260210",
            $"docker-archive:{temp["docker.tar"]}:tdx:20260210").Ok();
        Directory.CreateDirectory(temp["docker"]);
        Tool.Run(temp.Path, "tar", "-xf", temp["docker.tar"], "-C", temp["docker"]).Ok();
        var layer = Directory.GetFiles(temp["docker"], "*.tar").Single();
        Directory.CreateDirectory(temp["root"]);
        Tool.Run(temp.Path, "tar", "-xf", layer, "-C", temp["root"]).Ok();
        RequireTree(temp["root"]);
    }

    [Fact]
    public void Umoci_unpacks_it()
    {
        Tool.Run(temp.Path, "umoci", "unpack", "--rootless", "--image", $"{temp["image"]}:20260210", temp["unpacked"]).Ok();
        RequireTree(temp["unpacked/rootfs"]);
    }

    [Fact]
    public void Buildah_pulls_it()
    {
        string[] store = ["--root", temp["store"], "--runroot", temp["run"], "--storage-driver", "vfs"];
        var id = Tool.Run(temp.Path, "buildah", [.. store, "pull", "--quiet", "oci:image:20260210"]).Ok().Output.Trim();
        Assert.Contains(id[..12], Tool.Run(temp.Path, "buildah", [.. store, "images"]).Ok().Output, StringComparison.Ordinal);
    }

    private void RequireTree(string root)
    {
        var folder = Path.Combine(root, DistributionFormat.FirmwareFolder);
        Assert.Equal(
            files.Select(f => f.Path).Order(StringComparer.Ordinal),
            Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))
                .Order(StringComparer.Ordinal));
        Assert.All(files, f => Assert.Equal(f.Content.ToArray(), File.ReadAllBytes(Path.Combine(folder, f.Path))));
    }
}
