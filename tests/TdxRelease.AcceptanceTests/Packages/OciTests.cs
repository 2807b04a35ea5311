using System.Text.Json;
using TdxRelease.Core.Files;
using TdxRelease.Packages.Oci;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class OciTests
{
    [Fact]
    public void Skopeo_inspects_the_layout_and_its_copies_read_clean()
    {
        using var temp = new TempFolder();
        var digest = Write(temp["layout"]);
        var raw = JsonDocument.Parse(Tool.Run(temp.Path, "skopeo", "inspect", "--raw", $"oci:{temp["layout"]}:20260210").Ok().Output)
            .RootElement;
        File.WriteAllText(temp["manifest.json"], raw.GetRawText());
        Assert.Equal(digest, Tool.Run(temp.Path, "skopeo", "manifest-digest", "manifest.json").Ok().All.Trim());
        Assert.Equal(OciTypes.Bundle, raw.GetProperty("artifactType").GetString());

        var shown = JsonDocument.Parse(Tool.Run(temp.Path, "skopeo", "inspect", $"oci:{temp["layout"]}:20260210").Ok().Output).RootElement;
        Assert.Equal(digest, shown.GetProperty("Digest").GetString());
        Assert.Equal(raw.GetProperty("layers").GetArrayLength(), shown.GetProperty("Layers").GetArrayLength());

        Tool.Run(temp.Path, "skopeo", "--insecure-policy", "copy", "--preserve-digests", $"oci:{temp["layout"]}:20260210",
            $"oci:{temp["copy"]}:20260210").Ok();
        var ours = OciLayoutReader.Read(temp["layout"], "20260210");
        var copy = OciLayoutReader.Read(temp["copy"], "20260210");
        Assert.Contains(digest, File.ReadAllText(temp["copy/index.json"]), StringComparison.Ordinal);
        Assert.Equal(ours.Files.Select(f => (f.Path, Convert.ToHexString(f.Content.Span))),
            copy.Files.Select(f => (f.Path, Convert.ToHexString(f.Content.Span))));

        Tool.Run(temp.Path, "skopeo", "--insecure-policy", "copy", "--preserve-digests", $"oci:{temp["layout"]}:20260210",
            $"dir:{temp["dir"]}").Ok();
        var manifest = JsonDocument.Parse(File.ReadAllBytes(temp["dir/manifest.json"])).RootElement;
        Assert.Equal(raw.GetRawText(), manifest.GetRawText());
    }

    [Fact]
    public void Skopeo_copies_the_referrer_under_its_tag()
    {
        using var temp = new TempFolder();
        var digest = Write(temp["layout"]);
        var index = JsonDocument.Parse(Tool.Run(temp.Path, "skopeo", "inspect", "--raw", $"oci:{temp["layout"]}:{digest.Replace(':', '-')}")
            .Ok().Output).RootElement;
        var referrer = index.GetProperty("manifests")[0];
        Assert.Equal(OciTypes.Sigstore, referrer.GetProperty("artifactType").GetString());
        Assert.Equal("{\"provenance\":1}"u8.ToArray(), OciLayoutReader.Read(temp["layout"]).SigstoreBundles.Single());
    }

    private static string Write(string path)
    {
        using var folder = new AtomicFolder(path, FolderState.Of(path));
        var files = FirmwareSample.Spec("1").Files.Where(f => f.Path.StartsWith(FirmwareSample.Folder, StringComparison.Ordinal))
            .Select(f => (f.Path[(FirmwareSample.Folder.Length + 1)..], f.Content)).ToList();
        var digest = OciLayoutWriter.Write(new OciFormat(), (file, content) => folder.Write(file, content), files, "20260210",
            TestRelease.Later, "{\"provenance\":1}"u8.ToArray());
        folder.Commit();
        return digest;
    }
}
