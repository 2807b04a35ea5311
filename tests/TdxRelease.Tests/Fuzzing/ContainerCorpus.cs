using System.Globalization;
using System.IO.Compression;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Oci;
using TdxRelease.Packages.Rpm;
using TdxRelease.Repositories;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Fuzzing;

/// <summary>The corpus of archives, compressions, packages and indexes: what our own writers make of a few bytes.</summary>
internal static class ContainerCorpus
{
    private const string Mapping = "mapping_file.json";

    private static ReadOnlySpan<byte> Text => "made-up bytes, made-up bytes, made-up bytes\n"u8;

    public static IEnumerable<(string Path, byte[] Bytes)> Files() =>
        [.. Archives(), .. Sources(), .. Packages(), .. Indexes(), .. Layouts()];

    private static IEnumerable<(string Path, byte[] Bytes)> Archives()
    {
        yield return ("tar/pax", Tar(TarHeaderFormat.Pax, new string('a', 120)));
        yield return ("tar/gnu", Tar(TarHeaderFormat.Gnu, new string('b', 120)));
        yield return ("tar/short", Tar(TarHeaderFormat.Pax, "c"));
        yield return ("ar/two", Ar(("debian-binary", 4), ("control.tar", 7)));
        yield return ("ar/one", Ar(("a", 0)));
        yield return ("cpio/folder", CpioWriter.Write([new("a", 0x41ED, 1, 5, default), new("a/b", 0x81A4, 2, 5, Text.ToArray())], "./"));
        yield return ("cpio/link", CpioWriter.Write([new("a", 0xA1FF, 1, 5, "b"u8.ToArray()), new("b", 0x81A4, 2, 5, default)], ""));
        foreach (var (name, compression) in new[]
            { ("gzip", Compression.Gzip), ("zstd", Compression.Zstd), ("xz", Compression.Xz) })
        {
            yield return ($"{name}/text", Compressor.Compress(Text, compression));
            yield return ($"{name}/empty", Compressor.Compress([], compression));
            yield return ($"{name}/zeros", Compressor.Compress(new byte[1 << 16], compression));
        }
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Sources()
    {
        var tar = Tar(TarHeaderFormat.Pax, "up/" + Mapping);
        yield return ("source-archive/tar", tar);
        yield return ("source-archive/tar-zst", Compressor.Compress(tar, Compression.Zstd));
        yield return ("source-archive/tar-gzip", Compressor.Compress(tar, Compression.Gzip));
        yield return ("source-archive/zip", Zip(CompressionLevel.NoCompression));
        yield return ("source-archive/zip-deflate", Zip(CompressionLevel.SmallestSize));
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Packages()
    {
        var spec = SamplePackage.Spec() with
        {
            Files = [new($"{DistributionFormat.FirmwareFolder}/{Mapping}", Text.ToArray()),
                new("usr/share/licenses/BINARIES_LICENSE", Text.ToArray(), Role: FileRole.License)],
        };
        yield return ("deb/gzip", Written(new DebWriter(Compression.Gzip), spec));
        yield return ("deb/plain", Written(new DebWriter(default), spec));
        yield return ("rpm/gzip", Written(new RpmWriter(Compression.Gzip), spec));
        yield return ("rpm/xz", Written(new RpmWriter(Compression.Xz), spec));
        yield return ("arch/plain", Written(new ArchWriter(default), spec));
        yield return ("arch/other", Written(new ArchWriter(default), spec with { Version = "20260211" }));
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Indexes()
    {
        yield return ("deb822/control", "Package: a\nVersion: 1\nDescription: b\n c\n .\n d\n"u8.ToArray());
        yield return ("deb822/two", "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n"u8.ToArray());
        var data = new[] { "filelists", "other", "primary" }.Select(kind => DnfData.Make(kind, Text.ToArray(), Compression.Gzip).Data);
        yield return ("repomd/repomd.xml", DnfRepomd.Write(data, SamplePackage.Time));
        yield return ("repomd/version.xml", "<?xml version=\"1.0/\" encoding=\"utf-8\"?>\n<repomd/>\n"u8.ToArray());
        yield return ("repomd/primary.xml", Encoding.UTF8.GetBytes(
            "<metadata xmlns=\"http://linux.duke.edu/metadata/common\" packages=\"1\"><package type=\"rpm\"><location href=\"a.rpm\"/>"
            + $"<checksum type=\"sha256\" pkgid=\"YES\">{new string('0', 64)}</checksum><size package=\"5\"/></package></metadata>"));
    }

    private static IEnumerable<(string Path, byte[] Bytes)> Layouts()
    {
        yield return ("oci/bundle", Layout(new OciFormat(), provenance: null));
        yield return ("oci/provenance", Layout(new OciFormat(), "{}"u8.ToArray()));
        yield return ("oci/image", Layout(new TdxRelease.Packages.ContainerImage.ImageFormat(), provenance: null));
    }

    private static byte[] Tar(TarHeaderFormat names, string last)
    {
        using var stream = new MemoryStream();
        TarEntry[] entries = [new("f", Text.ToArray()), new(last, default)];
        TarWriter.WriteTree(stream, entries, SamplePackage.Time, format: names);
        return stream.ToArray();
    }

    private static byte[] Ar(params (string Name, int Length)[] members)
    {
        using var stream = new MemoryStream();
        var writer = new ArWriter(stream, SamplePackage.Time);
        foreach (var (name, length) in members)
        {
            writer.Write(name, Text[..length]);
        }

        return stream.ToArray();
    }

    private static byte[] Zip(CompressionLevel level)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = zip.CreateEntry("up/" + Mapping, level);
            entry.LastWriteTime = SamplePackage.Time;
            using var content = entry.Open();
            content.Write(Text);
        }

        return stream.ToArray();
    }

    private static byte[] Written(IPackageWriter writer, PackageSpec spec)
    {
        using var stream = new MemoryStream();
        writer.Write(spec, stream);
        return stream.ToArray();
    }

    // The form of the target "oci": blobs and the index with a NUL between them, digests and lengths by number.
    private static byte[] Layout(LayoutFormat format, byte[]? provenance)
    {
        var parts = new List<(string Digest, string Text)>();
        void Take(string path, ReadOnlySpan<byte> content)
        {
            if (path != "oci-layout" && parts.TrueForAll(p => path != $"blobs/sha256/{p.Digest}"))
            {
                parts.Add((path == "index.json" ? "" : path["blobs/sha256/".Length..], Encoding.Latin1.GetString(content)));
            }
        }

        OciLayoutWriter.Write(format, Take, [(Mapping, "{}"u8.ToArray())], "t", SamplePackage.Time, provenance);
        return Encoding.Latin1.GetBytes(string.Join('\0', parts.Select((part, at) => ByNumber(part.Text, parts[..at]))));
    }

    private static string ByNumber(string text, List<(string Digest, string Text)> earlier)
    {
        for (var i = 0; i < earlier.Count; i++)
        {
            var number = i.ToString(CultureInfo.InvariantCulture);
            text = text.Replace(
                $"\"digest\":\"sha256:{earlier[i].Digest}\",\"size\":{earlier[i].Text.Length.ToString(CultureInfo.InvariantCulture)}",
                $"\"digest\":\"sha256:@{number}\",\"size\":\"#{number}\"", StringComparison.Ordinal);
        }

        return text;
    }
}
