using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TdxRelease.Core.Json;

/// <summary>Hashes and dates in their one accepted spelling.</summary>
public static class Hex
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>How messages describe a SHA-256.</summary>
    public const string Sha256Form = "64 lower-case hex digits";

    /// <summary>How messages describe the id of a git object, SHA-1 or SHA-256.</summary>
    public const string GitIdForm = "40 or 64 lower-case hex digits";

    /// <summary>Whether the text is exactly that many hexadecimal digits, lower case.</summary>
    public static bool Is(ReadOnlySpan<char> text, int digits) => text.Length == digits && !text.ContainsAnyExcept(Digits);

    /// <summary>Whether the text is a SHA-256 in its one accepted spelling.</summary>
    public static bool IsSha256(string text) => Is(text, 64);

    /// <summary>Whether the text is the id of a git object.</summary>
    public static bool IsGitId([NotNullWhen(true)] string? text) => text is not null && (Is(text, 40) || Is(text, 64));

    /// <summary>SHA-256 of the bytes as lower-case hexadecimal text.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Git's id of a blob: the hash of <c>blob LENGTH NUL content</c>, SHA-1 or, in newer repositories, SHA-256.</summary>
    public static string GitBlob(ReadOnlySpan<byte> content, bool sha256 = false) => GitObject("blob", content, sha256);

    /// <summary>Git's id of an object of any type.</summary>
    public static string GitObject(string type, ReadOnlySpan<byte> content, bool sha256)
    {
        using var hash = IncrementalHash.CreateHash(sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"{type} {content.Length}\0"));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A date of the form 2026-02-10, or null where there is none; any other text is exit 3.</summary>
    public static DateOnly? Date(StrictJson? json) =>
        json is null ? null
        : DateOnly.TryParseExact(json.String(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : throw json.Error($"got \"{json.String()}\", want a date of the form 2026-02-10");
}
