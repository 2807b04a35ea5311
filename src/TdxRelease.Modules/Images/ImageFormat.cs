using System.Numerics;
using System.Runtime.InteropServices;

namespace TdxRelease.Modules.Images;

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
        var lanes = Vector<ushort>.Zero;
        var i = 0;
        for (; i <= words.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            lanes += new Vector<ushort>(words[i..]);
        }

        unchecked
        {
            ushort sum = 0;
            for (var lane = 0; lane < Vector<ushort>.Count; lane++)
            {
                sum += lanes[lane];
            }

            for (; i < words.Length; i++)
            {
                sum += words[i];
            }

            return (image.Length & 1) == 0 ? sum : (ushort)(sum + image[^1]);
        }
    }
}
