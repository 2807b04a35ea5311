using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing;

/// <summary>
/// The passphrase of a key file. It comes from a file descriptor, a file or an environment
/// variable, never from an argument, which other users can read. Disposing wipes it.
/// </summary>
public sealed class Passphrase : IDisposable
{
    private const int MaxLength = 1024;
    private readonly byte[] bytes;

    private Passphrase(byte[] bytes) => this.bytes = bytes;

    internal ReadOnlySpan<byte> Utf8 => bytes;

    /// <summary>Reads from a source in its written form: <c>fd:3</c>, <c>file:PATH</c> or <c>env:NAME</c>.</summary>
    /// <exception cref="TdxException">
    /// Exit 2: another form (not quoted: it may be the passphrase itself); exit 3: empty or too long; exit 6: unreadable.
    /// </exception>
    public static Passphrase Open(string source)
    {
        var colon = source.IndexOf(':', StringComparison.Ordinal);
        var value = source[(colon + 1)..];
        return (colon < 0 ? "" : source[..colon]) switch
        {
            "fd" when int.TryParse(value, out var descriptor) && descriptor >= 0 => FromDescriptor(descriptor),
            "file" when value.Length > 0 => FromFile(value),
            "env" when value.Length > 0 => FromEnvironment(value),
            _ => throw new TdxException(ExitCode.Usage, "the passphrase's source is not of the form fd:N, file:PATH or env:NAME",
                "the passphrase itself is never given as an argument"),
        };
    }

    /// <summary>Reads the first line from an open file descriptor and closes it.</summary>
    /// <exception cref="TdxException">Exit 6, exit 3.</exception>
    public static Passphrase FromDescriptor(int descriptor)
    {
        var buffer = new byte[MaxLength + 2];
        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            return FirstLine(buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)),
                $"file descriptor {descriptor}");
        }
        catch (Exception e) when (IoErrors.Is(e) || e is ArgumentException)
        {
            throw new TdxException(ExitCode.Io, $"cannot read the passphrase from file descriptor {descriptor}", inner: e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>Reads the first line of a file.</summary>
    /// <exception cref="TdxException">Exit 6, exit 3.</exception>
    public static Passphrase FromFile(string path)
    {
        var content = InputFile.Read(path, MaxLength + 2, "passphrase file");
        try
        {
            return FirstLine(content, "passphrase file");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Reads an environment variable. Other processes of the same user can see it; a descriptor is better.</summary>
    /// <exception cref="TdxException">Exit 2: not set; exit 3: empty.</exception>
    public static Passphrase FromEnvironment(string name)
    {
        var value = Environment.GetEnvironmentVariable(name)
            ?? throw new TdxException(ExitCode.Usage, $"environment variable \"{name}\" with the passphrase is not set");
        var content = System.Text.Encoding.UTF8.GetBytes(value);
        try
        {
            return FirstLine(content, $"environment variable \"{name}\"");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    private static Passphrase FirstLine(ReadOnlySpan<byte> content, string name)
    {
        var end = content.IndexOf((byte)'\n');
        var line = (end < 0 ? content : content[..end]).TrimEnd((byte)'\r');
        return line.Length is > 0 and <= MaxLength
            ? new Passphrase(line.ToArray())
            : throw new TdxException(ExitCode.BadInput, $"{name}: passphrase of {line.Length} bytes, want 1 to {MaxLength}");
    }
}
