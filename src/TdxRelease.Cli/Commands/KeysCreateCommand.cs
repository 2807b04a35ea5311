using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel keys create</c>.</summary>
internal sealed class KeysCreateCommand
{
    private readonly Option<string> output = new("--out")
    {
        HelpName = "PREFIX",
        Required = true,
        Description = "path and name: PREFIX.pem, PREFIX.pub.pem, PREFIX.pgp, PREFIX.asc; nothing is overwritten",
    };
    private readonly Option<string> user = KeysCommand.UserId();
    private readonly Option<string?> created = KeysCommand.Created();
    private readonly Option<string?> expires = KeysCommand.Expires();
    private readonly Option<string?> passphrase = new("--passphrase")
    {
        HelpName = "fd:N|file:PATH|env:NAME",
        Description = "encrypts the private key",
    };
    private readonly Option<int> bits = new("--bits")
    {
        HelpName = "N",
        Description = "length of the RSA key",
        DefaultValueFactory = _ => RsaPublicKey.DefaultMinimumBits,
    };
    private readonly Option<bool> secret = new("--with-openpgp-secret") { Description = "also write PREFIX.secret.asc, for gpg" };

    public static Command Create(Terminal terminal) => new KeysCreateCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command("create", "Make an RSA release key with its OpenPGP certificate.\n\n"
            + "Example: tdxrel keys create --out release --user-id 'TDX releases <tdx@example.org>' --passphrase file:pass")
        {
            output, user, created, expires, passphrase, bits, secret,
        };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var (time, end) = KeysCommand.Life(parse.GetValue(created), parse.GetValue(expires));
        using var words = parse.GetValue(passphrase) is { } source ? Passphrase.Open(source) : null;
        var prefix = parse.GetRequiredValue(output);
        var request = new ReleaseKeyRequest(parse.GetRequiredValue(user), time, end, parse.GetValue(bits), parse.GetValue(secret));
        var files = ReleaseKey.Create(prefix, request, words);
        KeysCommand.Print(
            terminal,
            files,
            RsaPublicKey.FromPem(InputFile.Read($"{prefix}.pub.pem", KeysCommand.MaxKey)),
            OpenPgpCertificate.Parse(InputFile.Read($"{prefix}.pgp", KeysCommand.MaxKey)));
        if (words is null)
        {
            terminal.Note($"warning: {prefix}.pem is not encrypted: whoever reads it signs your releases");
        }

        return (int)ExitCode.Success;
    }
}
