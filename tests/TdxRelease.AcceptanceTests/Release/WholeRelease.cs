using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>
/// Intel's real modules in every form that there is, repositories included, signed with an encrypted key that the program made. All by the
/// real program, once.
/// </summary>
public sealed class WholeRelease : IDisposable
{
    public const string Passphrase = "correct-horse-battery-staple";

    private readonly TempFolder temp = new();
    private readonly Lazy<bool> made;
    private readonly List<string> said = [];

    public WholeRelease() => made = new(Make);

    /// <summary>Recent, so that nothing is expired whenever the tests run.</summary>
    public static DateTimeOffset Time { get; } = RealRelease.Time;

    /// <summary>A file of the output folder.</summary>
    public string this[string relative] => made.Value ? Path.Combine(temp["out"], relative) : "";

    public string Folder => this["."][..^2];

    public string Name { get; } = $"tdx-module-{RealRelease.Version}";

    public string Provenance => this[$"provenance/{Name}.intoto.json"];

    public string PublicKey => made.Value ? temp["release.pub.pem"] : "";

    public string Certificate => made.Value ? temp["release.pgp"] : "";

    public string SecretKey => made.Value ? temp["release.pem"] : "";

    /// <summary>The secret key in OpenPGP form, encrypted too.</summary>
    public string OpenPgpSecretKey => made.Value ? temp["release.secret.asc"] : "";

    public string Scratch(string name) => Directory.CreateDirectory(temp[name]).FullName;

    public static string License { get; } = TestData.Root is null
        ? "" : Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(TestData.Snapshot, "BINARIES_LICENSE"))));

    /// <summary>Everything that the program printed in all runs.</summary>
    public IReadOnlyList<string> Said => said;

    /// <summary>Runs the program; the passphrase is in the environment, as the options of <see cref="Signing"/> say.</summary>
    internal ToolResult Tdxrel(params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["SOURCE_DATE_EPOCH"] = Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["TDXREL_ACCEPTANCE_PASS"] = Passphrase,
        };
        var result = Tool.RunWith("/", environment, TdxrelProgram.Path, arguments);
        said.Add($"{result.Output}\n{result.Errors}");
        return result;
    }

    public string[] Signing => ["--signing-key", SecretKey, "--passphrase", "env:TDXREL_ACCEPTANCE_PASS"];

    /// <summary>Runs the program and watches its memory.</summary>
    /// <returns>What it printed, its largest resident set in bytes, its processor time and the time on the clock.</returns>
    internal static (string Output, int Exit, long Peak, TimeSpan Processor, TimeSpan Clock) Measured(params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(
            new ProcessStartInfo(TdxrelProgram.Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var peak = 0L;
        var used = TimeSpan.Zero;
        while (!process.WaitForExit(5))
        {
            process.Refresh();
            try
            {
                (peak, used) = (Math.Max(peak, process.PeakWorkingSet64), process.TotalProcessorTime);
            }
            catch (InvalidOperationException)
            {
                // It ended between the two lines.
            }
        }

        return (output.Result + errors.Result, process.ExitCode, peak, used, clock.Elapsed);
    }

    public void Dispose() => temp.Dispose();

    private bool Make()
    {
        Tdxrel("keys", "create", "--out", temp["release"], "--user-id", "tdxrel acceptance <acceptance@tdxrel.invalid>", "--created",
            "2025-01-01", "--passphrase", "env:TDXREL_ACCEPTANCE_PASS", "--with-openpgp-secret").Ok();
        Tdxrel("bundle", TestData.Snapshot, "--signing-key", temp["release.pem"], "--passphrase", "env:TDXREL_ACCEPTANCE_PASS",
            "--accept-license", License, "--out", temp["out"]).Ok();
        return true;
    }
}
