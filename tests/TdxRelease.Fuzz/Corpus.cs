using System.IO.Compression;

namespace TdxRelease.Fuzz;

/// <summary>Reads a corpus: one directory for each parser, one file for each input.</summary>
internal static class Corpus
{
    /// <summary>The inputs of a directory in the order of their names.</summary>
    public static IReadOnlyList<byte[]> Read(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(Unpacked)];

    /// <summary>Writes the inputs unpacked, as afl-fuzz wants them.</summary>
    public static void Unpack(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.GetFiles(from))
        {
            File.WriteAllBytes(Path.Combine(to, Path.GetFileName(path)), Unpacked(path));
        }
    }

    /// <summary>Images are committed gzipped, as they are mostly zeros.</summary>
    private static byte[] Unpacked(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(path);
        }

        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }
}
