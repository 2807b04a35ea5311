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
    private readonly Option<string> user = new("--user-id")
    {
        HelpName = "TEXT",
        Required = true,
        Description = "OpenPGP user id: Name <mail>",
    };
    private readonly Option<string?> created = new("--created")
    {
        HelpName = "TIME",
        Description = "creation time, part of the fingerprint: 2026-02-10 or 2026-02-10T12:00:00Z; default: SOURCE_DATE_EPOCH, else now",
    };
    private readonly Option<string?> expires = new("--expires")
    {
        HelpName = "TIME",
        Description = "end of the key's life; default: none",
    };
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
        var time = parse.GetValue(created) is { } text ? KeysCommand.Time(text, "--created") : KeysCommand.Seconds(Options.Time());
        var end = parse.GetValue(expires) is { } last ? KeysCommand.Time(last, "--expires") : (DateTimeOffset?)null;
        using var signer = Signers.Open(signing.Key(parse), RsaPublicKey.DefaultMinimumBits, testKey: false, terminal.Note)
            ?? throw new TdxException(ExitCode.Usage, "no key is given",
                "--signing-key FILE, or --signing-command and --signing-public-key");
        var (certificate, files) = ReleaseKey.Certify(parse.GetRequiredValue(output), signer.Rsa, parse.GetRequiredValue(user), time, end);
        foreach (var file in files)
        {
            terminal.Line(file);
        }

        terminal.Line($"key {signer.Rsa.PublicKey.Sha256} (RSA-{signer.Rsa.PublicKey.Bits})");
        terminal.Line($"OpenPGP fingerprint {certificate.Fingerprint}");
        return (int)ExitCode.Success;
    }
}
