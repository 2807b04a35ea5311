using System.Globalization;
using Cake.Common;
using Cake.Core;
using Cake.Frosting;
using TdxRelease.Build.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Release;
using TdxRelease.Release.Composition;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Build;

/// <summary>What the caller asked for. Every argument is declared here, once.</summary>
[KnownArgument("source",
    "a directory in upstream's layout, a git repository, or 'sample'; default: Intel's repository at the locked commit")]
[KnownArgument("ref", "the git commit, tag or branch of --source")]
[KnownArgument("allow-dirty", "take a git working tree whose data files differ from its commit; the result is marked", IsFlag = true)]
[KnownArgument("upstream-url", "the repository of a working tree as --source; default: the lock's, else the remote 'origin'")]
[KnownArgument("signing-key", "PEM file with the RSA-4096 key that signs the bundle")]
[KnownArgument("certificate", "OpenPGP certificate of the key, for packages and repositories; default: NAME.pgp beside NAME.pem")]
[KnownArgument("passphrase", "where the passphrase of the key is: fd:N, file:PATH or env:NAME")]
[KnownArgument("signing-command", "program that signs instead of a key file: an HSM, KMS or smart card (docs/signing.md)")]
[KnownArgument("signing-public-key", "PEM file with the public half of the key behind --signing-command")]
[KnownArgument("signing-input", "what the program gets; default: digest", Choices = ["digest", "digest-info", "payload"])]
[KnownArgument("second-key", "another key, with NAME.pgp beside it, that signs the indices of apt and dnf too")]
[KnownArgument("second-passphrase", "where the passphrase of --second-key is: fd:N, file:PATH or env:NAME")]
[KnownArgument("keyring", "certificates that the users of repositories get besides the signers', and whose signatures there count")]
[KnownArgument("lock", "lock file, or 'none'; default: upstream.lock.json")]
[KnownArgument("accept-license", "SHA-256 of BINARIES_LICENSE, as proof that it was read")]
[KnownArgument("unsigned", "make a bundle without a signature", IsFlag = true)]
[KnownArgument("policy", "trust policy file; default: the embedded one, which pins Intel's production key")]
[KnownArgument("output", "directory for the results; default: artifacts/")]
[KnownArgument("lenient", "unknown keys of the mapping file are warnings", IsFlag = true)]
[KnownArgument("offline", "use the cache only, never the network", IsFlag = true)]
[KnownArgument("minutes", "how long Fuzz runs for each parser, and Mutate as a whole", IsNumber = true)]
[KnownArgument("parser", "the one parser that Fuzz runs; default: all")]
[KnownArgument("project", "the one area of tests/mutation/areas that Mutate changes; default: all")]
[KnownArgument("changed", "Mutate changes only the lines that changed since their area was measured", IsFlag = true)]
[KnownArgument("runtime", "what Publish compiles for: linux-x64 (default) or linux-arm64", Choices = ["linux-x64", "linux-arm64"])]
[KnownArgument("all", "Publish compiles for linux-x64 and linux-arm64", IsFlag = true)]
[KnownArgument("packages", "Publish also makes deb, rpm, tar, dotnet tool, SBOMs and a container directory of tdxrel itself",
    IsFlag = true)]
[KnownArgument("modules", "how many synthetic modules Bench verifies at scale, e.g. 5000; default: none", IsNumber = true)]
[KnownArgument("update-baseline", "Bench writes the committed baseline anew", IsFlag = true)]
[KnownArgument("formats", "some of {formats}; default: all that can be signed")]
[KnownArgument("base-url", "where users will reach the output directory, for the repositories' configuration files")]
[KnownArgument("repository", "directory with repositories that the release joins instead of beginning new ones")]
[KnownArgument("cold", "also make packages for loading at boot", IsFlag = true)]
[KnownArgument("metadata", "bundle.json: package name, maintainer, sections and licence tags")]
[KnownArgument("history", "earlier packages, or a directory with repositories, for the changelog; may be given again", MayRepeat = true)]
[KnownArgument("revision", "which packaging of the same upstream it is: Debian revision, rpm release, pkgrel; default: 1")]
[KnownArgument("package-version", "version of the packages; default: the date of upstream's commit")]
[KnownArgument("version-date", "YYYY-MM-DD: the date that is the version, where upstream's is not known")]
[KnownArgument("lifetime-days", "how long hosts take the manifest; default: 366, for the sample 3660", IsNumber = true)]
[KnownArgument("index-days", "how long apt takes a repository's index; default: as long as the manifest", IsNumber = true)]
[KnownArgument("configuration", "Debug or Release; default: Release", Choices = ["Release", "Debug"])]
[KnownArgument("filter", "run only the tests that match, in the notation of dotnet test --filter")]
[KnownArgument("no-skip", "a skipped test is a failure", IsFlag = true)]
public sealed class BuildContext : FrostingContext
{
    /// <summary>The environment variable with the folder that relative paths in arguments start from.</summary>
    public const string CallerFolderVariable = "TDXREL_CWD";

    public BuildContext(ICakeContext context)
        : base(context)
    {
        Source = Value("source");
        Ref = Value("ref");
        AllowDirty = Flag("allow-dirty");
        UpstreamUrl = Value("upstream-url");
        Lock = Value("lock");
        Policy = Value("policy");
        Output = Value("output");
        Lenient = Flag("lenient");
        Offline = Flag("offline");
        Minutes = Number("minutes");
        Parser = Value("parser");
        Project = Value("project");
        Changed = Flag("changed");
        Runtimes = Flag("all") ? NativeProgram.Runtimes : [Value("runtime") ?? NativeProgram.Runtimes[0]];
        Packages = Flag("packages");
        Modules = Number("modules");
        UpdateBaseline = Flag("update-baseline");
        Release = AskedRelease();
        BuildConfiguration = Value("configuration") ?? "Release";
        Filter = Value("filter");
        NoSkip = Flag("no-skip");
    }

    /// <summary>The root of the checkout: the folder with Tools.sln above the running assembly.</summary>
    public static string Checkout { get; } = FindCheckout();

    public string? Source { get; }

    public string? Ref { get; }

    public bool AllowDirty { get; }

    public string? UpstreamUrl { get; }

    public string? Lock { get; }

    /// <summary>What the stages hand to each other.</summary>
    public Pipeline Pipeline { get; } = new();

    public string? Policy { get; }

    public string? Output { get; }

    public bool Lenient { get; }

    public bool Offline { get; }

    public int? Minutes { get; }

    public string? Parser { get; }

    public string? Project { get; }

    public bool Changed { get; }

    /// <summary>The runtime identifiers that Publish compiles for.</summary>
    public IReadOnlyList<string> Runtimes { get; }

    public bool Packages { get; }

    public int? Modules { get; }

    public bool UpdateBaseline { get; }

    /// <summary>What Bundle is asked for; the task adds what earlier tasks found.</summary>
    public ReleaseRequest Release { get; }

    /// <summary>Release or Debug; <c>Configuration</c> is Cake's own.</summary>
    public string BuildConfiguration { get; }

    public string? Filter { get; }

    public bool NoSkip { get; }

    /// <summary>The folder with everything the build leaves behind.</summary>
    public static string Artifacts => Path.Combine(Checkout, "artifacts");

    /// <summary>The full path of what the caller typed, relative to the folder the caller stood in.</summary>
    public static string ResolvePath(string path) =>
        Path.GetFullPath(path,
            System.Environment.GetEnvironmentVariable(CallerFolderVariable) is { Length: > 0 } folder ? folder
            : Directory.GetCurrentDirectory());

    private static string FindCheckout()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Tools.sln")))
            {
                return folder;
            }
        }

        throw new TdxException(ExitCode.Usage, $"no Tools.sln above \"{AppContext.BaseDirectory}\"", "run ./build.sh inside a checkout");
    }

    private ReleaseRequest AskedRelease() => new("", TrustPolicy.Default, () => throw new InvalidOperationException("no task has verified"))
    {
        Key = new SigningKey
        {
            File = PathOf("signing-key"),
            Certificate = PathOf("certificate"),
            Passphrase = Value("passphrase"),
            Program = Value("signing-command"),
            PublicKey = PathOf("signing-public-key"),
            Input = Value("signing-input"),
            Second = PathOf("second-key"),
            SecondPassphrase = Value("second-passphrase"),
            Keyring = PathOf("keyring"),
        },
        Unsigned = Flag("unsigned"),
        AcceptedLicense = Value("accept-license"),
        Formats = Value("formats"),
        BaseUrl = Value("base-url"),
        Repository = PathOf("repository"),
        Cold = Flag("cold"),
        Metadata = PathOf("metadata"),
        History = [.. Arguments.GetArguments("history").Select(ResolvePath)],
        Revision = Value("revision"),
        PackageVersion = Value("package-version"),
        VersionDate = Value("version-date"),
        LifetimeDays = Number("lifetime-days"),
        IndexDays = Number("index-days"),
        Notice = _ => { },
        Log = _ => { },
    };

    private string? PathOf(string name) => Value(name) is { } path ? ResolvePath(path) : null;

    private string? Value(string name) => this.Argument<string?>(name, null);

    private bool Flag(string name) => Value(name) == "true";

    private int? Number(string name) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
