using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TdxRelease.HostModel;

/// <summary>A synthetic TDX module as a v2 image: the fields that Linux and the loader look at, and noise in between.</summary>
/// <param name="Version">As upstream spells it.</param>
/// <param name="SvnMinor">The SVN's minor part; the major part follows the line (1 for 1.5, 3 for 2.0).</param>
/// <param name="Cpus">Masked CPU signatures.</param>
/// <param name="Features">TDX_FEATURES0.</param>
public sealed record FixtureModule(string Version, byte SvnMinor, uint[] Cpus, ulong Features = 0x226F3F0FBF)
{
    private const int Pages = 40;

    /// <summary>1.5.05 to 1.5.16 for Sapphire Rapids and 2.0.02, 2.0.04 for Granite Rapids.</summary>
    public static IReadOnlyList<FixtureModule> All { get; } =
    [
        new("1.5.05", 5, [0x806F0, 0xC06F0]), new("1.5.06", 6, [0x806F0, 0xC06F0]), new("1.5.08", 7, [0x806F0, 0xC06F0]),
        new("1.5.16", 11, [0x806F0, 0xC06F0]), new("2.0.02", 3, [0xA06D0]), new("2.0.04", 4, [0xA06D0]),
    ];

    /// <summary>major.minor.</summary>
    public string Line => Version[..Version.LastIndexOf('.')];

    /// <summary>Where the image is in the bundle.</summary>
    public string Path => $"joined_files/{Line}/tdx_module_{Version}.blob";

    /// <summary>major.minor of SEAMSVN.</summary>
    public string Svn => $"{SvnMajor}.{SvnMinor}";

    private byte SvnMajor => (byte)(Line == "1.5" ? 1 : 3);

    /// <summary>The image: header page, sigstruct page, module pages; the layout is facts/1 and facts/2.</summary>
    public byte[] Image()
    {
        var image = new byte[4096 * (2 + Pages)];
        new Random(SvnMinor + (1000 * SvnMajor)).NextBytes(image.AsSpan(8192));
        BinaryPrimitives.WriteUInt16LittleEndian(image, 0x200);
        "TDX-BLOB"u8.CopyTo(image.AsSpan(4));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(12), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(16), Pages);
        var sigstruct = image.AsSpan(4096, 2048);
        SHA384.HashData(image.AsSpan(8192)).CopyTo(sigstruct[900..]);
        (sigstruct[948], sigstruct[949]) = (SvnMinor, SvnMajor);
        BinaryPrimitives.WriteInt32LittleEndian(sigstruct[1024..], Cpus.Length);
        for (var i = 0; i < Cpus.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(sigstruct[(1028 + (4 * i))..], Cpus[i] | 8);
        }

        return image;
    }
}
