using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Packaging;

/// <summary>What a release is emitted as.</summary>
[Flags]
public enum PackageFormats
{
    /// <summary>Nothing but manifest, signatures and public key.</summary>
    None = 0,

    /// <summary>The bundle folder as a tar archive.</summary>
    Tar = 1,

    /// <summary>Debian package.</summary>
    Deb = 2,

    /// <summary>rpm package.</summary>
    Rpm = 4,

    /// <summary>Arch package.</summary>
    Arch = 8,

    /// <summary>Signed apt repository.</summary>
    Apt = 16,

    /// <summary>Signed dnf repository.</summary>
    Dnf = 32,

    /// <summary>Signed pacman repository.</summary>
    Pacman = 64,

    /// <summary>OCI image layout.</summary>
    Oci = 128,

    /// <summary>Debian source, SRPM, PKGBUILD and Nix expression.</summary>
    Sources = 256,
}

/// <summary>The formats as users write them, and which of them a release can have.</summary>
public static class FormatChoice
{
    /// <summary>Everything.</summary>
    public const PackageFormats All = (PackageFormats)511;

    /// <summary>What clients accept only with OpenPGP signatures.</summary>
    public const PackageFormats Repositories = PackageFormats.Apt | PackageFormats.Dnf | PackageFormats.Pacman;

    /// <summary>All names, comma-separated, for help texts.</summary>
    public static string Names { get; } = string.Join(',', Singles.Select(Name));

    private static IEnumerable<PackageFormats> Singles => Enum.GetValues<PackageFormats>().Where(f => f != PackageFormats.None);

    /// <summary>Reads a comma-separated list; null stands for "whatever is possible".</summary>
    /// <exception cref="TdxException">Exit 2: an unknown or repeated name, an empty list.</exception>
    public static PackageFormats? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var formats = PackageFormats.None;
        foreach (var name in text.Split(','))
        {
            var format = Singles.FirstOrDefault(f => Name(f) == name);
            if (format == PackageFormats.None || formats.HasFlag(format))
            {
                throw new TdxException(ExitCode.Usage, $"--formats: got \"{TdxRelease.Core.Files.SafePath.Printable(name)}\"{(format == PackageFormats.None ? "" : " twice")}, want some of {Names}");
            }

            formats |= format;
        }

        return formats;
    }

    /// <summary>What is emitted. Repositories that nobody asked for by name are left out, with a notice, where they cannot be signed.</summary>
    /// <param name="asked">What the user asked for, or null.</param>
    /// <param name="openPgp">Whether there is an OpenPGP certificate.</param>
    /// <param name="notice">Gets one line.</param>
    /// <exception cref="TdxException">Exit 5: asked for by name, and cannot be signed.</exception>
    public static PackageFormats Resolve(PackageFormats? asked, bool openPgp, Action<string> notice)
    {
        var formats = asked ?? All;
        var unsignable = openPgp ? PackageFormats.None : formats & Repositories;
        if (unsignable == PackageFormats.None)
        {
            return formats;
        }

        var names = string.Join(", ", Singles.Where(f => unsignable.HasFlag(f)).Select(Name));
        if (asked is not null)
        {
            throw new TdxException(ExitCode.Refused, $"{names}: a repository needs OpenPGP signatures, and there is no OpenPGP certificate", "tdxrel keys create makes one beside the key; or --certificate=FILE");
        }

        notice($"left out, because there is no OpenPGP certificate: {names}");
        return formats & ~unsignable;
    }

    private static string Name(PackageFormats format) => format.ToString().ToLowerInvariant();
}
