using System.CommandLine;
using TdxRelease.Release;

namespace TdxRelease.Cli.Commands;

/// <summary>Which version a new release's packages have, and how long it counts.</summary>
internal sealed class VersionOptions
{
    private readonly Option<string?> revision = new("--revision")
    {
        HelpName = "N",
        Description = "which packaging of the same upstream it is: Debian revision, rpm release, pkgrel; default: 1",
    };

    private readonly Option<string?> version = new("--package-version")
    {
        HelpName = "VERSION",
        Description = "version of the packages; default: the date of upstream's commit",
    };

    private readonly Option<string?> date = new("--version-date")
    {
        HelpName = "DATE",
        Description = "YYYY-MM-DD: the date that is the version, where upstream's is not known",
    };

    private readonly Option<int?> lifetime = new("--lifetime-days")
    {
        HelpName = "DAYS",
        Description = "how long hosts take the manifest; default: 366, for the sample 3660",
    };

    private readonly Option<int?> index = new("--index-days")
    {
        HelpName = "DAYS",
        Description = "how long apt takes a repository's index (Valid-Until); default: as long as the manifest",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[revision, version, date, lifetime, index])
        {
            command.Add(option);
        }
    }

    public ReleaseRequest Fill(ParseResult parse, ReleaseRequest request) => request with
    {
        Revision = parse.GetValue(revision),
        PackageVersion = parse.GetValue(version),
        VersionDate = parse.GetValue(date),
        LifetimeDays = parse.GetValue(lifetime),
        IndexDays = parse.GetValue(index),
    };
}
