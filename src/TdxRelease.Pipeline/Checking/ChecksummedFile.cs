using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Pipeline.Checking;

/// <summary>
/// A small file of ours behind its own SHA-256, so that a damaged one is noticed, in a directory that nobody but its owner may enter.
/// </summary>
internal static class ChecksummedFile
{
    private const int MaxLength = 16 << 20;
    private const int HashLine = 65;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What was written; null where there is nothing or it is damaged.</summary>
    public static byte[]? TryRead(string path)
    {
        try
        {
            if (FileStat.Of(path) is null || !IsPrivate(Path.GetDirectoryName(path)!))
            {
                return null;
            }

            var bytes = InputFile.Read(path, MaxLength);
            return bytes.Length > HashLine && bytes.AsSpan(0, HashLine).SequenceEqual(Head(bytes.AsSpan(HashLine))) ? bytes[HashLine..]
                : null;
        }
        catch (Exception e) when (IoErrors.Is(e) || e is TdxException)
        {
            return null;
        }
    }

    /// <summary>Writes it, at once or not at all, creating its folder.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        IoErrors.Writing(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!, Private));

        AtomicFile.Write(path, [.. Head(content), .. content]);
    }

    private static bool IsPrivate(string directory) => (File.GetUnixFileMode(directory) & ~Private) == 0;

    private static byte[] Head(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(content))}\n");
}
