using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Oci;
using TdxRelease.Repositories;
using TdxRelease.SourcePackages;

namespace TdxRelease.Release.Packaging;

/// <summary>The forms in which a release is published. Help texts, options, packaging, audit and rebuild take them from here.</summary>
public static class PackageFormats
{
    /// <summary>All of them, in the order in which they are listed and written.</summary>
    public static IReadOnlyList<PackageFormat> All { get; } =
    [
        new TarFormat(),
        .. DistributionFormats.All,
        new AptFormat(DistributionFormats.Deb),
        new DnfFormat(DistributionFormats.Rpm),
        new PacmanFormat(DistributionFormats.Arch),
        .. LayoutFormat.All,
        new SourcesFormat(DistributionFormats.Rpm, DistributionFormats.Arch),
    ];

    /// <summary>All names, comma-separated, for help texts.</summary>
    public static string Names { get; } = string.Join(',', All.Select(f => f.Name));

    /// <summary>What can be opened as a file, for messages.</summary>
    public static string Wanted { get; } = All.SelectMany(f => f.Endings).ToList() is var endings
        ? $"a directory, {string.Join(", ", endings[..^1])} or {endings[^1]}" : "";

    /// <summary>The format of a file by its name, or null. Later formats first: a tar is what is none of the others.</summary>
    public static PackageFormat? OfFile(string fileName) => All.LastOrDefault(f => f.Matches(fileName));

    /// <summary>Reads a comma-separated list; null stands for "whatever is possible".</summary>
    /// <exception cref="TdxException">Exit 2: an unknown or repeated name, an empty list.</exception>
    public static IReadOnlyList<PackageFormat>? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var formats = new List<PackageFormat>();
        foreach (var name in text.Split(','))
        {
            var format = All.FirstOrDefault(f => f.Name == name);
            if (format is null || formats.Contains(format))
            {
                throw new TdxException(ExitCode.Usage,
                    $"--formats: got \"{SafePath.Printable(name)}\"{(format is null ? "" : " twice")}, want some of {Names}");
            }

            formats.Add(format);
        }

        return formats;
    }

    /// <summary>
    /// What is emitted. Repositories that nobody asked for by name are left out, with a notice, where they cannot be signed.
    /// </summary>
    /// <param name="asked">What the user asked for, or null.</param>
    /// <param name="openPgp">Whether there is an OpenPGP certificate.</param>
    /// <param name="notice">Gets one line.</param>
    /// <returns>Some of <see cref="All"/>, in its order.</returns>
    /// <exception cref="TdxException">Exit 5: asked for by name, and cannot be signed.</exception>
    public static IReadOnlyList<PackageFormat> Resolve(IReadOnlyList<PackageFormat>? asked, bool openPgp, Action<string> notice)
    {
        var formats = All.Where(f => asked?.Contains(f) ?? true).ToList();
        var unsignable = openPgp ? [] : formats.Where(f => f.Serves is not null).ToList();
        if (unsignable.Count == 0)
        {
            return formats;
        }

        var names = string.Join(", ", unsignable.Select(f => f.Name));
        if (asked is not null)
        {
            throw new TdxException(
                ExitCode.Refused,
                $"{names}: a repository needs OpenPGP signatures, and there is no OpenPGP certificate",
                "tdxrel keys create makes one beside the key; or --certificate=FILE");
        }

        notice($"left out, because there is no OpenPGP certificate: {names}");
        return [.. formats.Except(unsignable)];
    }
}
