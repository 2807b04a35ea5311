using System.CommandLine;
using System.Globalization;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel keys</c>.</summary>
internal static class KeysCommand
{
    /// <summary>The largest public key or certificate that is read, in bytes.</summary>
    internal const int MaxKey = 1 << 20;

    public static Command Create(Terminal terminal) => new("keys", "Make release keys and their certificates.")
    {
        KeysCreateCommand.Create(terminal), KeysCertificateCommand.Create(terminal), PublicCommand(terminal),
    };

    internal static Option<string> UserId() => new("--user-id")
    {
        HelpName = "TEXT",
        Required = true,
        Description = "OpenPGP user id: Name <mail>",
    };

    internal static Option<string?> Created() => new("--created")
    {
        HelpName = "TIME",
        Description = "creation time, part of the fingerprint: 2026-02-10 or 2026-02-10T12:00:00Z; default: SOURCE_DATE_EPOCH, else now",
    };

    internal static Option<string?> Expires() =>
        new("--expires") { HelpName = "TIME", Description = "end of the key's life; default: none" };

    /// <summary>When a key's life begins and ends.</summary>
    /// <exception cref="TdxException">Exit 2: not a time, or it would end before it begins.</exception>
    internal static (DateTimeOffset Created, DateTimeOffset? Expires) Life(string? created, string? expires)
    {
        var from = created is null ? DateTimeOffset.FromUnixTimeSeconds(Options.Time().ToUnixTimeSeconds()) : Time(created, "--created");
        var to = expires is null ? (DateTimeOffset?)null : Time(expires, "--expires");
        return to <= from
            ? throw new TdxException(ExitCode.Usage, $"--expires: {to:yyyy-MM-dd} is not after the creation, {from:yyyy-MM-dd}")
            : (from, to);
    }

    internal static void Print(Terminal terminal, IEnumerable<string> files, RsaPublicKey key, OpenPgpCertificate certificate)
    {
        foreach (var file in files)
        {
            terminal.Line(file);
        }

        terminal.Line($"key {key.Sha256} (RSA-{key.Bits})");
        terminal.Line($"OpenPGP fingerprint {certificate.Fingerprint}");
    }

    /// <summary><c>tdxrel keys public CERTIFICATE</c>.</summary>
    private static Command PublicCommand(Terminal terminal)
    {
        var file = new Argument<string>("CERTIFICATE") { Description = "OpenPGP certificate, as gpg --export writes it" };
        var command = new Command("public", "Take the public key of an OpenPGP certificate: the PEM file that audit asks for.\n\n"
            + "Example: gpg --export FINGERPRINT > release.pgp && tdxrel keys public release.pgp > release.pub.pem")
        {
            file,
        };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(file);
            var certificate = OpenPgpCertificate.Parse(InputFile.Read(path, MaxKey), path);
            var key = certificate.SigningKey
                ?? throw new TdxException(ExitCode.Refused, $"{SafePath.Printable(path)}: no key of it may sign");
            terminal.Bytes(Encoding.ASCII.GetBytes(key.ToPem()));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static DateTimeOffset Time(string text, string option) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time.Year is >= 1970 and < 2106
            ? time
            : throw new TdxException(ExitCode.Usage,
                $"{option}: \"{SafePath.Printable(text)}\", want 2026-02-10 or 2026-02-10T12:00:00Z, from 1970 to 2105");
}
