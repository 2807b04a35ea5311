using System.Buffers.Binary;
using System.Security.Cryptography;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Samples;

/// <summary>Writes and signs sigstructs of synthetic modules.</summary>
public static class SampleSigstruct
{
    /// <summary>Writes a sound sigstruct for the module and signs it.</summary>
    /// <param name="release">What the fields say.</param>
    /// <param name="module">The module binary.</param>
    /// <param name="key">RSA-3072 gives Intel's layout, RSA-4096 the synthetic one.</param>
    public static byte[] Write(SampleRelease release, ReadOnlySpan<byte> module, RSA key)
    {
        var layout = key.KeySize == SigstructLayout.SyntheticRsa4096.KeyBits ? SigstructLayout.SyntheticRsa4096
            : SigstructLayout.IntelRsa3072;
        var bytes = new byte[layout.Length];
        WriteHeader(bytes, release, layout);
        WriteBody(bytes.AsSpan(layout.Body), release, module);
        Sign(bytes, key);
        return bytes;
    }

    /// <summary>
    /// Puts the key's modulus and exponent into the structure and signs it: RSA PKCS#1 v1.5 with SHA-384, numbers little-endian.
    /// </summary>
    /// <param name="sigstruct">A structure of the layout that fits the key.</param>
    /// <param name="key">The signing key.</param>
    public static void Sign(Span<byte> sigstruct, RSA key)
    {
        var layout = SigstructLayout.OfLength(sigstruct.Length)
            ?? throw new ArgumentException($"{sigstruct.Length} bytes are no sigstruct", nameof(sigstruct));
        var parameters = key.ExportParameters(includePrivateParameters: false);
        Reversed(parameters.Modulus!, sigstruct.Slice(SigstructLayout.Modulus, layout.KeyLength));
        BinaryPrimitives.WriteUInt32LittleEndian(sigstruct[layout.Exponent..], 65537);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        hash.AppendData(sigstruct[..SigstructLayout.HeaderLength]);
        hash.AppendData(sigstruct[layout.Body..]);
        var signature = key.SignHash(hash.GetHashAndReset(), HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        Reversed(signature, sigstruct.Slice(layout.Signature, layout.KeyLength));
    }

    private static void WriteHeader(Span<byte> bytes, SampleRelease release, SigstructLayout layout)
    {
        uint[] fields =
        [
            6, (uint)layout.Body / 4, 0x10000, release.Debug ? 1u << 31 : 0, 0x8086, Bcd(release.Date),
            (uint)layout.Length / 4, (uint)layout.KeyLength / 4, (uint)layout.KeyLength / 4, 1,
        ];
        for (var i = 0; i < fields.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], fields[i]);
        }
    }

    private static void WriteBody(Span<byte> body, SampleRelease release, ReadOnlySpan<byte> module)
    {
        SHA384.HashData(module, body);
        BinaryPrimitives.WriteUInt16LittleEndian(body[48..], release.Svn.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(body[58..], 0x100); // rip_offset
        body[62] = 1; // num_stack_pages
        body[63] = 1; // num_tls_pages
        BinaryPrimitives.WriteUInt16LittleEndian(body[64..], 127); // num_keyhole_pages
        BinaryPrimitives.WriteUInt16LittleEndian(body[66..], 21); // num_global_data_pages
        BinaryPrimitives.WriteUInt16LittleEndian(body[90..], 13); // num_handoff_pages
        BinaryPrimitives.WriteUInt32LittleEndian(body[92..], 0x1000); // gdt_idt_offset
        BinaryPrimitives.WriteUInt32LittleEndian(body[96..], 0x160); // fault_wrapper_offset
        if (release.Version.Major >= 2)
        {
            body[100] = (byte)release.Version.Update;
            body[103] = (byte)release.Version.Major;
            BinaryPrimitives.WriteUInt16LittleEndian(body[104..], release.Build);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(body[124..], (uint)release.Cpus.Count);
        for (var i = 0; i < release.Cpus.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body[(128 + (4 * i))..], release.Cpus[i].Value);
        }
    }

    private static uint Bcd(DateOnly date)
    {
        var number = (uint)((date.Year * 10000) + (date.Month * 100) + date.Day);
        var bcd = 0u;
        for (var shift = 0; number > 0; shift += 4)
        {
            bcd |= (number % 10) << shift;
            number /= 10;
        }

        return bcd;
    }

    private static void Reversed(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        to.Reverse();
    }
}
