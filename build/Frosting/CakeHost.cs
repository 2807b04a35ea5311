using System.Reflection;
using Cake.Core;
using Cake.Core.IO;
using TdxRelease.Build;
using TdxRelease.Core.Findings;

namespace Cake.Frosting;

/// <summary>Finds the tasks, registers them with Cake's engine and runs what the command line asks for.</summary>
public sealed class CakeHost
{
    private readonly List<Assembly> assemblies = [Assembly.GetEntryAssembly()!];
    private Type contextType = typeof(FrostingContext);
    private DirectoryPath? workingDirectory;

    /// <summary>Where output goes, if not to the process's own console.</summary>
    internal IConsole? Output { get; init; }

    /// <summary>Looks for tasks in one more assembly than the program's own.</summary>
    public CakeHost AddAssembly(Assembly assembly)
    {
        assemblies.Add(assembly);
        return this;
    }

    /// <summary>The class of the context: one constructor, taking an <see cref="ICakeContext"/>.</summary>
    public CakeHost UseContext<TContext>()
        where TContext : class, IFrostingContext
    {
        contextType = typeof(TContext);
        return this;
    }

    /// <summary>The folder the tasks work in, and where cake.config is read from.</summary>
    public CakeHost UseWorkingDirectory(DirectoryPath path)
    {
        workingDirectory = path;
        return this;
    }

    /// <summary>Runs the build.</summary>
    /// <returns>The exit code of the process.</returns>
    public int Run(IEnumerable<string> args)
    {
        var console = Output ?? PlainConsole.ForProcess();
        HostArguments? arguments = null;
        try
        {
            var known = contextType.GetCustomAttributes<KnownArgumentAttribute>().ToList();
            arguments = HostArguments.Parse(args, known);
            switch (arguments.Mode)
            {
                case HostMode.Help:
                    HelpText.Write(console, known);
                    break;
                case HostMode.Version:
                    console.WriteLine("{0}", $"Cake {new CakeRuntime().CakeVersion}");
                    break;
                default:
                    Run(console, arguments);
                    break;
            }

            return 0;
        }
        catch (Exception e)
        {
            return Failure.Report(console, e, arguments?.Verbosity);
        }
    }

    private void Run(IConsole console, HostArguments arguments)
    {
        var services = new CakeServices(console, arguments, workingDirectory);
        TaskRegistration.Register(services.Engine, TaskRegistration.Find(assemblies.Distinct()));
        if (arguments.Mode == HostMode.Description)
        {
            HelpText.WriteTasks(console, services.Engine.Tasks);
            return;
        }

        if (arguments.Mode == HostMode.Tree)
        {
            TaskTree.Write(console, services.Engine.Tasks);
            return;
        }

        RequireTargets(services.Engine, arguments.Targets);
        var settings = new ExecutionSettings().SetTargets(arguments.Targets);
        if (arguments.Exclusive)
        {
            settings.UseExclusiveTarget();
        }

        Execute(services, arguments, settings);
    }

    private void Execute(CakeServices services, HostArguments arguments, ExecutionSettings settings)
    {
        var context = NewContext(services.Context);
        try
        {
            var strategy = arguments.Mode == HostMode.DryRun ? new DryRunStrategy(services.Console) : services.Strategy;
            var report = services.Engine.RunTargetAsync(context, strategy, settings).GetAwaiter().GetResult();
            if (arguments.Mode == HostMode.Run && !report.IsEmpty)
            {
                services.Printer.Write(report);
            }
        }
        catch (CakeReportException e)
        {
            services.Printer.Write(e.Report);
            throw;
        }
    }

    private IFrostingContext NewContext(ICakeContext context)
    {
        try
        {
            return (IFrostingContext)Activator.CreateInstance(contextType, context)!;
        }
        catch (TargetInvocationException e) when (e.InnerException is TdxException inner)
        {
            throw inner;
        }
    }

    private static void RequireTargets(CakeEngine engine, IEnumerable<string> targets)
    {
        foreach (var target in targets)
        {
            if (!engine.Tasks.Any(task => task.Name.Equals(target, StringComparison.OrdinalIgnoreCase)))
            {
                var names = engine.Tasks.Select(task => task.Name).Order(StringComparer.Ordinal);
                throw new TdxException(ExitCode.Usage, $"unknown target \"{target}\"", $"known targets: {string.Join(", ", names)}");
            }
        }
    }
}
