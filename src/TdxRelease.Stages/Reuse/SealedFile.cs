using System.Security.Cryptography;
using System.Text;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages.Reuse;

/// <summary>A small file of ours behind its own SHA-256: a torn or damaged one is noticed. It keeps accidents out, not attackers: who can write here can write the outputs too.</summary>
internal static class SealedFile
{
    private const int MaxLength = 16 << 20;
    private const int HashLine = 65;

    /// <summary>What was written; null where there is nothing or it is damaged.</summary>
    public static byte[]? TryRead(string path)
    {
        try
        {
            if (FileStat.Of(path) is null)
            {
                return null;
            }

            var bytes = InputFile.Read(path, MaxLength);
            return bytes.Length > HashLine && bytes.AsSpan(0, HashLine).SequenceEqual(Head(bytes.AsSpan(HashLine))) ? bytes[HashLine..] : null;
        }
        catch (TdxException)
        {
            return null;
        }
    }

    /// <summary>Writes it, at once or not at all, creating its folder.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Writing(path, e);
        }

        AtomicFile.Write(path, [.. Head(content), .. content]);
    }

    private static byte[] Head(ReadOnlySpan<byte> content) => Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(content))}\n");
}
