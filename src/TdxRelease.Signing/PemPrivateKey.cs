using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing;

/// <summary>Private keys in PEM: PKCS#8, plain or encrypted.</summary>
public static class PemPrivateKey
{
    private const string Plain = "PRIVATE KEY";
    private const string Encrypted = "ENCRYPTED PRIVATE KEY";

    /// <summary>PBKDF2 rounds of encrypted keys written here (OWASP's figure for HMAC-SHA-512 is 210,000).</summary>
    private const int Rounds = 400_000;

    /// <summary>Reads a key file. Text before the block is a comment.</summary>
    /// <param name="pem">The file's bytes; the caller wipes them.</param>
    /// <param name="passphrase">For encrypted keys.</param>
    /// <param name="minimumBits">Shorter keys are refused.</param>
    /// <param name="name">How messages call the key.</param>
    /// <exception cref="TdxException">
    /// Exit 3: not such a key, wrong passphrase; exit 2: a passphrase is missing; exit 5: the key is too short.
    /// </exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The signer takes over the key, also when it refuses it.")]
    public static RsaKeySigner Read(ReadOnlySpan<byte> pem, Passphrase? passphrase = null,
        int minimumBits = RsaPublicKey.DefaultMinimumBits, string name = "signing key")
    {
        if (!PemEncoding.TryFindUtf8(pem, out var fields))
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: no PEM block in it", "tdxrel keys create makes a release key");
        }

        var label = Encoding.ASCII.GetString(pem[fields.Label]);
        if (label is not Plain and not Encrypted)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: PEM block \"{label}\", want \"{Plain}\" or \"{Encrypted}\"",
                "openssl pkcs8 -topk8 -in KEY -out NEW writes PKCS#8");
        }

        var der = new byte[fields.DecodedDataLength];
        try
        {
            Decode(pem[fields.Base64Data], der, name);
            return new RsaKeySigner(label == Plain ? Import(der, name) : Decrypt(der, passphrase, name), minimumBits, name);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Writes a key, encrypted (PBES2, AES-256, PBKDF2 with SHA-512) where a passphrase is given.</summary>
    /// <returns>UTF-8 bytes; the caller wipes them.</returns>
    internal static byte[] Write(RSAParameters key, Passphrase? passphrase)
    {
        using var rsa = RSA.Create(key);
        var der = passphrase is null
            ? rsa.ExportPkcs8PrivateKey()
            : rsa.ExportEncryptedPkcs8PrivateKey(passphrase.Utf8,
                new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA512, Rounds));
        char[] pem = [];
        try
        {
            pem = [.. PemEncoding.Write(passphrase is null ? Plain : Encrypted, der), '\n'];
            return Encoding.ASCII.GetBytes(pem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
            Array.Clear(pem);
        }
    }

    private static void Decode(ReadOnlySpan<byte> base64, Span<byte> der, string name)
    {
        var chars = new char[base64.Length];
        try
        {
            Encoding.ASCII.GetChars(base64, chars);
            if (!Convert.TryFromBase64Chars(chars, der, out var length) || length != der.Length)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: broken base64 in the PEM block");
            }
        }
        finally
        {
            Array.Clear(chars);
        }
    }

    private static RSA Import(ReadOnlySpan<byte> der, string name)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(der, out var read);
            return read == der.Length ? rsa : throw new CryptographicException();
        }
        catch (CryptographicException)
        {
            // The inner exception is dropped: nothing that saw the key goes into logs.
            rsa.Dispose();
            throw new TdxException(ExitCode.BadInput, $"{name}: not an RSA private key in PKCS#8");
        }
    }

    private static RSA Decrypt(ReadOnlySpan<byte> der, Passphrase? passphrase, string name)
    {
        if (passphrase is null)
        {
            throw new TdxException(ExitCode.Usage, $"{name}: the key is encrypted and no passphrase was given",
                "give its source: fd:N, file:PATH or env:NAME");
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportEncryptedPkcs8PrivateKey(passphrase.Utf8, der, out var read);
            return read == der.Length ? rsa : throw new CryptographicException();
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            throw new TdxException(ExitCode.BadInput, $"{name}: wrong passphrase, or not an encrypted RSA private key in PKCS#8");
        }
    }
}
