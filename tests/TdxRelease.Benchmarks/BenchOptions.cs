using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>What Bench runs.</summary>
/// <param name="Tdxrel">The published program.</param>
/// <param name="Checkout">The root of the checkout.</param>
/// <param name="Snapshot">Intel's data; null where it is not here: the sample then.</param>
/// <param name="Modules">How many synthetic modules the run at scale has; 0 leaves it out.</param>
/// <param name="Update">Write the baseline anew.</param>
internal sealed record BenchOptions(string Tdxrel, string Checkout, string? Snapshot, int Modules, bool Update)
{
    public string BaselinePath => Path.Combine(Checkout, "tests", "TdxRelease.Benchmarks", "baseline.json");

    public static BenchOptions Parse(IReadOnlyList<string> args)
    {
        var options = new BenchOptions("", "", null, 0, Update: false);
        for (var i = 0; i < args.Count; i++)
        {
            string Value() => ++i < args.Count ? args[i] : throw new TdxException(ExitCode.Usage, $"{args[^1]} needs a value");
            options = args[i] switch
            {
                "--tdxrel" => options with { Tdxrel = Value() },
                "--checkout" => options with { Checkout = Value() },
                "--snapshot" => options with { Snapshot = Value() },
                "--modules" => options with { Modules = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--update" => options with { Update = true },
                var other => throw new TdxException(ExitCode.Usage, $"unknown option \"{other}\""),
            };
        }

        return File.Exists(options.Tdxrel) && Directory.Exists(options.Checkout)
            ? options
            : throw new TdxException(ExitCode.Usage, "--tdxrel and --checkout must name what is there", "./build.sh --target=Bench does");
    }
}
