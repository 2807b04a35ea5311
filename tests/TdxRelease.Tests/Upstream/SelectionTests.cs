using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Acquisition;

/// <summary>What is taken of a source's entries, and what is said of those that no upstream has, word for word.</summary>
public sealed class SelectionTests
{
    /// <summary>Entries as kind and path, one to a line; what is said of the last one, or which of them are data.</summary>
    [Theory]
    [InlineData("File LICENSE", "LICENSE")]
    [InlineData("File README.md\nFile LICENSE\nFile x", "LICENSE, 2 ignored")]
    [InlineData("Folder joined_files\nFolder joined_files/1.5\nFile joined_files/1.5/x\nFile joined_files/y", "2 ignored")]
    [InlineData("Folder LICENSE", "s: \"LICENSE\" is a directory, want a file")]
    [InlineData("Link x", "s: \"x\" is a symbolic link (upstream has none; links are never followed)")]
    [InlineData("Submodule x", "s: \"x\" is a submodule (upstream has none; submodules are never fetched)")]
    [InlineData("Special x", "s: \"x\" is not a regular file")]
    [InlineData("File ../x", "s: \"../x\" is not a safe relative path")]
    [InlineData("File a\u001Bb", "s: \"a\\x1bb\" is not a safe relative path")]
    [InlineData("File ", "s: \"\" is not a safe relative path")]
    [InlineData("File LICENSE\nFile LICENSE", "s: \"LICENSE\" appears twice")]
    [InlineData("File x\nFile x", "s: \"x\" appears twice")]
    [InlineData("Folder x\nFolder x", "")]
    [InlineData("File LICENSE\nFile license", "s: \"license\" and \"LICENSE\" differ only in case")]
    [InlineData("File ab/x\nFile aB/y", "s: \"aB\" and \"ab\" differ only in case")]
    [InlineData("File a/bc/x\nFile a/Bc/y", "s: \"a/Bc\" and \"a/bc\" differ only in case")]
    [InlineData("File a/x\nFile b/X", "2 ignored")]
    public void Entries(string entries, string want)
    {
        var selection = new Selection("s", ExitCode.BadInput);
        var data = new List<string>();
        void Go()
        {
            foreach (var entry in entries.Split('\n'))
            {
                var space = entry.IndexOf(' ', StringComparison.Ordinal);
                if (selection.Includes(entry[(space + 1)..], Enum.Parse<EntryKind>(entry[..space]), 1))
                {
                    data.Add(entry[(space + 1)..]);
                }
            }
        }

        if (!want.StartsWith("s: ", StringComparison.Ordinal))
        {
            Go();
            Assert.Equal(want, string.Join(", ", selection.Ignored > 0 ? data.Append($"{selection.Ignored} ignored") : data));
            return;
        }

        var parts = want.Split(" (");
        Refused(ExitCode.BadInput, parts[0], parts.Length > 1 ? parts[1].TrimEnd(')') : null, Go);
    }

    [Fact]
    public void Lengths_and_counts_have_limits()
    {
        var selection = new Selection("s", ExitCode.Io);
        Assert.True(selection.Includes("LICENSE", EntryKind.File, 16 << 20));
        Refused(ExitCode.Io, "s: \"BINARIES_LICENSE\" has 16777217 bytes, the limit is 16777216", null,
            () => selection.Includes("BINARIES_LICENSE", EntryKind.File, (16 << 20) + 1));
        Assert.False(selection.Includes("README.md", EntryKind.File, 1L << 40)); // nobody reads it
        for (var i = 3; i < 100_000; i++)
        {
            Assert.False(selection.Includes("x", EntryKind.Folder, 0));
        }

        Refused(ExitCode.Io, "s: more than 100000 entries", "this is not upstream's repository",
            () => selection.Includes("x", EntryKind.Folder, 0));
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_no_content()
    {
        var selection = new Selection("s", ExitCode.BadInput);
        selection.CheckContent("x", "version https://git-lf"u8);
        Refused(ExitCode.BadInput, "s: \"x\" is a git LFS pointer, not the file",
            "use a source that has the content, or run git lfs pull there",
            () => selection.CheckContent("x", "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8));
    }
}
