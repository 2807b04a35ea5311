using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Testing;

/// <summary>The committed test key, read once: making an RSA-4096 key takes seconds.</summary>
internal static class TestRelease
{
    public const string UserId = "tdxrel TEST KEY - NOT FOR RELEASES <test@tdxrel.invalid>";

    public static DateTimeOffset Created { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A time after the key's creation.</summary>
    public static DateTimeOffset Later { get; } = new(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);

    public static string PemPath { get; } = Path.Combine(TestData.Checkout, "samples/keys/test-release.pem");

    public static string PublicPemPath { get; } = Path.Combine(TestData.Checkout, "samples/keys/test-release.pub.pem");

    public static string CertificatePath { get; } = Path.Combine(TestData.Checkout, "samples/keys/test-release.pgp");

    public static RsaKeySigner Signer { get; } = PemPrivateKey.Read(File.ReadAllBytes(PemPath));

    public static OpenPgpCertificate Certificate { get; } = OpenPgpCertificate.Create(Signer, UserId, Created);

    public static OpenPgpKeyring Keyring { get; } = new([Certificate]);

    public static OpenPgpSigner OpenPgp { get; } = new(Signer, Certificate);
}
