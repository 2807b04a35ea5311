using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Composition;
using TdxRelease.Signing;
using TdxRelease.Signing.External;

namespace TdxRelease.Cli.Commands;

/// <summary>The options that name the release key: a file, or a program in front of an HSM, KMS or smart card.</summary>
internal sealed class SigningOptions
{
    private readonly Option<string?> key = new("--signing-key") { HelpName = "PEM", Description = "the release key: RSA of 4096 bits or more, PEM or an OpenPGP secret key" };
    private readonly Option<string?> certificate = new("--certificate") { HelpName = "PGP", Description = "OpenPGP certificate of the key, for packages and repositories; default: NAME.pgp beside NAME.pem" };
    private readonly Option<string?> passphrase = new("--passphrase") { HelpName = "fd:N|file:PATH|env:NAME", Description = "where the passphrase of the key is" };
    private readonly Option<string?> program = new("--signing-command") { HelpName = "COMMAND", Description = "program that signs: gets the input on stdin, prints the raw signature; {hash} becomes sha256, sha384 or sha512" };
    private readonly Option<string?> publicKey = new("--signing-public-key") { HelpName = "PEM", Description = "public half of the key behind --signing-command" };
    private readonly Option<string?> input = new("--signing-input") { HelpName = "digest|digest-info|payload", Description = "what the program gets; default: digest" };

    public SigningOptions() => input.AcceptOnlyFromAmong("digest", "digest-info", "payload");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[key, certificate, passphrase, program, publicKey, input])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Opens the key; null where none is named.</summary>
    /// <exception cref="TdxException">Exit 2: options that do not fit; else as <see cref="Signers"/> says.</exception>
    public ReleaseSigner? Open(ParseResult parse, int minimumBits, bool testKey, Action<string> log)
    {
        var (file, command, half) = (parse.GetValue(key), parse.GetValue(program), parse.GetValue(publicKey));
        if (command is null)
        {
            return half is not null || parse.GetValue(input) is not null ? throw new TdxException(ExitCode.Usage, "--signing-public-key and --signing-input belong to --signing-command")
                : file is null ? null
                : Signers.Open(file, parse.GetValue(certificate), parse.GetValue(passphrase), minimumBits, testKey);
        }

        if (file is not null || half is null || parse.GetValue(passphrase) is not null)
        {
            throw new TdxException(ExitCode.Usage, "--signing-command needs --signing-public-key, and neither --signing-key nor --passphrase", "the program gets its PIN from where it wants, never from tdxrel");
        }

        var given = parse.GetValue(input) switch { "payload" => SigningInput.Payload, "digest-info" => SigningInput.DigestInfo, _ => SigningInput.Digest };
        return Signers.External(command, given, half, parse.GetValue(certificate), minimumBits, log);
    }
}
