using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Testing.PgpCases;

/// <summary>A certificate and a signature, unusual or wrong in one way.</summary>
/// <param name="Name">What is unusual.</param>
/// <param name="Certificate">The certificate file.</param>
/// <param name="Signature">The detached signature file, said to be over <see cref="Pgp.Content"/>.</param>
internal sealed record PgpCase(string Name, byte[] Certificate, byte[] Signature)
{
    private const string Folder = "tests/fixtures/openpgp";

    /// <summary>All cases: those written packet by packet, then those that gpg and sq made.</summary>
    public static IReadOnlyList<PgpCase> All { get; } =
        [.. SignatureCases.All, .. FramingCases.All, .. ArmorCases.All, .. CertificateCases.All, .. SubkeyCases.All, .. BuiltPackage()];

    /// <summary>Our verdict by its name, or BadCertificate where the certificate is not even read, with what is said of it.</summary>
    public string Judge(DateTimeOffset now, out string message)
    {
        try
        {
            var result = new OpenPgpVerifier(OpenPgpCertificate.Parse(Certificate, "c"), now).VerifyDetached(Pgp.Content, Signature);
            message = result.Message;
            return result.Verdict.ToString();
        }
        catch (TdxException e) when (e.Code == ExitCode.BadInput)
        {
            message = e.Hint is { } hint ? $"{e.Message} ({hint})" : e.Message;
            return "BadCertificate";
        }
    }

    private static IEnumerable<PgpCase> BuiltPackage() =>
        Directory.GetFiles(Path.Combine(TestData.Checkout, Folder), "*.pgp").Order(StringComparer.Ordinal)
            .Select(path => new PgpCase($"made by {Path.GetFileNameWithoutExtension(path).Replace('-', ' ')}", File.ReadAllBytes(path),
                File.ReadAllBytes(Path.ChangeExtension(path, ".sig"))));
}
