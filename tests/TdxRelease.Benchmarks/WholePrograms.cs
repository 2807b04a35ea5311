using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>A measured program beside an opponent of the same run.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Ours">tdxrel.</param>
/// <param name="Theirs">The opponent; null where there is none, or its tools are not installed.</param>
/// <param name="Opponent">The opponent's name.</param>
/// <param name="Target">What is wanted.</param>
/// <param name="Command">What repeats our side.</param>
internal sealed record Comparison(string Name, Timing Ours, Timing? Theirs, string Opponent, string Target, string Command)
{
    public double? Ratio => Theirs is { } theirs ? Ours.Wall / theirs.Wall : null;

    /// <summary>Bytes resident at most; null where it is not asked for.</summary>
    public long? Peak { get; init; }
}

/// <summary>Whole processes as users start them.</summary>
/// <param name="options">What Bench runs.</param>
/// <param name="temp">A folder for everything.</param>
/// <param name="snapshot">Intel's data or the sample.</param>
/// <param name="policy">The option that names the policy, or nothing.</param>
internal sealed class WholePrograms(BenchOptions options, string temp, string snapshot, string[] policy)
{
    private const int Short = 15, Long = 5;
    private const string Formats = "tar,deb,rpm,arch,apt,dnf,pacman";

    // The two commands that do what the pipeline does: snapshot, output, key and licence, then the policy.
    private const string Alone =
        """
        snapshot=$1 out=$2 key=$3 license=$4; shift 4
        "$0" bundle "$snapshot" --signing-key "$key.pem" --accept-license "$license" --out "$out" "$@" &&
          exec "$0" audit "$out" --key "$key.pub.pem" "$@"
        """;

    private static readonly string[] PackagingTools =
        ["dpkg-deb", "apt-ftparchive", "rpmbuild", "rpmsign", "createrepo_c", "bsdtar", "repo-add", "gpg", "xz"];

    private bool Sample => options.Snapshot is null;

    public IEnumerable<Comparison> All()
    {
        yield return Measure(Short, "start", "≤ 0.012 s", ["--version"], "tdxrel --version");
        var work = Path.Combine(temp, "limit");
        LimitWork.Write(snapshot, work);
        yield return Measure(Short, "verify", "≤ 0.45 ×, ≤ 40 MB", ["verify", snapshot, .. policy], "tdxrel verify SNAPSHOT",
            "sha384sum + openssl", ["sh", Opponent("limit.sh"), snapshot, work]);
        string[] host = Sample ? ["0x806F8", "1.5.02", "1.5.51"] : ["0x806F8", "1.5.02", "1.5.05"];
        yield return Measure(
            Short, "plan", "≤ 0.35 ×", ["plan", snapshot, "--cpu", host[0], "--seamldr", host[1], "--running", host[2], .. policy],
            string.Join(' ', ["tdxrel plan SNAPSHOT --cpu", host[0], "--seamldr", host[1], "--running", host[2]]), "select.py",
                ["python3", Opponent("select.py"), snapshot, .. host]);
        if (Commands.Exists("git"))
        {
            yield return Check();
        }

        foreach (var comparison in Release().Concat(Host()))
        {
            yield return comparison;
        }
    }

    private string Opponent(string name) => Path.Combine(options.Checkout, "tests", "TdxRelease.Benchmarks", "opponents", name);

    // An unchanged upstream, in a git repository beside, with a warm cache: what the nightly job does nearly always.
    private Comparison Check()
    {
        var (repository, cache) = (Path.Combine(temp, "upstream"), Path.Combine(temp, "cache"));
        Directory.CreateDirectory(cache);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
        Must("cp", "-R", snapshot, repository);
        Must("git", "-C", repository, "init", "-q", "-b", "main");
        Must("git", "-C", repository, "add", "-A");
        Must("git", "-C", repository, "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false", "commit",
            "-q", "-m", "Upstream");
        var lockFile = Path.Combine(temp, "bench.lock.json");
        Must([options.Tdxrel, "fetch", "--source", repository, "--lock", lockFile, "--update-lock", "--out", Path.Combine(temp, "fetched"),
            .. policy]);
        return Measure(Short, "check, unchanged", "< 1 s",
            ["check", "--source", repository, "--lock", lockFile, "--out", Path.Combine(temp, "check"), .. policy],
            "tdxrel check --lock upstream.lock.json");
    }

    private IEnumerable<Comparison> Release()
    {
        var key = Path.Combine(temp, "release");
        Must(options.Tdxrel, "keys", "create", "--out", key, "--user-id", "Bench <bench@example.org>", "--with-openpgp-secret");
        // Intel's newest module may be older than a manifest lives, and an expired one is refused.
        Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH",
            new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var license = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(snapshot, "BINARIES_LICENSE"))));
        string[] signing = ["--signing-key", $"{key}.pem", "--accept-license", license];
        yield return Measure(
            Long, "packages and repositories", "≤ 0.28 ×",
            ["bundle", snapshot, .. signing, "--formats", Formats, "--out", Path.Combine(temp, "packages"), .. policy],
            $"tdxrel bundle SNAPSHOT --signing-key release.pem --accept-license SHA256 --formats {Formats}", "packages.sh", Packaging(key));

        // The real key signs what verifies under the real policy only; the sample's pipeline signs with the sample's key.
        string[] pipeline = ["sh", Path.Combine(options.Checkout, "build.sh"),
            .. Sample ? (string[])["--source=sample"]
            : [$"--source={snapshot}", $"--signing-key={key}.pem", $"--accept-license={license}", "--lock=none"],
            $"--output={Path.Combine(temp, "pipeline")}"];
        var alone = Commands.Paired(Long, pipeline,
            ["sh", "-c", Alone, options.Tdxrel, snapshot, Path.Combine(temp, "alone"), key, license, .. policy]);
        yield return new Comparison("whole pipeline", alone[0], alone[1], "bundle, then audit", "≤ 1.6 ×",
            "./build.sh --source=SNAPSHOT …");
        if (!Sample)
        {
            yield return Measure(Long, "audit of the complete set", "≤ 0.18 s, ≤ 64 MB",
                ["audit", Path.Combine(temp, "pipeline", "bundle"), "--key", $"{key}.pub.pem"],
                "tdxrel audit artifacts/bundle --key release.pub.pem");
        }
    }

    // The same key, so that nobody's signatures are shorter; null where a tool is missing.
    private string[]? Packaging(string key)
    {
        if (PackagingTools.FirstOrDefault(tool => !Commands.Exists(tool)) is { } missing)
        {
            Console.Error.WriteLine($"warning: {missing} is not installed: packages.sh is left out");
            return null;
        }

        var home = Directory.CreateDirectory(Path.Combine(temp, "gnupg"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        Environment.SetEnvironmentVariable("GNUPGHOME", home);
        Must("gpg", "--batch", "--quiet", "--import", $"{key}.secret.asc");
        return ["sh", "-c", "rm -rf \"$4\" && exec sh \"$0\" \"$@\"", Opponent("packages.sh"), snapshot, "20260210", "bench@example.org",
            Path.Combine(temp, "opponent")];
    }

    // The host updater on the model of the kernel, which serves until its standard input ends.
    private IEnumerable<Comparison> Host()
    {
        var model = Path.Combine(options.Checkout, "tests", "TdxRelease.HostModel", "bin", "Release", "net10.0",
            "TdxRelease.HostModel.dll");
        if (!File.Exists(model) || !Commands.Exists("dash"))
        {
            yield break;
        }

        var root = Directory.CreateDirectory(Path.Combine(temp, "host")).FullName;
        using var serving = Commands.Serve(["dotnet", model, root, "version=1.5.05", "fixture"]);
        foreach (var command in new[] { "status", "plan" })
        {
            string[] line = ["dash", Path.Combine(options.Checkout, "src", "host", "tdx-module-update"), command, "--root", root];
            yield return new Comparison($"tdx-module-update {command}", Commands.Paired(Short, line)[0], null, "", "< 0.03 s",
                $"dash tdx-module-update {command} --root MODEL");
        }
    }

    private Comparison Measure(int runs, string name, string target, string[] arguments, string command, string opponent = "",
        string[]? theirs = null)
    {
        string[] ours = [options.Tdxrel, .. arguments];
        var timings = theirs is null ? Commands.Paired(runs, ours) : Commands.Paired(runs, ours, theirs);
        return new Comparison(name, timings[0], theirs is null ? null : timings[1], opponent, target,
            command)
        { Peak = target.Contains(" MB", StringComparison.Ordinal) ? PeakMemory.Of(ours) : null };
    }

    private static void Must(params string[] command)
    {
        if (Commands.Start(command, quiet: true) is var code && code != 0)
        {
            throw new TdxException(ExitCode.InternalError,
                string.Create(CultureInfo.InvariantCulture, $"exit {code}: {string.Join(' ', command)}"));
        }
    }
}
