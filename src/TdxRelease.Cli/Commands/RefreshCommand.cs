using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release;
using TdxRelease.Release.Composition;
using TdxRelease.Repositories;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel refresh REPOSITORY|RELEASE</c>.</summary>
internal static class RefreshCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>(
            "REPOSITORY|RELEASE")
        { Description = "an apt repository, a directory with repositories, or a release" };
        var signing = new SigningOptions();
        var days = new Option<int?>("--index-days")
        {
            HelpName = "DAYS",
            Description = "how long apt takes the index; default: as long as before"
        };
        var json = Options.Json();
        var command = new Command(
            "refresh",
            "Sign an apt index again with new dates, and change no package.\n\n"
            + "Example: tdxrel refresh ./repositories --signing-key release.pem --index-days 30")
        {
            folder, days, json,
        };
        signing.AddTo(command);
        command.SetAction(parse =>
        {
            using var signer = Signers.Open(signing.Key(parse), TrustPolicy.Default.MinBundleBits, testKey: false,
                line => terminal.Note(line))
                ?? throw new TdxException(ExitCode.Refused, "no signing key is given",
                    "--signing-key=KEY.pem, the key that signed the repository");
            var target = parse.GetRequiredValue(folder);
            var time = DateTimeOffset.FromUnixTimeSeconds(Options.Time().ToUnixTimeSeconds());
            Print(terminal, target, RefreshStage.Run(target, time, ReleaseStage.Days("--index-days", parse.GetValue(days)), signer),
                parse.GetValue(json));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(Terminal terminal, string folder, AptDates dates, bool json)
    {
        if (!json)
        {
            terminal.Line($"{folder}: the index is of {Rfc3339.Write(dates.Date)} and counts until {Rfc3339.Write(dates.ValidUntil)}");
            return;
        }

        terminal.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("format", "tdxrel-refresh/1");
            writer.WriteString("folder", folder);
            writer.WriteString("date", Rfc3339.Write(dates.Date));
            writer.WriteString("validUntil", Rfc3339.Write(dates.ValidUntil));
            writer.WriteEndObject();
        });
    }
}
