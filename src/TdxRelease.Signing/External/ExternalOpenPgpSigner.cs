using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Signing.External;

/// <summary>
/// An OpenPGP key behind a program such as gpg with its agent. The program
/// makes whole OpenPGP signatures, so it, not we, decides whether they are
/// reproducible: gpg does with <c>--faked-system-time {time}!</c>. Each signature is checked against the certificate before it is used.
/// </summary>
public sealed class ExternalOpenPgpSigner : IOpenPgpSigner
{
    private readonly SigningProgram detach;
    private readonly SigningProgram? clear;
    private readonly OpenPgpCertificate certificate;
    private readonly int minimumBits;

    /// <summary>Binds the programs to the certificate.</summary>
    /// <param name="detach">
    /// Payload in, binary detached signature out: <c>gpg --batch --faked-system-time {time}! -u KEY --detach-sign</c>.
    /// </param>
    /// <param name="clear">
    /// Text in, clear-signed text out: <c>gpg … --clear-sign</c>; null where only detached signatures are needed.
    /// </param>
    /// <param name="certificate">The key's certificate.</param>
    /// <param name="minimumBits">Shorter keys are refused.</param>
    /// <exception cref="TdxException">Exit 5: the key is too short or revoked.</exception>
    public ExternalOpenPgpSigner(SigningProgram detach, SigningProgram? clear, OpenPgpCertificate certificate,
        int minimumBits = RsaPublicKey.DefaultMinimumBits)
    {
        certificate.PublicKey.RequireBits(minimumBits, $"OpenPGP key {certificate.Fingerprint}");
        if (certificate.Revoked)
        {
            throw new TdxException(ExitCode.Refused, $"OpenPGP key {certificate.Fingerprint} is revoked");
        }

        this.detach = detach;
        this.clear = clear;
        this.certificate = certificate;
        this.minimumBits = minimumBits;
    }

    /// <inheritdoc/>
    public string Fingerprint => certificate.Fingerprint;

    /// <inheritdoc/>
    public byte[] Certificate => certificate.ToArray();

    /// <inheritdoc/>
    public byte[] SignDetached(ReadOnlySpan<byte> content, DateTimeOffset time)
    {
        var at = Raised(time);
        var output = detach.Run(content.ToArray(), Time(at));
        var signature = Armor.IsArmored(output) ? Armor.Decode(output, Armor.Signature, $"output of \"{detach.Name}\"") : output;
        Require(detach, VerifierAt(at).VerifyDetached(content, signature));
        return signature;
    }

    /// <inheritdoc/>
    public string SignDetachedArmored(ReadOnlySpan<byte> content, DateTimeOffset time) =>
        Armor.Encode(Armor.Signature, SignDetached(content, time));

    /// <inheritdoc/>
    public string ClearSign(string text, DateTimeOffset time)
    {
        var program = clear ?? throw new TdxException(ExitCode.Usage, "no command for clear-signed texts was given");
        var at = Raised(time);
        var output = program.Run(Encoding.UTF8.GetBytes(text), Time(at));
        var result = VerifierAt(at).VerifyClearSigned(output);
        Require(program, result);
        return result.Text == Encoding.UTF8.GetString(Cleartext.Canonical(text)).Replace("\r\n", "\n", StringComparison.Ordinal) + "\n"
            ? Encoding.UTF8.GetString(output)
            : throw new TdxException(ExitCode.VerificationFailed,
                $"the signing program \"{program.Name}\" signed another text than it was given");
    }

    private static (string, string) Time(DateTimeOffset at) => ("{time}", $"{at.UtcDateTime:yyyyMMdd'T'HHmmss}");

    private DateTimeOffset Raised(DateTimeOffset time) => time < certificate.CreatedAt ? certificate.CreatedAt : time;

    /// <summary>
    /// A program that ignores {time} dates its signature itself, later than
    /// the time asked for: only what is wrong at any time is refused here.
    /// </summary>
    private OpenPgpVerifier VerifierAt(DateTimeOffset at) =>
        new(certificate, certificate.ExpiresAt is { } end ? end.AddSeconds(-1) : at.AddYears(100), minimumBits);

    private static void Require(SigningProgram program, OpenPgpResult result)
    {
        if (!result.IsGood)
        {
            throw new TdxException(ExitCode.VerificationFailed,
                $"the signing program \"{program.Name}\" returned no usable signature: {result.Message}");
        }
    }
}
