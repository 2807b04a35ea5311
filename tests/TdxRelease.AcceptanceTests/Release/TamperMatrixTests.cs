using System.Collections.Concurrent;
using System.Globalization;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Cli;
using TdxRelease.Core.Files;
using TdxRelease.Signing.Checksums;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>
/// Every file of a complete release, changed in every way: the audit of the folder ends in exit 4 each time. The program runs in this
/// process, in as many
/// threads as there are processors; each has a copy of the release and repairs what it broke.
/// </summary>
public sealed class TamperMatrixTests(SampleOutput release, ITestOutputHelper log) : IClassFixture<SampleOutput>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly (string Name, Action<Victim> Do)[] Acts =
    [
        ("flip at the start", v => v.Change(b => Flip(b, 0))),
        ("flip in the middle", v => v.Change(b => Flip(b, b.Length / 2))),
        ("flip at the end", v => v.Change(b => Flip(b, b.Length - 1))),
        ("truncate", v => v.Change(b => b[..^1])),
        ("append", v => v.Change(b => [.. b, (byte)'\n'])),
        ("empty", v => v.Change(_ => [])),
        ("delete", v => File.Delete(v.Path)),
        ("rename", v => File.Move(v.Path, v.Path + ".renamed")),
        ("replace by a sibling", v => v.Change(_ => v.Sibling)),
        ("symbolic link", v => v.Link()),
        ("executable", v => File.SetUnixFileMode(v.Path, (UnixFileMode)0x1ED)),
        ("set-user-id", v => File.SetUnixFileMode(v.Path, (UnixFileMode)0x9A4)),
        ("written by everyone", v => File.SetUnixFileMode(v.Path, (UnixFileMode)0x1B6)),
    ];

    [Fact]
    public void Every_file_changed_in_every_way_is_exit_4()
    {
        var files = FolderEntries.Of(release.Folder).Files.ToList();
        Assert.True(files.Count > 60, $"{files.Count} files");
        Assert.Equal(0, Audit(release.Folder).Code);
        var wrong = new ConcurrentBag<string>();
        var cases = 0;
        var copies = new ConcurrentBag<string>();
        Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, path =>
        {
            var copy = copies.TryTake(out var free) ? free : release.Copy();

            // The list that lets tdxrel replace the folder is not a part of the release: who publishes the folder may leave it out.
            foreach (var (name, act) in Acts.Where(a => path != OutputMarker.FileName || a.Name != "delete"))
            {
                using var victim = new Victim(copy, path, files);
                if (!victim.Can(act))
                {
                    continue;
                }

                Interlocked.Increment(ref cases);
                var audit = Task.Run(() => Audit(copy));
                var (code, said) = audit.Wait(Limit) ? audit.Result : (-1, "no end");
                if (code != 4)
                {
                    wrong.Add($"{path}: {name}: exit {code}: {said}");
                }
            }

            copies.Add(copy);
        });
        log.WriteLine($"{files.Count} files, {cases} cases, {wrong.Count} not exit 4");
        Assert.True(wrong.IsEmpty, string.Join("\n", wrong));
        Assert.True(cases > files.Count * (Acts.Length - 3), $"{cases} cases");
        Assert.All(copies, copy => Assert.Equal(0, Audit(copy).Code));
    }

    [Fact]
    public void The_recipe_of_the_documentation_accepts_the_release_and_notices_every_kind_of_change()
    {
        var recipe = Recipe();
        Recite(recipe, release.Copy()).Ok();
        foreach (var change in (Action<string>[])[
            f => File.AppendAllText(Path.Combine(f, "SHA256SUMS"), "\n"),
            f => File.AppendAllText(Path.Combine(f, "release.pgp"), "\n"),
            f => File.WriteAllText(Path.Combine(f, "more"), ""),
            f => Directory.CreateDirectory(Path.Combine(f, "more")),
            f => File.Delete(Directory.GetFiles(Path.Combine(f, "dnf"), "*.repo").Single()),
            f => File.WriteAllBytes(Path.Combine(f, "SHA256SUMS.sig"), new byte[512]),
            f => File.CreateSymbolicLink(Path.Combine(f, "more"), "SHA256SUMS")])
        {
            var copy = release.Copy();
            change(copy);
            var run = Recite(recipe, copy);
            Assert.True(run.Exit != 0, $"{run.Output}\n{run.Errors}");
        }
    }

    private static ToolResult Recite(string recipe, string folder)
    {
        File.Copy(TestRelease.PublicPemPath, Path.Combine(folder, "../release.pem"));
        File.Copy(TestRelease.CertificatePath, Path.Combine(folder, "../release.pgp"));
        return Tool.Run(folder, "dash", "-euc", recipe);
    }

    private static string Recipe()
    {
        var text = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/audit.md")).Split("```sh output-folder\n");
        Assert.Equal(2, text.Length);
        return text[1].Split("```")[0];
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    private (int Code, string Said) Audit(string folder)
    {
        using var output = new MemoryStream();
        using var errors = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var code = CommandLine.Run(["audit", folder, "--key", TestRelease.PublicPemPath, "--policy", "sample"], output, errors);
        return (code, errors.ToString());
    }

    /// <summary>One file of a copy; disposed, it is as it was.</summary>
    private sealed class Victim(string folder, string path, IReadOnlyList<string> files) : IDisposable
    {
        private readonly byte[] content = File.ReadAllBytes(System.IO.Path.Combine(folder, path));

        public string Path { get; } = System.IO.Path.Combine(folder, path);

        /// <summary>The next file of the release with other bytes.</summary>
        public byte[] Sibling =>
            files.Concat(files).SkipWhile(f => f != path).Skip(1).Select(f => File.ReadAllBytes(System.IO.Path.Combine(folder, f)))
            .First(b => !b.AsSpan().SequenceEqual(content));

        /// <summary>False where the act would change nothing.</summary>
        public bool Can(Action<Victim> act)
        {
            try
            {
                act(this);
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        public void Change(Func<byte[], byte[]> change)
        {
            if (content.Length == 0)
            {
                throw new InvalidOperationException(path);
            }

            File.WriteAllBytes(Path, change([.. content]));
        }

        public void Link()
        {
            File.Move(Path, $"{folder}.elsewhere");
            File.CreateSymbolicLink(Path, $"{folder}.elsewhere");
        }

        public void Dispose()
        {
            File.Delete(Path);
            File.Delete(Path + ".renamed");
            File.Delete($"{folder}.elsewhere");
            File.WriteAllBytes(Path, content);
            File.SetUnixFileMode(Path, (UnixFileMode)0x1A4);
        }
    }
}
