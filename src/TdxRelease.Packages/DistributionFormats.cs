using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.Packages.Sysext;

namespace TdxRelease.Packages;

/// <summary>The package formats of distributions: bundle.json has a key for each.</summary>
public static class DistributionFormats
{
    /// <summary>Debian packages: what other formats say in Debian's terms comes from their metadata.</summary>
    public static DistributionFormat Deb { get; } = new DebFormat();

    /// <summary>Packages of Fedora, openSUSE and their kin.</summary>
    public static DistributionFormat Rpm { get; } = new RpmFormat();

    /// <summary>Packages of Arch Linux.</summary>
    public static DistributionFormat Arch { get; } = new ArchFormat();

    /// <summary>Extensions of hosts that take no packages.</summary>
    public static DistributionFormat Sysext { get; } = new SysextFormat();

    /// <summary>All of them, in the order in which they are listed and written.</summary>
    public static IReadOnlyList<DistributionFormat> All { get; } = [Deb, Rpm, Arch, Sysext];
}
