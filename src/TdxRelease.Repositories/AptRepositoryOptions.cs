using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;

namespace TdxRelease.Repositories;

/// <summary>What an apt repository says about itself.</summary>
/// <param name="Name">File name of the key and the <c>.sources</c> file.</param>
/// <param name="Origin">Release: Origin and Label.</param>
/// <param name="Suite">Release: Suite and Codename; the folder below <c>dists</c>.</param>
/// <param name="Component">The component, for example <c>non-free-firmware</c>.</param>
/// <param name="Description">One line.</param>
/// <param name="BaseUri">Where users reach the folder; goes into the <c>.sources</c> file.</param>
/// <param name="Time">Release: Date, and the time of the signatures.</param>
/// <param name="ValidFor">Clients refuse the index after this time: protection against a mirror that is held back.</param>
public sealed partial record AptRepositoryOptions(string Name, string Origin, string Suite, string Component, string Description,
    string BaseUri, DateTimeOffset Time, TimeSpan ValidFor)
{
    /// <summary>The architectures of its users, besides <c>all</c>.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = ["amd64"];

    internal void Require()
    {
        foreach (var architecture in Architectures)
        {
            SpecRules.Match(Word(), "architecture", architecture, "letters, digits, \".\", \"_\" and \"-\"");
        }

        SpecRules.Match(Word(), "repository name", Name, "letters, digits, \".\", \"_\" and \"-\"");
        SpecRules.Match(Word(), "suite", Suite, "letters, digits, \".\", \"_\" and \"-\"");
        SpecRules.Match(Word(), "component", Component, "letters, digits, \".\", \"_\" and \"-\"");
        SpecRules.Match(Line(), "origin", Origin, "one line of text");
        SpecRules.Match(Line(), "description", Description, "one line of text");
        SpecRules.Match(Uri(), "base URI", BaseUri, "http, https or file, without blanks");
        if (ValidFor <= TimeSpan.Zero)
        {
            throw new TdxException(ExitCode.BadInput, $"validity of {ValidFor} ends before it begins");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    internal static partial Regex Word();

    [GeneratedRegex(@"\A[^\x00-\x20][^\x00-\x1f]*\z")]
    internal static partial Regex Line();

    [GeneratedRegex(@"\A(https?|file):[!-~]+\z")]
    internal static partial Regex Uri();
}
