using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>The fields that binary and source packages share, checked for what rpm can hold.</summary>
internal static partial class RpmIdentity
{
    /// <summary>What stands for the build host: a real name would make builds differ and leak.</summary>
    public const string BuildHost = "reproducible";

    /// <summary>The group of firmware while distributions still had groups; tools that ask for one take no "Unspecified".</summary>
    public const string Group = "System Environment/Base";

    public static string Evr(PackageSpec spec) => $"{spec.Version}-{spec.Revision}";

    public static string Nevr(PackageSpec spec)
    {
        Check(spec);
        return $"{spec.Name}-{Evr(spec)}";
    }

    /// <summary>The architecture as rpm calls it.</summary>
    public static string Architecture(PackageSpec spec) => spec.Architecture switch
    {
        PackageArchitecture.X64 => "x86_64",
        PackageArchitecture.Arm64 => "aarch64",
        _ => "noarch",
    };

    /// <summary>SOURCE_DATE_EPOCH in the 32 bits that rpm v4 has for it.</summary>
    public static long Time(PackageSpec spec)
    {
        var seconds = spec.Time.ToUnixTimeSeconds();
        return seconds is >= 0 and <= uint.MaxValue
            ? seconds
            : throw new TdxException(ExitCode.BadInput,
                $"time {spec.Time:yyyy-MM-ddTHH:mm:ssZ} does not fit into rpm's 32 bits: want 1970 to 2106");
    }

    public static void Describe(RpmHeaderBuilder header, PackageSpec spec)
    {
        Check(spec);
        header.Texts(RpmTag.HeaderI18nTable, ["C"]);
        header.Text(RpmTag.Name, spec.Name);
        header.Text(RpmTag.Version, spec.Version);
        header.Text(RpmTag.Release, spec.Revision);
        header.TranslatedText(RpmTag.Summary, spec.Summary);
        header.TranslatedText(RpmTag.Description, spec.Description);
        header.Int32(RpmTag.BuildTime, Time(spec));
        header.Text(RpmTag.BuildHost, BuildHost);
        header.Text(RpmTag.License, spec.License);
        header.Text(RpmTag.Packager, spec.Maintainer);
        header.TranslatedText(RpmTag.Group, Group);
        header.Text(RpmTag.Url, spec.Homepage);
        header.Text(RpmTag.Os, "linux");
        header.Text(RpmTag.Arch, Architecture(spec));
        header.Text(RpmTag.Encoding, "utf-8");
        header.Int32s(RpmTag.ChangelogTime, [.. spec.Changelog.Select(c => c.Time.ToUnixTimeSeconds())]);
        header.Texts(RpmTag.ChangelogName, [.. spec.Changelog.Select(c => $"{spec.Maintainer} - {c.Version}")]);
        header.Texts(RpmTag.ChangelogText, [.. spec.Changelog.Select(c => string.Join('\n', c.Lines.Select(l => $"- {l}")))]);
    }

    private static void Check(PackageSpec spec)
    {
        SpecRules.Require(spec);
        SpecRules.Match(VersionPattern(), "version", spec.Version, "letters, digits and ._+~^ for rpm");
        SpecRules.Match(VersionPattern(), "revision", spec.Revision, "letters, digits and ._+~^ for rpm");
    }

    [GeneratedRegex("^[A-Za-z0-9._+~^]+\\z")]
    private static partial Regex VersionPattern();
}
