using System.Buffers.Binary;

namespace TdxRelease.Verification.Images;

/// <summary>Joins a module and its sigstruct to an image.</summary>
public static class ImageWriter
{
    /// <summary>Joins the parts. The bytes depend on nothing else.</summary>
    /// <param name="module">The module binary, 1 byte to 496 pages; padded with zeros to a page in v2.</param>
    /// <param name="sigstruct">The sigstruct, at most one page.</param>
    /// <param name="format">The image format.</param>
    /// <exception cref="ArgumentException">A part is empty or too long.</exception>
    public static byte[] Join(ReadOnlySpan<byte> module, ReadOnlySpan<byte> sigstruct, ImageFormat format)
    {
        if (sigstruct.Length is 0 or > Image.Page)
        {
            throw new ArgumentException($"a sigstruct of {sigstruct.Length} bytes does not fit one page", nameof(sigstruct));
        }

        if (module.Length is 0 or > (int)Image.MaxModulePages * Image.Page)
        {
            throw new ArgumentException($"a module of {module.Length} bytes does not fit {Image.MaxModulePages} pages", nameof(module));
        }

        var modulePages = (module.Length + Image.Page - 1) / Image.Page;
        var image = new byte[format == ImageFormat.V2 ? (2 + modulePages) * Image.Page : (2 * Image.Page) + module.Length];
        var header = image.AsSpan();
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)format);
        if (format == ImageFormat.V1)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 2 * Image.Page);
            Image.Magic.CopyTo(header[8..]);
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)image.Length);
        }
        else
        {
            Image.Magic.CopyTo(header[4..]);
            BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)modulePages);
        }

        sigstruct.CopyTo(header[Image.Page..]);
        module.CopyTo(header[(2 * Image.Page)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], unchecked((ushort)-ImageChecksum.Sum(image)));
        return image;
    }
}
