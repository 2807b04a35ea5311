using TdxRelease.Benchmarks;
using TdxRelease.Core.Findings;

try
{
    return args switch
    {
        ["once", .. var command] => PeakMemory.Print(command),
        ["generate", var folder, var count] =>
            ManyModules.Write(folder, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)),
        ["kernels"] => KernelRun.All(Path.GetTempPath()).Count > 0 ? 0 : 1,
        ["bench", .. var options] => BenchRun.Run(BenchOptions.Parse(options)),
        _ => throw new TdxException(ExitCode.Usage,
            "want: bench --tdxrel FILE --checkout FOLDER [--snapshot FOLDER] [--modules N] [--update], or: generate FOLDER N, or: kernels"),
    };
}
catch (TdxException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return (int)e.Code;
}
