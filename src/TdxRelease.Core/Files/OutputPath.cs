using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>The names that users give to outputs.</summary>
public static class OutputPath
{
    private const int MaxLinks = 40; // as the kernel has it

    /// <summary>
    /// The name behind symbolic links, whether anything stands there or not: the link stays, what it points at is made or replaced.
    /// A link to a descriptor of this process (<c>/dev/stdout</c>) is not followed further.
    /// </summary>
    /// <param name="path">As the user wrote it.</param>
    /// <returns>An absolute path.</returns>
    /// <exception cref="TdxException">Exit 2: it is empty. Exit 6: the links go in a circle.</exception>
    public static string Final(string path)
    {
        if (path.Length == 0)
        {
            throw new TdxException(ExitCode.Usage, "the name of an output is empty", "name a file or a directory");
        }

        var at = Path.GetFullPath(path);
        for (var links = 0; links <= MaxLinks; links++)
        {
            var name = at.TrimEnd('/');
            if (name.Length == 0 || Descriptor(name) is not null || FileStat.Of(name) is not { Kind: FileKind.Link })
            {
                return at;
            }

            // Links are relative to the folder that they really stand in.
            var folder = NativeFile.Physical(Path.GetDirectoryName(name)!)
                ?? throw IoErrors.Writing(path, new DirectoryNotFoundException());
            at = Path.GetFullPath(new FileInfo(name).LinkTarget
                ?? throw IoErrors.Writing(path, new IOException("a link that cannot be read")), folder);
        }

        throw IoErrors.Writing(path, new IOException("too many symbolic links"));
    }

    /// <summary>As <see cref="Final"/>, for a file that is read first and written at the end.</summary>
    /// <exception cref="TdxException">As above; exit 2 for <c>-</c>, exit 6 for a folder.</exception>
    public static string OfState(string path)
    {
        if (path == AtomicFile.Stdout)
        {
            throw new TdxException(ExitCode.Usage, $"\"{path}\" is read and written, want a file");
        }

        var final = Final(path);
        return FileStat.Of(final) is { Kind: FileKind.Folder } ? throw IoErrors.Writing(path, new IOException("it is a directory")) : final;
    }

    /// <summary>Refuses an output that is one of the inputs, or a folder around one: it would be replaced by what is made of it.</summary>
    /// <param name="output">File or folder.</param>
    /// <param name="inputs">Files, folders or URLs; null is none.</param>
    /// <exception cref="TdxException">Exit 2.</exception>
    public static void RequireApart(string output, params IEnumerable<string?> inputs)
    {
        // Where nothing stands yet no input can be.
        if (output == AtomicFile.Stdout || NativeFile.Physical(Final(output)) is not { } target)
        {
            return;
        }

        foreach (var input in inputs.OfType<string>().Where(Path.Exists))
        {
            if ($"{NativeFile.Physical(Final(input))}/".StartsWith($"{target.TrimEnd('/')}/", StringComparison.Ordinal))
            {
                throw new TdxException(ExitCode.Usage, $"the output \"{output}\" is or contains the input \"{input}\"",
                    "name another output");
            }
        }
    }

    /// <summary>The number of the descriptor of this process that the absolute path stands for, or null.</summary>
    internal static int? Descriptor(string path)
    {
        string[] own = ["/dev/fd/", "/proc/self/fd/", $"/proc/{Environment.ProcessId}/fd/"];
        return path switch
        {
            "/dev/stdin" => 0,
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            _ => Array.Find(own, prefix => path.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix
                && int.TryParse(path.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
                : null,
        };
    }
}
