using System.Buffers;

namespace TdxRelease.Core.Json;

/// <summary>Hexadecimal text as all formats here write it: lower case, fixed length.</summary>
public static class HexText
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Whether the text is exactly that many lower-case hexadecimal digits.</summary>
    public static bool Is(ReadOnlySpan<char> text, int digits) => text.Length == digits && !text.ContainsAnyExcept(Digits);
}
