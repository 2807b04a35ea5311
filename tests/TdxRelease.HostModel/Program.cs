using System.Globalization;
using TdxRelease.HostModel;

// usage: TdxRelease.HostModel ROOT [version=1.5.05] [loader=1.5.02] [remaining=10] [cpu=806F0] [state-ms=5] [fail-at=N] [refuse-at=N]
// [hangs] [installs-nothing]
// Serves the model below ROOT until its standard input ends; then prints one line for each upload that was committed.
// With `fixture` as the last word, an empty ROOT is filled with a fixture bundle and a machine first.
if (args.Length == 0 || !Directory.Exists(args[0]))
{
    await Console.Error.WriteLineAsync(
        "usage: TdxRelease.HostModel ROOT [version=V] [loader=V] [remaining=N] [cpu=HEX] "
        + "[state-ms=N] [fail-at=N] [refuse-at=N] [hangs] [installs-nothing]");
    return 2;
}

var settings = new ModelSettings();
foreach (var arg in args[1..])
{
    var (key, text) = arg.Split('=', 2) is [var k, var v] ? (k, v) : (arg, "");
    settings = key switch
    {
        "version" => settings with { Version = text },
        "loader" => settings with { Loader = text },
        "remaining" => settings with { Remaining = int.Parse(text, CultureInfo.InvariantCulture) },
        "cpu" => settings with { Cpu = uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) },
        "state-ms" => settings with { StateTime = TimeSpan.FromMilliseconds(int.Parse(text, CultureInfo.InvariantCulture)) },
        "fail-at" => settings with { FailAfterShutdownAt = int.Parse(text, CultureInfo.InvariantCulture) },
        "refuse-at" => settings with { RefuseAt = int.Parse(text, CultureInfo.InvariantCulture) },
        "hangs" => settings with { Hangs = true },
        "fixture" => settings,
        "installs-nothing" => settings with { InstallsNothing = true },
        _ => throw new ArgumentException($"cannot understand \"{arg}\""),
    };
}

if (args[^1] == "fixture")
{
    _ = new HostRoot(args[0], settings);
}

using var model = new KernelModel(args[0], settings);
Console.WriteLine("ready");
await Console.In.ReadToEndAsync();
foreach (var commit in model.Commits)
{
    Console.WriteLine($"{commit.Sha256} {commit.Outcome}");
}

return 0;
