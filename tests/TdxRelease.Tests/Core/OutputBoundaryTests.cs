using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Core;

/// <summary>What an output may be named, and what it is kept apart from.</summary>
public sealed class OutputBoundaryTests
{
    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_part_of_a_path_has_at_most_255_characters(int length, bool safe) =>
        Assert.Equal(safe, SafePath.IsSafe("d/" + new string('a', length)));

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_path_has_at_most_1024_characters(int length, bool safe) =>
        Assert.Equal(safe, SafePath.IsSafe(string.Join('/', Enumerable.Repeat(new string('a', 127), 8)) + new string('b', length - 1023)));

    [Fact]
    public void As_many_links_are_followed_as_the_kernel_follows()
    {
        using var temp = new TempFolder();
        for (var i = 1; i <= 41; i++)
        {
            File.CreateSymbolicLink(temp[$"{i}"], i == 1 ? "end" : $"{i - 1}");
        }

        Assert.EndsWith("/end", OutputPath.Final(temp["40"]), StringComparison.Ordinal);
        Assert.Contains("too many symbolic links", Assert.Throws<TdxException>(() => OutputPath.Final(temp["41"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_is_neither_its_input_nor_above_it_but_may_stand_beside_it()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["in/inner"]);
        OutputPath.RequireApart(temp["i"], temp["in"]);
        OutputPath.RequireApart(temp["in/inner/out"], temp["in"]);
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => OutputPath.RequireApart(temp["in"], temp["in"])).Code);
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => OutputPath.RequireApart(temp["in"], temp["in/inner"])).Code);
    }

    [Theory]
    [InlineData("/dev/stdin", 0)]
    [InlineData("/dev/stdout", 1)]
    [InlineData("/dev/stderr", 2)]
    [InlineData("/dev/fd/17", 17)]
    [InlineData("/proc/self/fd/17", 17)]
    [InlineData("/proc/{own}/fd/17", 17)]
    [InlineData("/proc/1/fd/17", null)]
    [InlineData("/dev/fd/-1", null)]
    [InlineData("/dev/fd/1/x", null)]
    [InlineData("/dev/null", null)]
    public void A_descriptor_of_this_process_has_several_names(string path, int? want) =>
        Assert.Equal(want, OutputPath.Descriptor(path.Replace("{own}", $"{Environment.ProcessId}", StringComparison.Ordinal)));

    [Fact]
    public void A_name_behind_links_is_where_the_last_one_leads()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["real/inner"]);
        File.CreateSymbolicLink(temp["folder"], "real/inner");
        File.CreateSymbolicLink(temp["real/inner/up"], "../made");
        File.CreateSymbolicLink(temp["out"], "/dev/stdout");
        Assert.Equal(temp["real/made"], OutputPath.Final(temp["folder/up"]));
        Assert.Equal(temp["real/inner"], OutputPath.Final(temp["folder/"]));
        Assert.Equal(temp["none/x/"], OutputPath.Final(temp["none/x/"]));
        Assert.Equal(("/", "/dev/stdout", "/dev/fd/1"),
            (OutputPath.Final("//"), OutputPath.Final(temp["out"]), OutputPath.Final("/dev/fd/1")));
        var e = Assert.Throws<TdxException>(() => OutputPath.Final(""));
        Assert.Equal((ExitCode.Usage, "the name of an output is empty", "name a file or a directory"), (e.Code, e.Message, e.Hint));
    }

    [Fact]
    public void A_state_is_no_stream_and_no_folder()
    {
        using var temp = new TempFolder();
        Assert.Equal(temp["state"], OutputPath.OfState(temp["state"]));
        var e = Assert.Throws<TdxException>(() => OutputPath.OfState("-"));
        Assert.Equal((ExitCode.Usage, "\"-\" is read and written, want a file"), (e.Code, e.Message));
        e = Assert.Throws<TdxException>(() => OutputPath.OfState(temp.Path));
        Assert.Equal((ExitCode.Io, $"cannot write \"{temp.Path}\": it is a directory"), (e.Code, e.Message));
    }

    [Fact]
    public void An_output_behind_links_is_its_input_all_the_same()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["real/in"]);
        File.CreateSymbolicLink(temp["link"], "real");
        File.CreateSymbolicLink(temp["alias"], "real/in");
        OutputPath.RequireApart("-", temp["real/in"]);
        OutputPath.RequireApart(temp["link/out"], temp["real/in"], temp["none"], null, "https://example.invalid/");
        OutputPath.RequireApart(temp["none/out"], temp["real/in"]);
        Directory.CreateDirectory(temp["real/i"]);
        OutputPath.RequireApart(temp["real/i"], temp["real/in"]);
        foreach (var output in (string[])["link", "link/in", "alias", "alias/", "real/in"])
        {
            var e = Assert.Throws<TdxException>(() => OutputPath.RequireApart(temp[output], null, temp["none"], temp["real/in/"]));
            var want = $"the output \"{temp[output]}\" is or contains the input \"{temp["real/in/"]}\"";
            Assert.Equal((ExitCode.Usage, want, "name another output"), (e.Code, e.Message, e.Hint));
        }

        Assert.Throws<TdxException>(() => OutputPath.RequireApart("/", temp["real"]));
    }

    /// <summary>First and last of what is refused, and their neighbours that are not.</summary>
    [Theory]
    [InlineData("a", true)]
    [InlineData("a b/+~:\u00e9\u4e00", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a//b", false)]
    [InlineData("./a", false)]
    [InlineData("a/..", false)]
    [InlineData("a\\b", false)]
    [InlineData("\u001f", false)]
    [InlineData("\u007f", false)]
    [InlineData("\u0085", false)]
    [InlineData("\u0300", false)]
    [InlineData("\u0903", false)]
    [InlineData("\u20dd", false)]
    [InlineData("\ud83d\ude00", false)]
    [InlineData("\u200b", false)]
    [InlineData("\u2028", false)]
    [InlineData("\u2029", false)]
    [InlineData("\u10ff", true)]
    [InlineData("\u1100", false)]
    [InlineData("\u11ff", false)]
    [InlineData("\u1200", true)]
    [InlineData("\u1eff", true)]
    [InlineData("\u1f00", false)]
    [InlineData("\u2001", false)]
    [InlineData("\u2002", true)]
    [InlineData("\uf8ff", true)]
    [InlineData("\uf900", false)]
    [InlineData("\ufaff", false)]
    [InlineData("\ufb00", true)]
    [InlineData("\u0374", false)]
    [InlineData("\u037e", false)]
    [InlineData("\u0387", false)]
    [InlineData("\u2126", false)]
    [InlineData("\u212a", false)]
    [InlineData("\u212b", false)]
    [InlineData("\u2329", false)]
    [InlineData("\u232a", false)]
    [InlineData("\u2127", true)]
    public void A_safe_path_is_one_name_on_every_system(string? path, bool safe)
    {
        Assert.Equal(safe, SafePath.IsSafe(path));
        if (path is not null && !safe)
        {
            var e = Assert.Throws<TdxException>(() => SafePath.Require(path));
            Assert.Equal((ExitCode.BadInput, $"\"{SafePath.Printable(path)}\" is not a safe relative path"), (e.Code, e.Message));
        }
    }

    [Fact]
    public void Work_side_by_side_keeps_its_order_and_its_first_failure()
    {
        Assert.Equal(Enumerable.Range(0, 100).Select(i => 2 * i), ParallelMap.Select([.. Enumerable.Range(0, 100)], i => 2 * i, 3));
        var kept = 0;
        Assert.Equal([1, 2], ParallelMap.Select([1, 2], () => Interlocked.Increment(ref kept), (item, _) => item, 1));
        Assert.Equal(1, kept);
        var done = 0;
        var e = Assert.Throws<InvalidOperationException>(() => ParallelMap.Select([.. Enumerable.Range(0, 1000)], i =>
        {
            done++;
            return i >= 5 ? throw new InvalidOperationException($"{i}") : i;
        }, 1));
        Assert.Equal(("5", 6), (e.Message, done));
    }

    [Theory]
    [InlineData(28, "no space left on device")]
    [InlineData(30, "read-only file system")]
    [InlineData(5, "Input/output error")]
    [InlineData(13, "permission denied")]
    [InlineData(2, "no such file")]
    [InlineData(20, "no such directory")]
    public void The_systems_reason_is_said_in_few_words(int error, string want)
    {
        var path = Path.Combine(Path.GetTempPath(), "x");
        Assert.Equal($"cannot write \"p\": {want}", IoErrors.Writing("p", NativeFile.Failure(error, path)).Message);
        Assert.Equal($"cannot read \"p\": {want}", IoErrors.Reading("p", NativeFile.Failure(error, path)).Message);
        Assert.Equal("cannot read \"p\": a. b", IoErrors.Reading("p", new IOException("a. b.")).Message);
    }

    [Fact]
    public void A_folder_with_one_foreign_file_is_not_taken()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["out"]);
        Assert.Empty(OutputGuard.Require(temp["out"]).Entries);
        File.WriteAllText(temp["out/mine"], "");
        Assert.Contains("it contains \"mine\"", Assert.Throws<TdxException>(() => OutputGuard.Require(temp["out"])).Message,
            StringComparison.Ordinal);
    }
}
