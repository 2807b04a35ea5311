using System.Net.Http.Headers;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Upstream.GitHub;

/// <summary>An answer of GitHub as a file, named by the hash of the address that was asked.</summary>
internal static class AnswerFile
{
    /// <summary>Longest answer taken: 16 MiB.</summary>
    public const int MaxLength = 16 << 20;

    public static string PathOf(string directory, Uri address) =>
        Path.Combine(directory, $"{Hex.Sha256(Encoding.UTF8.GetBytes(address.AbsoluteUri))[..32]}.json");

    public static byte[]? TryRead(string path) => FileStat.Of(path) is null ? null : InputFile.Read(path, MaxLength + 1000);

    /// <exception cref="TdxException">Exit 6.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        IoErrors.Writing(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));

        AtomicFile.Write(path, bytes);
    }

    /// <summary>The body of an answer, whatever type and character set the server claims.</summary>
    public static ByteArrayContent Content(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return content;
    }
}
