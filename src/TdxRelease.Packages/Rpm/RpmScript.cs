namespace TdxRelease.Packages.Rpm;

/// <summary>One scriptlet as it goes into the header or a spec file.</summary>
/// <param name="Body">Tag of its text.</param>
/// <param name="Program">Tag of its interpreter.</param>
/// <param name="Sense">Flag of the interpreter's requirement.</param>
/// <param name="Section">Its section in a spec file.</param>
/// <param name="Text">Guards and script.</param>
internal sealed record RpmScript(RpmTag Body, RpmTag Program, RpmSense Sense, string Section, string Text)
{
    // Image builds and chroots have no running systemd: nothing may happen there (the rule of firmware packages).
    private const string SystemdGuard = "[ -d /run/systemd/system ] || exit 0\n";

    // rpm passes the number of packages of this name that remain: above 0 it is an upgrade, not a removal.
    private const string RemovalGuard = "[ \"$1\" -eq 0 ] || exit 0\n";

    public static IEnumerable<RpmScript> Of(PackageScripts scripts)
    {
        if (scripts.PostInstall is { } post)
        {
            yield return new RpmScript(RpmTag.PostIn, RpmTag.PostInProg, RpmSense.ScriptPostIn, "%post", SystemdGuard + post);
        }

        if (scripts.PreRemove is { } before)
        {
            yield return new RpmScript(RpmTag.PreUn, RpmTag.PreUnProg, RpmSense.ScriptPreUn, "%preun",
                SystemdGuard + RemovalGuard + before);
        }

        if (scripts.PostRemove is { } after)
        {
            yield return new RpmScript(RpmTag.PostUn, RpmTag.PostUnProg, RpmSense.ScriptPostUn, "%postun",
                SystemdGuard + RemovalGuard + after);
        }
    }
}
