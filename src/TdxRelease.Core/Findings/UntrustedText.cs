using System.Globalization;
using System.Text;

namespace TdxRelease.Core.Findings;

/// <summary>
/// Text from inputs on its way to people. What a terminal obeys, what
/// changes the order of what is read and what cannot be seen is spelled out:
/// control characters as <c>\x1b</c>, others as <c>\u202e</c>, which is also how JSON writes them. Credentials in URLs are left out.
/// </summary>
public static class UntrustedText
{
    /// <summary>The text on one line.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static string? Visible(string? text) => Escape(Credentials.Strip(text), keepLines: false);

    /// <summary>
    /// A finished document: line feeds and tabs are its own. JSON stays the same JSON, since nothing of it is hidden but inside strings.
    /// </summary>
    public static string Document(string text) => Escape(text, keepLines: true)!;

    private static string? Escape(string? text, bool keepLines)
    {
        var at = text is null ? -1 : FirstHidden(text, keepLines);
        if (at < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text!.Length + 16).Append(text, 0, at);
        for (int length; at < text.Length; at += length)
        {
            _ = Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out length);
            if (IsPlain(text, at, rune, keepLines))
            {
                visible.Append(text, at, length);
                continue;
            }

            foreach (var c in text.AsSpan(at, length))
            {
                visible.Append(c < ' ' || c == '\x7f' ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")
                    : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"));
            }
        }

        return visible.ToString();
    }

    private static int FirstHidden(string text, bool keepLines)
    {
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = 1;
            if (text[at] is >= ' ' and <= '~')
            {
                continue;
            }

            _ = Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out length);
            if (!IsPlain(text, at, rune, keepLines))
            {
                return at;
            }
        }

        return -1;
    }

    // A broken surrogate decodes to the replacement character, which a text may also hold itself.
    private static bool IsPlain(string text, int at, Rune rune, bool keepLines) =>
        (keepLines && text[at] is '\n' or '\t')
        || (!IsHidden(rune) && !(char.IsSurrogate(text[at]) && rune == Rune.ReplacementChar));

    // Format characters (Cf) are the bidirectional controls, zero-width characters and tags; the rest are blank glyphs and variation
    // selectors.
    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164 or 0xFFA0
        or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);
}
