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
    private const int MaxCertificate = 1 << 20;

    public static Command Create(Terminal terminal) => new("keys", "Make release keys and their certificates.")
    {
        CreateCommand(terminal), KeysCertificateCommand.Create(terminal), PublicCommand(terminal),
    };

    private static Command CreateCommand(Terminal terminal)
    {
        var output = new Option<string>("--out")
        {
            Required = true,
            HelpName = "PREFIX",
            Description = "path and name: PREFIX.pem, PREFIX.pub.pem, PREFIX.pgp, PREFIX.asc; nothing is overwritten"
        };
        var user = new Option<string>("--user-id") { Required = true, HelpName = "TEXT", Description = "OpenPGP user id: Name <mail>" };
        var created = new Option<string?>("--created")
        {
            HelpName = "TIME",
            Description = "creation time, part of the fingerprint: 2026-02-10 or 2026-02-10T12:00:00Z; default: SOURCE_DATE_EPOCH, else now"
        };
        var expires = new Option<string?>("--expires") { HelpName = "TIME", Description = "end of the key's life; default: none" };
        var passphrase = new Option<string?>("--passphrase")
        {
            HelpName = "fd:N|file:PATH|env:NAME",
            Description = "encrypts the private key"
        };
        var bits = new Option<int>("--bits")
        {
            HelpName = "N",
            Description = "length of the RSA key",
            DefaultValueFactory = _ => RsaPublicKey.DefaultMinimumBits
        };
        var secret = new Option<bool>("--with-openpgp-secret") { Description = "also write PREFIX.secret.asc, for gpg" };
        var command = new Command("create",
            "Make an RSA release key with its OpenPGP certificate.\n\nExample: tdxrel keys create --out release --user-id 'TDX releases <tdx@example.org>' --passphrase file:pass")
        {
            output, user, created, expires, passphrase, bits, secret,
        };
        command.SetAction(parse =>
        {
            var time = parse.GetValue(created) is { } text ? Time(text, "--created") : Seconds(Options.Time());
            var end = parse.GetValue(expires) is { } last ? Time(last, "--expires") : (DateTimeOffset?)null;
            if (end <= time)
            {
                throw new TdxException(ExitCode.Usage, $"--expires: {end:yyyy-MM-dd} is not after the creation, {time:yyyy-MM-dd}");
            }

            using var words = parse.GetValue(passphrase) is { } source ? Passphrase.Open(source) : null;
            var prefix = parse.GetRequiredValue(output);
            var files = ReleaseKey.Create(prefix,
                new ReleaseKeyRequest(parse.GetRequiredValue(user), time, end, parse.GetValue(bits), parse.GetValue(secret)), words);
            foreach (var file in files)
            {
                terminal.Line(file);
            }

            var key = RsaPublicKey.FromPem(InputFile.Read($"{prefix}.pub.pem", 1 << 16));
            var certificate = OpenPgpCertificate.Parse(InputFile.Read($"{prefix}.pgp", MaxCertificate));
            terminal.Line($"key {key.Sha256} (RSA-{key.Bits})");
            terminal.Line($"OpenPGP fingerprint {certificate.Fingerprint}");
            if (words is null)
            {
                terminal.Note($"warning: {prefix}.pem is not encrypted: whoever reads it signs your releases");
            }

            return (int)ExitCode.Success;
        });
        return command;
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
            var certificate = OpenPgpCertificate.Parse(InputFile.Read(path, MaxCertificate), path);
            var key = certificate.SigningKey
                ?? throw new TdxException(ExitCode.Refused, $"{SafePath.Printable(path)}: no key of it may sign");
            terminal.Bytes(Encoding.ASCII.GetBytes(key.ToPem()));
            return (int)ExitCode.Success;
        });
        return command;
    }

    internal static DateTimeOffset Time(string text, string option) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time.Year is >= 1970 and < 2106
            ? time
            : throw new TdxException(ExitCode.Usage,
                $"{option}: \"{SafePath.Printable(text)}\", want 2026-02-10 or 2026-02-10T12:00:00Z, from 1970 to 2105");

    internal static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
