using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdxRelease.Verification.Images;

/// <summary>The two formats in which module and sigstruct are joined to one image ("blob").</summary>
public enum ImageFormat
{
    /// <summary>Version field 0x0100: upstream until mid-2026; Intel's UEFI loader reads only this one.</summary>
    V1 = 0x100,

    /// <summary>Version field 0x0200: the only one that Linux 7.2 accepts.</summary>
    V2 = 0x200,
}

/// <summary>The sum over an image that its checksum field brings to zero.</summary>
public static class ImageChecksum
{
    /// <summary>Adds up the little-endian 16-bit words modulo 65536; an odd last byte counts as a word with a zero high byte.</summary>
    public static ushort Sum(ReadOnlySpan<byte> image)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(image);

        // Of this width the ahead-of-time compiler makes code for every processor; Vector<T> would wait for the JIT.
        var lanes = Vector128<ushort>.Zero;
        var i = 0;
        for (; i <= words.Length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            lanes += Vector128.Create(words[i..]);
        }

        unchecked
        {
            var sum = Vector128.Sum(lanes);

            for (; i < words.Length; i++)
            {
                sum += words[i];
            }

            return (image.Length & 1) == 0 ? sum : (ushort)(sum + image[^1]);
        }
    }
}
