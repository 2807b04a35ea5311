namespace TdxRelease.Verification.Sigstructs;

/// <summary>
/// Where the fields of a SEAM_SIGSTRUCT are, in bytes. Intel's layout fixes them for RSA-3072 (tdx-loader, seam_sigstruct_s).
/// No layout for RSA-4096 is public: <see cref="SyntheticRsa4096"/> is an assumption of
/// this project, in which modulus and signature grow and everything behind them shifts.
/// It is never accepted for Intel's signer.
/// </summary>
public sealed record SigstructLayout
{
    /// <summary>Intel's layout: RSA-3072, 2048 bytes.</summary>
    public static readonly SigstructLayout IntelRsa3072 = new("intel-rsa3072", 384);

    /// <summary>The assumed layout for RSA-4096, 2304 bytes.</summary>
    public static readonly SigstructLayout SyntheticRsa4096 = new("synthetic-rsa4096", 512);

    /// <summary>Bytes in front of the modulus; the first part that is signed.</summary>
    public const int HeaderLength = 128;

    /// <summary>Bytes behind the signature; the second part that is signed.</summary>
    public const int BodyLength = 1148;

    /// <summary>Entries of the CPUID table.</summary>
    public const int CpuTableEntries = 255;

    private SigstructLayout(string name, int keyLength)
    {
        Name = name;
        KeyLength = keyLength;
    }

    /// <summary>Name for policies and reports.</summary>
    public string Name { get; }

    /// <summary>Bytes of modulus and of signature.</summary>
    public int KeyLength { get; }

    /// <summary>RSA size in bits.</summary>
    public int KeyBits => KeyLength * 8;

    /// <summary>Offset of the modulus, little-endian.</summary>
    public const int Modulus = HeaderLength;

    /// <summary>Offset of the 4-byte exponent.</summary>
    public int Exponent => Modulus + KeyLength;

    /// <summary>Offset of the signature, little-endian.</summary>
    public int Signature => Exponent + 4;

    /// <summary>Offset of SEAMHASH, where the second signed part begins.</summary>
    public int Body => Signature + KeyLength;

    /// <summary>Bytes of the whole structure.</summary>
    public int Length => Body + BodyLength;

    /// <summary>The layout whose length this is, or null.</summary>
    public static SigstructLayout? OfLength(int length) =>
        length == IntelRsa3072.Length ? IntelRsa3072 : length == SyntheticRsa4096.Length ? SyntheticRsa4096 : null;
}
