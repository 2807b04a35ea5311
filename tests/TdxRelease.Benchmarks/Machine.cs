using System.Globalization;
using System.Runtime.InteropServices;

namespace TdxRelease.Benchmarks;

/// <summary>On what the numbers were measured.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var processor = Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        var kernel = Environment.OSVersion.Version;
        return string.Create(CultureInfo.InvariantCulture,
            $"{processor}, {Environment.ProcessorCount} cores, {memory} GiB; {Os()}, Linux {kernel.Major}.{kernel.Minor}; "
            + $".NET {Environment.Version}; load average {Load()} when the run began");
    }

    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static string Os() => Field("/etc/os-release", "PRETTY_NAME") ?? "Linux";

    private static string? Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split([':', '='], 2)[1]
        .Trim(' ', '\t', '"');
}
