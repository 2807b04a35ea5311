using System.CommandLine;
using TdxRelease.Release.Composition;

namespace TdxRelease.Cli.Commands;

/// <summary>The options that name the release key: a file, or a program in front of an HSM, KMS or smart card.</summary>
internal sealed class SigningOptions
{
    private readonly Option<string?> key =
        new("--signing-key") { HelpName = "PEM", Description = "the release key: RSA of 4096 bits or more, PEM or an OpenPGP secret key" };
    private readonly Option<string?> certificate =
        new("--certificate")
        {
            HelpName = "PGP",
            Description = "OpenPGP certificate of the key, for packages and repositories; default: NAME.pgp beside NAME.pem"
        };
    private readonly Option<string?> passphrase =
        new("--passphrase") { HelpName = "fd:N|file:PATH|env:NAME", Description = "where the passphrase of the key is" };
    private readonly Option<string?> program =
        new("--signing-command")
        {
            HelpName = "COMMAND",
            Description = "program that signs: gets the input on stdin, prints the raw signature; {hash} becomes sha256, sha384 or sha512"
        };
    private readonly Option<string?> publicKey =
        new("--signing-public-key") { HelpName = "PEM", Description = "public half of the key behind --signing-command" };
    private readonly Option<string?> input =
        new("--signing-input") { HelpName = "digest|digest-info|payload", Description = "what the program gets; default: digest" };

    private readonly Option<string?> second =
        new("--second-key")
        {
            HelpName = "PEM",
            Description = "another key, with NAME.pgp beside it, that signs the indices of apt and dnf too"
        };
    private readonly Option<string?> secondPassphrase =
        new("--second-passphrase") { HelpName = "fd:N|file:PATH|env:NAME", Description = "where the passphrase of --second-key is" };
    private readonly Option<string?> keyring =
        new("--keyring")
        {
            HelpName = "PGP",
            Description = "certificates that the users of repositories get besides the signers', and whose signatures there count"
        };

    public SigningOptions() => input.AcceptOnlyFromAmong([.. Signers.Inputs]);

    /// <param name="command">Gets the options.</param>
    /// <param name="withCertificate">Whether certificates can be named; not where one is made.</param>
    public void AddTo(Command command, bool withCertificate = true)
    {
        Option[] ofCertificates = withCertificate ? [certificate, second, secondPassphrase, keyring] : [];
        foreach (var option in (Option[])[key, passphrase, program, publicKey, input, .. ofCertificates])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The key that they name.</summary>
    public SigningKey Key(ParseResult parse) => new()
    {
        File = parse.GetValue(key),
        Certificate = parse.GetValue(certificate),
        Passphrase = parse.GetValue(passphrase),
        Program = parse.GetValue(program),
        PublicKey = parse.GetValue(publicKey),
        Input = parse.GetValue(input),
        Second = parse.GetValue(second),
        SecondPassphrase = parse.GetValue(secondPassphrase),
        Keyring = parse.GetValue(keyring),
    };
}
