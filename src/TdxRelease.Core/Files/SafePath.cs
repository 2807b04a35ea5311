using System.Diagnostics.CodeAnalysis;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>Relative paths that can be joined to a root without leaving it, on any system and in any archive.</summary>
public static class SafePath
{
    /// <summary>The longest path taken, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>Whether the path is relative, made of forward-slashed parts that are none of empty, <c>.</c>, <c>..</c>, and free of control characters and backslashes.</summary>
    public static bool IsSafe([NotNullWhen(true)] string? path)
    {
        if (string.IsNullOrEmpty(path) || path.Length > MaxLength)
        {
            return false;
        }

        foreach (var c in path)
        {
            if (char.IsControl(c) || c is '\\' || char.IsSurrogate(c))
            {
                return false;
            }
        }

        foreach (var part in path.Split('/'))
        {
            if (part is "" or "." or ".." || part.Length > 255)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Throws where <see cref="IsSafe"/> says no.</summary>
    /// <exception cref="TdxException">Exit 3, the path quoted.</exception>
    public static void Require(string path)
    {
        if (!IsSafe(path))
        {
            throw new TdxException(ExitCode.BadInput, $"\"{Printable(path)}\" is not a safe relative path");
        }
    }

    /// <summary>The path for messages: <see cref="ForeignText.Visible"/>.</summary>
    public static string Printable(string path) => ForeignText.Visible(path);
}
