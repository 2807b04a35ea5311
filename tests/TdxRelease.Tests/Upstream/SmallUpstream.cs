using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TdxRelease.Tests.Acquisition;

/// <summary>A tiny upstream on disk and as a git repository, made new for each test.</summary>
internal static class SmallUpstream
{
    public const string Mapping = """
        {
          "Header": { "Version": "1.0" },
          "tdx_module_releases": []
        }
        """;

    public static SortedDictionary<string, byte[]> Files(string mapping = Mapping) => new(StringComparer.Ordinal)
    {
        ["BINARIES_LICENSE"] = "licence\n"u8.ToArray(),
        ["LICENSE"] = "scripts\n"u8.ToArray(),
        ["README.md"] = "# not data\n"u8.ToArray(),
        ["blob_join.sh"] = "#!/bin/sh\nexit 1\n"u8.ToArray(),
        ["joined_files/1.5/tdx_module_1.5.01.blob"] = Bytes(1, 5000),
        ["mapping_file.json"] = Encoding.UTF8.GetBytes(mapping),
        ["separate_files/1.5/1.5.01/tdx_module_1.5.01.bin"] = Bytes(2, 4096),
        ["separate_files/1.5/1.5.01/tdx_module_1.5.01.sigstruct"] = Bytes(3, 2048),
    };

    public static string[] DataPaths { get; } = [.. Files().Keys.Where(path => path is not ("README.md" or "blob_join.sh"))];

    public static void Write(string folder, IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllBytes(full, content);
        }
    }

    public static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Makes the folder a repository with everything in it committed; returns the commit.</summary>
    public static string Commit(string folder, string message = "data", string date = "2026-02-10T12:00:00Z")
    {
        if (!Directory.Exists(Path.Combine(folder, ".git")))
        {
            Git(folder, "init", "--quiet", "--initial-branch=main");
        }

        Git(folder, "add", "--all", "--force");
        Git(folder, date, ["commit", "--quiet", "--allow-empty", "--message", message]);
        return Git(folder, "rev-parse", "HEAD").Trim();
    }

    public static string Git(string folder, params string[] arguments) => Git(folder, "2026-02-10T12:00:00Z", arguments);

    private static string Git(string folder, string date, string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false", "-c",
            "core.autocrlf=false", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_AUTHOR_DATE"] = start.Environment["GIT_COMMITTER_DATE"] = date;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"git {string.Join(' ', arguments)}: {process.ExitCode}: {errors.Result}"));
    }
}
