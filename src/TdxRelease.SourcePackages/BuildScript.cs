using System.Text;

namespace TdxRelease.SourcePackages;

/// <summary>The POSIX sh script of the source forms, build.sh: fetches what is not carried, joins images, checks every file.</summary>
internal static class BuildScript
{
    /// <summary>The script of a source that is all the project's own; what it does not carry is fetched below a URL.</summary>
    /// <param name="baseUrl">Holds no character that the shell would read.</param>
    public static byte[] Fetching(string baseUrl) => Filled(baseUrl, own: ".", top: ".");

    /// <summary>The script in the folder <c>debian</c> of upstream's own tree, which has every file.</summary>
    public static byte[] InDebian() => Filled("", own: "debian", top: "..");

    private static byte[] Filled(string baseUrl, string own, string top)
    {
        using var stream = typeof(BuildScript).Assembly.GetManifestResourceStream("build.sh")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Encoding.UTF8.GetBytes(reader.ReadToEnd()
            .Replace("@BASE@", baseUrl, StringComparison.Ordinal)
            .Replace("@OWN@", own, StringComparison.Ordinal)
            .Replace("@TOP@", top, StringComparison.Ordinal));
    }
}
