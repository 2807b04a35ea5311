using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Composition;
using TdxRelease.Signing;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel keys certificate</c>: for keys that were not made by <c>keys create</c>, such as those born in an HSM.</summary>
internal sealed class KeysCertificateCommand
{
    private readonly Option<string> output = new("--out")
    {
        HelpName = "PREFIX",
        Required = true,
        Description = "path and name: PREFIX.pub.pem, PREFIX.pgp, PREFIX.asc; nothing is overwritten",
    };
    private readonly Option<string> user = KeysCommand.UserId();
    private readonly Option<string?> created = KeysCommand.Created();
    private readonly Option<string?> expires = KeysCommand.Expires();
    private readonly SigningOptions signing = new();

    public static Command Create(Terminal terminal) => new KeysCertificateCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command("certificate", "Make the OpenPGP certificate of a release key that exists, in a file or in an HSM.\n\n"
            + "Example: tdxrel keys certificate --out release --user-id 'TDX releases <tdx@example.org>' --created 2026-02-10 "
            + "--signing-command 'hsm-sign {hash}' --signing-public-key hsm.pem")
        {
            output, user, created, expires,
        };
        signing.AddTo(command, withCertificate: false);
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var (time, end) = KeysCommand.Life(parse.GetValue(created), parse.GetValue(expires));
        using var signer = Signers.Open(signing.Key(parse), RsaPublicKey.DefaultMinimumBits, testKey: false, terminal.Note)
            ?? throw new TdxException(ExitCode.Usage, "no key is given",
                "--signing-key FILE, or --signing-command and --signing-public-key");
        var (certificate, files) = ReleaseKey.Certify(parse.GetRequiredValue(output), signer.Rsa, parse.GetRequiredValue(user), time, end);
        KeysCommand.Print(terminal, files, signer.Rsa.PublicKey, certificate);
        return (int)ExitCode.Success;
    }
}
