using System.Diagnostics;
using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>
/// artifacts/fuzz: the instrumented program, the corpora as they start, what afl-fuzz leaves, and the inputs that break the contract.
/// </summary>
/// <param name="built">The directory with the built TdxRelease.Fuzz.</param>
/// <param name="root">artifacts/fuzz.</param>
internal sealed class FuzzFolder(string built, string root)
{
    private const string Program = "TdxRelease.Fuzz.dll";
    private const string Memory = "/dev/shm";
    private const int Timeout = 5000; // milliseconds for one input; the first one compiles the parser

    // The clock of the cores and the kernel's crash handler are the machine's; the last is for the start of the runtime on a busy one.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("AFL_SKIP_CPUFREQ", "1"), ("AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1"), ("AFL_NO_UI", "1"), ("AFL_SKIP_BIN_CHECK", "1"),
        ("AFL_FORKSRV_INIT_TMOUT", "60000"),
    ];

    /// <summary>Where inputs that break the contract are kept.</summary>
    public string Crashes => Path.Combine(root, "crashes");

    /// <summary>The names of the parsers: each has a corpus.</summary>
    /// <param name="corpora">tests/fixtures/corpus.</param>
    /// <param name="only">Those that are wanted, with commas between them; null for all.</param>
    /// <exception cref="TdxException">Exit 2: there is no such parser.</exception>
    public static IReadOnlyList<string> Parsers(string corpora, string? only)
    {
        var all = Directory.GetDirectories(corpora).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        var wanted = only?.Split(',') ?? [.. all];
        return wanted.FirstOrDefault(name => !all.Contains(name)) is { } unknown
            ? throw new TdxException(ExitCode.Usage, $"--parser: got \"{unknown}\", want one of {string.Join(", ", all)}")
            : wanted;
    }

    /// <summary>Makes a copy of the program whose assemblies tell afl-fuzz which way they went.</summary>
    /// <exception cref="TdxException">Exit 1.</exception>
    public void Instrument()
    {
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        var copy = Path.Combine(root, "program");
        foreach (var path in Directory.GetFiles(built, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(built, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        Require(Start(Dotnet, [Path.Combine(built, Program), "instrument", copy], null), "the assemblies cannot be instrumented");
    }

    /// <summary>Runs afl-fuzz on one parser.</summary>
    /// <param name="fuzzer">The path of afl-fuzz.</param>
    /// <param name="name">The parser.</param>
    /// <param name="corpus">Its corpus.</param>
    /// <param name="processor">
    /// The number of the processor to run on. afl-fuzz and the two processes of the parser take turns for each input: on one processor
    /// that is up to sixteen times as fast as it is when they are woken on another one each time.
    /// </param>
    /// <param name="minutes">How long.</param>
    /// <exception cref="TdxException">Exit 1: afl-fuzz did not run.</exception>
    public FuzzFigures Fuzz(string fuzzer, string name, string corpus, int processor, int minutes)
    {
        var (seeds, results) = (Path.Combine(root, "corpus", name), Path.Combine(root, "results", name));
        Directory.CreateDirectory(results);
        Require(Start(Dotnet, [Path.Combine(built, Program), "unpack", corpus, seeds], null), $"{name}: the corpus cannot be unpacked");
        var seconds = (minutes * 60).ToString(CultureInfo.InvariantCulture);
        var limit = Timeout.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["-b", processor.ToString(CultureInfo.InvariantCulture), "-i", seeds, "-o", results, "-t", limit, "-m", "none",
            "-V", seconds, "--", Dotnet, Path.Combine(root, "program", Program), "run", name];
        Require(Start(fuzzer, arguments, Path.Combine(results, "log")), $"{name}: afl-fuzz failed");
        var output = Path.Combine(results, "default");
        Keep(Path.Combine(output, "crashes"), $"{name}-crash");
        Keep(Path.Combine(output, "hangs"), $"{name}-hang");
        return FuzzFigures.Read(Path.Combine(output, "fuzzer_stats"));
    }

    /// <summary>Runs the mutations that see nothing of what an input does.</summary>
    /// <exception cref="TdxException">Exit 1: an input breaks the contract; it stands in the output.</exception>
    public void FuzzBlindly(string name, string corpus, int minutes)
    {
        string[] arguments = [Path.Combine(built, Program), "blind", name, minutes.ToString(CultureInfo.InvariantCulture), corpus];
        Require(Start(Dotnet, arguments, null), $"{name}: an input breaks the contract");
    }

    private static string Dotnet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    private void Keep(string folder, string name)
    {
        var inputs = Directory.Exists(folder) ? Directory.GetFiles(folder, "id*").Order(StringComparer.Ordinal).ToList() : [];
        for (var i = 0; i < inputs.Count; i++)
        {
            Directory.CreateDirectory(Crashes);
            File.Copy(inputs[i], Path.Combine(Crashes, string.Create(CultureInfo.InvariantCulture, $"{name}-{i + 1}")));
        }
    }

    private static (int Exit, string? Log) Start(string program, IEnumerable<string> arguments, string? log)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = log is not null };
        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        // Some parsers need files: in memory they cost a sixth of what they cost on a disk.
        if (Directory.Exists(Memory))
        {
            start.Environment["TMPDIR"] = Memory;
        }

        using var process = Process.Start(start)!;
        if (log is not null)
        {
            File.WriteAllText(log, process.StandardOutput.ReadToEnd());
        }

        process.WaitForExit();
        return (process.ExitCode, log);
    }

    private static void Require((int Exit, string? Log) run, string otherwise)
    {
        if (run.Exit != 0)
        {
            throw new TdxException(ExitCode.InternalError, $"{otherwise} (exit {run.Exit})",
                run.Log is { } log ? $"\"{log}\" says why" : null);
        }
    }
}
