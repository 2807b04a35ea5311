using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// What is checked out in a working tree, read from git's files without running git there: its configuration may name programs.
/// </summary>
/// <param name="Commit">The commit that HEAD leads to.</param>
/// <param name="Objects">Folder of the object store.</param>
/// <param name="Configuration">The repository's configuration file.</param>
internal sealed record GitHead(string Commit, string Objects, string Configuration)
{
    private const int MaxText = 64 << 10;
    private const int MaxPacked = 64 << 20;
    private const int MaxDepth = 5; // as git itself follows symbolic refs

    /// <summary>Reads <c>.git</c> of the folder: a folder, or the file that a linked working tree or a submodule has.</summary>
    /// <exception cref="TdxException">Exit 3: no commit is checked out, or it cannot be found out. Exit 6.</exception>
    public static GitHead Of(string folder)
    {
        var git = Path.Combine(folder, ".git");
        if (FileStat.Of(git) is { Kind: FileKind.Regular })
        {
            var pointer = Text(git)!;
            git = pointer.StartsWith("gitdir: ", StringComparison.Ordinal)
                ? Resolved(pointer["gitdir: ".Length..], folder, folder)
                : throw Bad(folder, ".git is not a pointer to a repository");
        }

        if (FileStat.Of(git) is not { Kind: FileKind.Folder })
        {
            throw Bad(folder, ".git leads to no directory");
        }

        var common = Text(Path.Combine(git, "commondir")) is { } shared ? Resolved(shared, git, folder)
            : Path.GetFullPath(git);
        return new GitHead(CommitOf(folder, git, common), Path.Combine(common, "objects"), Path.Combine(common, "config"));
    }

    // A NUL is in no path, and .NET refuses it with an exception of its own.
    private static string Resolved(string path, string from, string folder) =>
        path.Contains('\0', StringComparison.Ordinal) ? throw Bad(folder, $"\"{SafePath.Printable(path)}\" is not a path")
        : Path.GetFullPath(path, Path.GetFullPath(from));

    private static string CommitOf(string folder, string git, string common)
    {
        var text = Text(Path.Combine(git, "HEAD")) ?? throw Bad(folder, "the repository has no HEAD");
        for (var depth = 0; !Hex.IsGitId(text); depth++)
        {
            var name = text.StartsWith("ref: ", StringComparison.Ordinal) ? text["ref: ".Length..].Trim() : "";
            if (depth == MaxDepth || !name.StartsWith("refs/", StringComparison.Ordinal) || !SafePath.IsSafe(name))
            {
                throw Bad(folder, $"HEAD leads to \"{text}\", which is neither a branch nor a commit");
            }

            text = Text(Path.Combine(git, name)) ?? Text(Path.Combine(common, name)) ?? Packed(common, name)
                ?? throw Bad(folder, $"\"{name}\" has no commit");
        }

        return text;
    }

    private static string? Packed(string common, string name) => Bytes(Path.Combine(common, "packed-refs"), MaxPacked) is { } bytes
        ? Encoding.UTF8.GetString(bytes).Split('\n')
        .FirstOrDefault(line => line.EndsWith($" {name}", StringComparison.Ordinal))?.Split(' ')[0]
        : null;

    private static string? Text(string path) =>
        Bytes(path, MaxText) is { } bytes ? Encoding.UTF8.GetString(bytes).TrimEnd('\r', '\n') : null;

    // A pipe would wait for a writer.
    private static byte[]? Bytes(string path, int limit) => FileStat.Of(path) switch
    {
        null or { Kind: FileKind.Folder } => null,
        { Kind: FileKind.Special } => throw new TdxException(ExitCode.BadInput, $"{path}: is not a regular file"),
        _ => InputFile.Read(path, limit),
    };

    private static TdxException Bad(string folder, string what) =>
        new(ExitCode.BadInput, $"{folder}: {what}", "check a commit out, or copy the files into a directory without .git");
}
