using System.Text.RegularExpressions;

namespace TdxRelease.Upstream.Sources;

/// <summary>URLs may carry a name and a token; messages, records and locks must not.</summary>
internal static partial class Credentials
{
    /// <summary>The text with <c>user:token@</c> taken out of every URL in it. <c>ssh://git@host</c> keeps its user: it is a name, no secret.</summary>
    public static string Strip(string text) => UserInfo().Replace(text, match => match.Groups["ssh"].Success ? match.Value : $"{match.Groups["scheme"].Value}://");

    [GeneratedRegex(@"(?<ssh>ssh://[^/\s:@]+@)|(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://[^/\s]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
