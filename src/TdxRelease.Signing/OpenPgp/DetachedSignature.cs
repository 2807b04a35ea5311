using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>The outer form of detached signatures.</summary>
public static class DetachedSignature
{
    /// <summary>
    /// Whether an armored signature is one packet in the armor that <see cref="Armor.Encode"/>
    /// writes, with nothing outside its signed part but the issuer's key id:
    /// then no byte of it can be changed without the signature failing. Says nothing about the signature itself.
    /// </summary>
    public static bool IsCovered(ReadOnlySpan<byte> armored)
    {
        try
        {
            var binary = Armor.Decode(armored, Armor.Signature, "signature");
            var reader = new PgpReader(binary);
            return reader.Packet(out var tag, out var body) && tag == PacketTag.Signature && reader.AtEnd
                && SignaturePacket.Parse(body, out _) is { OnlyIssuerUnsigned: true }
                && armored.SequenceEqual(Encoding.ASCII.GetBytes(Armor.Encode(Armor.Signature, binary)));
        }
        catch (TdxException)
        {
            return false;
        }
    }
}
