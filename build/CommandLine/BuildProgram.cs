using System.Reflection;
using Cake.Core;
using Cake.Core.Diagnostics;
using Cake.Frosting;
using Microsoft.Extensions.DependencyInjection;
using TdxRelease.Core.Findings;
using TdxRelease.Verification;

namespace TdxRelease.Build.CommandLine;

/// <summary>What stands around Cake's host: the check of the arguments before it, the exit code after it.</summary>
internal static class BuildProgram
{
    /// <summary>Runs the build whose tasks are in the assembly of its context.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="console">Where everything is printed.</param>
    /// <param name="configure">What else the host is to know.</param>
    /// <returns>The exit code of the process.</returns>
    public static int Run<TContext>(IEnumerable<string> args, IConsole console, Func<CakeHost, CakeHost> configure)
        where TContext : class, IFrostingContext
    {
        BuildArguments? arguments = null;
        try
        {
            var known = typeof(TContext).GetCustomAttributes<KnownArgumentAttribute>().ToList();
            arguments = BuildArguments.Parse(args, known);
            var tasks = DeclaredTask.In(typeof(TContext).Assembly);
            switch (arguments.Mode)
            {
                case BuildMode.Help:
                    HelpText.Write(console, known);
                    return 0;
                case BuildMode.Version:
                    console.WriteLine("{0}", $"Cake {new CakeRuntime().CakeVersion}");
                    return 0;
                case BuildMode.Description:
                    HelpText.WriteTasks(console, tasks);
                    return 0;
                case BuildMode.Tree:
                    DeclaredTask.WriteTree(console, tasks);
                    return 0;
                default:
                    RequireTargets(arguments.Targets, [.. tasks.Select(task => task.Name)]);
                    return RunHost<TContext>(arguments, console, configure);
            }
        }
        catch (Exception e)
        {
            return Failure.Report(console, e, arguments?.Verbosity);
        }
    }

    private static int RunHost<TContext>(BuildArguments arguments, IConsole console, Func<CakeHost, CakeHost> configure)
        where TContext : class, IFrostingContext
    {
        var log = new FailureLog(new CakeBuildLog(console));
        var code = configure(new CakeHost())
            .UseContext<TContext>()
            .ConfigureServices(services => services
                .AddSingleton(console)
                .AddSingleton<ICakeLog>(log)
                .AddSingleton(provider => log.NewEngine(provider.GetRequiredService<ICakeDataService>())))
            .Run(arguments.ForHost());
        return code == 0 ? 0
            : log.Failure is { } failure ? Failure.Report(console, failure, arguments.Verbosity)
            : (int)ExitCode.InternalError; // before the first task or after the last: the host has printed it
    }

    private static void RequireTargets(IEnumerable<string> targets, IReadOnlyList<string> known)
    {
        foreach (var target in targets)
        {
            if (!known.Contains(target, StringComparer.OrdinalIgnoreCase))
            {
                throw new TdxException(ExitCode.Usage, $"unknown target \"{target}\"", $"known targets: {string.Join(", ", known)}");
            }
        }
    }
}
