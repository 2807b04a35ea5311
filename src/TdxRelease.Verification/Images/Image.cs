using System.Buffers.Binary;

namespace TdxRelease.Verification.Images;

/// <summary>
/// A joined image, read without judging: <see cref="ImageChecker"/> judges. Little-endian, 4096-byte pages.
/// v1: version, checksum, u32 offset of the module, "TDX-BLOB", u32 length of the file. v2 (Linux's
/// struct tdx_blob): version, checksum, "TDX-BLOB", u32 sigstruct pages, u32 module pages.
/// </summary>
public readonly ref struct Image
{
    /// <summary>Bytes of a page and of the header.</summary>
    public const int Page = 4096;

    /// <summary>Most sigstruct pages that Linux 7.2 takes.</summary>
    public const uint MaxSigstructPages = 1;

    /// <summary>Most module pages that Linux 7.2 takes.</summary>
    public const uint MaxModulePages = 496;

    /// <summary>The largest image that can be right, in bytes.</summary>
    public const int MaxLength = (int)((1 + MaxSigstructPages + MaxModulePages) * Page);

    private Image(ReadOnlySpan<byte> bytes, ImageFormat format)
    {
        Bytes = bytes;
        Format = format;
    }

    /// <summary>Bytes that spell "TDX-BLOB".</summary>
    public static ReadOnlySpan<byte> Magic => "TDX-BLOB"u8;

    /// <summary>The whole image.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The format that the version field names.</summary>
    public ImageFormat Format { get; }

    /// <summary>The 8 bytes that should be <see cref="Magic"/>.</summary>
    public ReadOnlySpan<byte> Signature => Bytes.Slice(Format == ImageFormat.V1 ? 8 : 4, 8);

    /// <summary>Header bytes that must be zero.</summary>
    public ReadOnlySpan<byte> Reserved => Bytes[20..Page];

    /// <summary>v1: offset of the module as stored. v2: as the page counts give it; may exceed the file.</summary>
    public ulong ModuleOffset => Format == ImageFormat.V1 ? U32(4) : Page * (1ul + U32(12));

    /// <summary>v2: sigstruct pages as stored; v1: what the module offset implies, 0 if it is not a multiple of a page.</summary>
    public uint SigstructPages =>
        Format == ImageFormat.V2 ? U32(12) : ModuleOffset >= Page && ModuleOffset % Page == 0 ? (uint)(ModuleOffset / Page) - 1 : 0;

    /// <summary>v2: module pages as stored; v1: what the rest of the file holds, rounded up.</summary>
    public uint ModulePages =>
        Format == ImageFormat.V2 ? U32(16) : (uint)(((ulong)Bytes.Length - Math.Min(ModuleOffset, (ulong)Bytes.Length) + Page - 1) / Page);

    /// <summary>The length that the header claims for the whole file, in bytes.</summary>
    public ulong ClaimedLength => Format == ImageFormat.V1 ? U32(16) : Page * (1ul + U32(12) + U32(16));

    /// <summary>The bytes between header and module; only for an image without structural findings.</summary>
    public ReadOnlySpan<byte> SigstructPart => Bytes[Page..(int)ModuleOffset];

    /// <summary>The bytes of the module, padding included; only for an image without structural findings.</summary>
    public ReadOnlySpan<byte> ModulePart => Bytes[(int)ModuleOffset..];

    /// <summary>Reads the header.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="image">The image.</param>
    /// <returns>False where the file is shorter than its header or names neither format.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Image image)
    {
        image = default;
        if (bytes.Length < Page || BinaryPrimitives.ReadUInt16LittleEndian(bytes) is not ((ushort)ImageFormat.V1 or (ushort)ImageFormat.V2))
        {
            return false;
        }

        image = new Image(bytes, (ImageFormat)BinaryPrimitives.ReadUInt16LittleEndian(bytes));
        return true;
    }

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[offset..]);
}
