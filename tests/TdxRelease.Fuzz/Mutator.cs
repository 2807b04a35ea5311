using System.Buffers.Binary;
using System.Text;
using TdxRelease.Verification.Images;

namespace TdxRelease.Fuzz;

/// <summary>Mutations of corpus entries: blind ones, ones that know JSON, and ones that make an image's checksum right again.</summary>
internal static class Mutator
{
    private static readonly string[] Words =
    [
        "\"", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "1e999", "99999999999999999999", "\"\\ud800\"", "\"\\u0000\"", "\u00e9",
        "\"1.5.05\"", "\"65536.0.0\"",
        "\"0xFFFFFFFFFFFFFFFF\"", "\"[1.0.0,2.0.0)\"", "[[[[[[[[", "{\"a\":", "\"version\"", "\"tdx_feature0\"", "\"signers\"", "//",
        "\ufeff",
    ];

    private static readonly byte[][] Numbers =
    [
        [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F], [1, 0, 0, 0], [0, 0x10, 0, 0], [0, 0x20, 0, 0],
        [0xF0, 1, 0, 0], [0xF1, 1, 0, 0], [0, 1], [0, 2],
    ];

    public static byte[] Mutate(IReadOnlyList<byte[]> corpus, bool text, Random random)
    {
        var bytes = corpus[random.Next(corpus.Count)].ToList();
        for (var changes = 1 << random.Next(5); changes > 0; changes--)
        {
            Change(bytes, corpus, text, random);
        }

        var result = bytes.ToArray();
        if (!text && result.Length >= 4 && random.Next(4) > 0)
        {
            result.AsSpan(2, 2).Clear();
            var sum = unchecked((ushort)-ImageChecksum.Sum(result));
            BinaryPrimitives.WriteUInt16LittleEndian(result.AsSpan(2), sum);
        }

        return result;
    }

    private static void Change(List<byte> bytes, IReadOnlyList<byte[]> corpus, bool text, Random random)
    {
        var at = Position(bytes, text, random);
        switch (random.Next(text ? 8 : 6))
        {
            case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < bytes.Count: bytes[at] = (byte)random.Next(256); break;
            case 2: Overwrite(bytes, at, Numbers[random.Next(Numbers.Length)]); break;
            case 3 when random.Next(4) == 0: bytes.RemoveRange(at, Math.Min(random.Next(1, 5000), bytes.Count - at)); break;
            case 4 when random.Next(4) == 0: bytes.InsertRange(at, new byte[random.Next(1, 5000)]); break;
            case 5: Overwrite(bytes, at, Part(corpus[random.Next(corpus.Count)], random)); break;
            case 6: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)])); break;
            case 7: bytes.InsertRange(at, Part([.. bytes], random)); break;
            default: break;
        }
    }

    /// <summary>Half of the changes of a binary go into the fields at its beginning, where they matter.</summary>
    private static int Position(List<byte> bytes, bool text, Random random) =>
        !text && random.Next(2) == 0 ? random.Next(Math.Min(64, bytes.Count) + 1) : random.Next(bytes.Count + 1);

    private static void Overwrite(List<byte> bytes, int at, ReadOnlySpan<byte> with)
    {
        for (var i = 0; i < with.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = with[i];
        }
    }

    private static byte[] Part(byte[] of, Random random)
    {
        if (of.Length == 0)
        {
            return [];
        }

        var start = random.Next(of.Length);
        return of[start..Math.Min(of.Length, start + random.Next(1, 200))];
    }
}
