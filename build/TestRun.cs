using Cake.Common.Diagnostics;
using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.Test;
using Cake.Core;
using Cake.Core.IO;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>One test project: run, counted, judged.</summary>
internal static class TestRun
{
    /// <summary>
    /// Runs the built tests of <c>tests/PROJECT</c> and prints one line of counts; the record stays in artifacts/tests/PROJECT/.
    /// </summary>
    /// <exception cref="TdxException">Exit 1: a test failed, none ran, or one was skipped although --no-skip forbids it.</exception>
    public static void Run(BuildContext context, string project)
    {
        using var folder = new AtomicFolder(System.IO.Path.Combine(BuildContext.Artifacts, "tests", project));
        var record = System.IO.Path.Combine(folder.Staging, $"{project}.trx");
        CakeException? failure = null;
        try
        {
            context.DotNetTest($"tests/{project}", Settings(context, folder.Staging, record));
        }
        catch (CakeException e)
        {
            failure = e;
        }

        if (!File.Exists(record))
        {
            throw new TdxException(ExitCode.InternalError,
                $"{project}: the test run left no record: {failure?.Message ?? "no test was found"}");
        }

        var counts = TestCounts.Read(record);
        folder.Commit();
        context.Information("{0}", $"{project}: {counts}");
        counts.Require(project, context.NoSkip);
        if (failure is not null)
        {
            throw new TdxException(ExitCode.InternalError, $"{project}: the test run failed outside its tests: {failure.Message}",
                inner: failure);
        }
    }

    private static DotNetTestSettings Settings(BuildContext context, string folder, string record) => new()
    {
        Configuration = context.BuildConfiguration,
        NoBuild = true,
        NoRestore = true,
        NoLogo = true,
        Filter = context.Filter,
        ResultsDirectory = folder,
        Loggers = [$"trx;LogFileName={System.IO.Path.GetFileName(record)}", "console;verbosity=minimal"],
    };
}
