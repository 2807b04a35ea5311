using System.Buffers.Binary;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>
/// The 96 bytes at the start of a package. rpm checks magic, version and signature type and takes the rest from the header.
/// </summary>
internal static class RpmLead
{
    public const int Length = 96;
    private const int NameOffset = 10;
    private const int NameLength = 66;
    private static readonly byte[] Magic = [0xED, 0xAB, 0xEE, 0xDB, 3, 0];

    public static byte[] Write(string nevr, bool source)
    {
        var lead = new byte[Length];
        Magic.CopyTo(lead, 0);
        BinaryPrimitives.WriteUInt16BigEndian(lead.AsSpan(6), source ? (ushort)1 : (ushort)0);
        var name = Encoding.UTF8.GetBytes(nevr);
        name.AsSpan(0, Math.Min(name.Length, NameLength - 1)).CopyTo(lead.AsSpan(NameOffset));
        BinaryPrimitives.WriteUInt16BigEndian(lead.AsSpan(76), 1); // operating system: Linux
        BinaryPrimitives.WriteUInt16BigEndian(lead.AsSpan(78), 5); // signature as a header structure
        return lead;
    }

    /// <summary>Whether the lead is one of a source package.</summary>
    public static bool IsSource(ReadOnlySpan<byte> lead) => BinaryPrimitives.ReadUInt16BigEndian(lead[6..]) == 1;

    public static void Check(ReadOnlySpan<byte> file, string place)
    {
        if (file.Length < Length || !file.StartsWith(Magic))
        {
            throw new TdxException(ExitCode.BadInput, $"{place}: does not begin with an rpm lead, edabeedb0300 and {Length} bytes in all");
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(file[6..]);
        var signature = BinaryPrimitives.ReadUInt16BigEndian(file[78..]);
        if (type > 1 || signature != 5)
        {
            throw new TdxException(ExitCode.BadInput,
                $"{place}: lead: package type {type} and signature type {signature}, want 0 or 1 and 5");
        }
    }
}
