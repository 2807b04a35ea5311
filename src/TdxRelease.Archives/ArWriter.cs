using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>Writes the ar archives of deb: common format, short names without a slash, owner 0, mode 0100644 (deb(5)).</summary>
/// <param name="output">Where the archive goes; left open. The magic is written at once.</param>
/// <param name="time">Modification time of every member.</param>
public sealed class ArWriter(Stream output, DateTimeOffset time)
{
    internal const int HeaderLength = 60;
    private const long MaxSize = 9_999_999_999;
    private bool begun;

    internal static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    /// <summary>Writes one member.</summary>
    /// <param name="name">At most 15 printable ASCII characters without blank or slash.</param>
    /// <param name="content">The bytes; padded to an even length behind.</param>
    /// <exception cref="TdxException">Exit 3: the name does not fit.</exception>
    public void Write(string name, ReadOnlySpan<byte> content)
    {
        if (name.Length is 0 or > 15 || name.Any(c => c is <= ' ' or >= (char)0x7F or '/'))
        {
            throw new TdxException(ExitCode.BadInput, $"\"{name}\" is not a name that an ar archive can contain");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxSize);
        if (!begun)
        {
            output.Write(Magic);
            begun = true;
        }

        var header = $"{name,-16}{time.ToUnixTimeSeconds(),-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n";
        output.Write(Encoding.ASCII.GetBytes(header));
        output.Write(content);
        if (content.Length % 2 == 1)
        {
            output.WriteByte((byte)'\n');
        }
    }
}
