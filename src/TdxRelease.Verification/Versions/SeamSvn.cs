namespace TdxRelease.Verification.Versions;

/// <summary>
/// SEAMSVN, the security version of a TDX module (sigstruct offset 948: minor byte first, then major).
/// Not an identity: 2.0.04 and 2.0.05 share 3.4. TEE_TCB_SVN[0] is the minor, [1] the major part.
/// </summary>
/// <param name="Major">Must equal the running module's for an update.</param>
/// <param name="Minor">Must not fall in an update.</param>
public readonly record struct SeamSvn(byte Major, byte Minor)
{
    /// <summary>The two bytes as a little-endian 16-bit number, as the sigstruct stores them.</summary>
    public ushort Value => (ushort)((Major << 8) | Minor);

    /// <summary>Reads the stored little-endian number.</summary>
    public static SeamSvn FromValue(ushort value) => new((byte)(value >> 8), (byte)(value & 0xFF));

    /// <summary><c>major.minor</c>, decimal.</summary>
    public override string ToString() => $"{Major}.{Minor}";
}
