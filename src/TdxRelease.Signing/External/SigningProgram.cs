using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.External;

/// <summary>An external program that signs: bytes on standard input, the signature on standard output, started without a shell.</summary>
/// <param name="command">
/// Program and arguments, split by <see cref="CommandLine.Split"/>. <c>{hash}</c> and <c>{time}</c> in arguments are replaced.
/// </param>
/// <param name="timeout">How long it may take; asking for a touch or a PIN takes people a while.</param>
/// <param name="log">Takes the program's standard error, line by line, with PINs and passwords blanked; null drops it.</param>
public sealed partial class SigningProgram(string command, TimeSpan timeout, Action<string>? log = null)
{
    private const int MaxOutput = 1 << 20;
    private const int MaxErrorLines = 200;
    private const int MaxErrorLine = 400;

    private readonly Lock gate = new();
    private readonly IReadOnlyList<string> words = CommandLine.Split(command);

    /// <summary>The program's name, without its arguments, which may hold secrets.</summary>
    public string Name => Path.GetFileName(words[0]);

    /// <summary>Runs it once.</summary>
    /// <param name="input">Goes to its standard input.</param>
    /// <param name="replace">Placeholders and their values.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="TdxException">Exit 6: cannot be started, failed, took too long, printed too much.</exception>
    internal byte[] Run(ReadOnlyMemory<byte> input, params (string Placeholder, string Value)[] replace)
    {
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var word in words.Skip(1))
        {
            start.ArgumentList.Add(replace.Aggregate(word, (text, r) => text.Replace(r.Placeholder, r.Value, StringComparison.Ordinal)));
        }

        try
        {
            // One at a time: tokens take no second session, and a person who is asked for a PIN reads one question.
            lock (gate)
            {
                using var process = Process.Start(start) ?? throw new Win32Exception();
                return Converse(process, input);
            }
        }
        catch (Win32Exception)
        {
            throw new TdxException(ExitCode.Io, $"cannot start the signing program \"{Name}\"");
        }
    }

    private byte[] Converse(Process process, ReadOnlyMemory<byte> input)
    {
        using var limit = new CancellationTokenSource(timeout);
        var errors = Task.Run(() => CopyErrors(process.StandardError.BaseStream), CancellationToken.None);
        var output = ReadOutput(process.StandardOutput.BaseStream, limit.Token);
        try
        {
            Feed(process, input, limit.Token);
            var result = output.GetAwaiter().GetResult();
            process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
            errors.Wait(limit.Token);
            return process.ExitCode == 0
                ? result
                : throw new TdxException(ExitCode.Io, $"the signing program \"{Name}\" failed with exit code {process.ExitCode}",
                    "its messages are above");
        }
        catch (OperationCanceledException)
        {
            throw new TdxException(ExitCode.Io,
                $"the signing program \"{Name}\" took longer than {timeout.TotalSeconds:0.#} s and was ended");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static void Feed(Process process, ReadOnlyMemory<byte> input, CancellationToken limit)
    {
        try
        {
            process.StandardInput.BaseStream.WriteAsync(input, limit).AsTask().GetAwaiter().GetResult();
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It closed its input early; its exit code and output decide.
        }
    }

    private async Task<byte[]> ReadOutput(Stream stream, CancellationToken limit)
    {
        using var output = new MemoryStream();
        var buffer = new byte[8192];
        while (await stream.ReadAsync(buffer, limit) is var read and > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, read), limit);
            if (output.Length > MaxOutput)
            {
                throw new TdxException(ExitCode.Io, $"the signing program \"{Name}\" printed more than {MaxOutput} bytes");
            }
        }

        return output.ToArray();
    }

    private void CopyErrors(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        for (var count = 0; reader.ReadLine() is { } line; count++)
        {
            if (count < MaxErrorLines)
            {
                log?.Invoke($"{Name}: {Blank(line)}");
            }
        }
    }

    /// <summary>Blanks what could be a PIN or password, and control characters that could fool a terminal.</summary>
    internal static string Blank(string line)
    {
        var printable = string.Concat(line.Take(MaxErrorLine).Select(c => char.IsControl(c) ? ' ' : c));
        return Secret().Replace(printable, "$1…");
    }

    [GeneratedRegex(@"((?:pin(?:-value|-source)?|pass(?:word|phrase|wd|in)?)\s*[=:]\s*)\S+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
