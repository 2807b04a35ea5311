using System.Diagnostics;
using Cake.Common.Diagnostics;
using Cake.Frosting;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build.Tasks;

[TaskName("Fuzz")]
[TaskDescription("Fuzzes every parser, or --parser=NAME,NAME, for --minutes=N each (default: 1), by coverage where afl-fuzz is installed")]
[IsDependentOn(typeof(BuildTask))]
public sealed class FuzzTask : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var minutes = context.Minutes ?? 1;
        var corpora = System.IO.Path.Combine(BuildContext.Checkout, "tests", "fixtures", "corpus");
        var names = FuzzFolder.Parsers(corpora, context.Parser);
        var folder = new FuzzFolder(
            System.IO.Path.Combine(BuildContext.Checkout, "tests", "TdxRelease.Fuzz", "bin", context.BuildConfiguration, "net10.0"),
            System.IO.Path.Combine(BuildContext.Artifacts, "fuzz"));
        context.Information("{0}", $"{minutes} {(minutes == 1 ? "minute" : "minutes")} for each of {names.Count} parsers");
        if (NativeToolchain.Find("afl-fuzz", System.Environment.GetEnvironmentVariable("PATH") ?? "") is { } fuzzer)
        {
            await ByCoverage(context, folder, fuzzer, names.Select(name => (name, System.IO.Path.Combine(corpora, name))), minutes);
            return;
        }

        context.Warning("{0}",
            "afl-fuzz is not installed (Debian: apt install afl++): blind mutation, which does not see what an input reaches");
        foreach (var name in names)
        {
            folder.FuzzBlindly(name, System.IO.Path.Combine(corpora, name), minutes);
        }
    }

    // One parser on each processor; more when DOTNET_PROCESSOR_COUNT says that there are more.
    private static async Task ByCoverage(BuildContext context, FuzzFolder folder, string fuzzer,
        IEnumerable<(string Name, string Corpus)> parsers, int minutes)
    {
        folder.Instrument();
        var path = Measurements.PathOf(BuildContext.Checkout, "fuzzing");
        var record = Measurements.Read(path, Measurements.Default.DictionaryStringMeasuredParser);
        var processors = Processors();
        var bad = 0L;
        await Parallel.ForEachAsync(parsers.Index(), (next, _) =>
        {
            var parser = next.Item;
            var figures = folder.Fuzz(fuzzer, parser.Name, parser.Corpus, processors[next.Index % processors.Count], minutes);
            lock (record)
            {
                context.Information("{0}", $"{parser.Name}: {figures}");
                bad += figures.Crashes + figures.Hangs;
                if (figures.Crashes + figures.Hangs == 0 && figures.Seconds >= (record.GetValueOrDefault(parser.Name)?.Seconds ?? 0))
                {
                    record[parser.Name] = new MeasuredParser(Measurements.Today, figures.Seconds, figures.Executions, figures.Edges,
                        figures.Inputs);
                    Measurements.Write(path, record, Measurements.Default.DictionaryStringMeasuredParser);
                }
            }

            return ValueTask.CompletedTask;
        });

        if (bad > 0)
        {
            throw new TdxException(ExitCode.InternalError, $"{bad} inputs crash or hang a parser; they are in \"{folder.Crashes}\"",
                "dotnet tests/TdxRelease.Fuzz/bin/Release/net10.0/TdxRelease.Fuzz.dll replay NAME FILE");
        }
    }

    // The numbers of the processors that this process may use: a container is often given a few of many.
    private static List<int> Processors()
    {
        using var process = Process.GetCurrentProcess();
        return [.. Enumerable.Range(0, 64).Where(number => OperatingSystem.IsLinux() && ((process.ProcessorAffinity >> number) & 1) == 1)];
    }
}
