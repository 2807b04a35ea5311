using System.Reflection;
using Cake.Cli;
using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.Diagnostics;
using Cake.Core.IO;
using Cake.Core.Scripting;
using Cake.Core.Tooling;
using Microsoft.Extensions.DependencyInjection;

namespace Cake.Frosting;

/// <summary>Finds the tasks, registers them with Cake's engine and runs what the command line asks for.</summary>
public sealed class CakeHost
{
    private readonly List<Assembly> assemblies = [Assembly.GetEntryAssembly()!];
    private readonly ServiceCollection services = [];
    private DirectoryPath? workingDirectory;

    /// <summary>A host with Cake's own services; what is registered later under the same name replaces them.</summary>
    public CakeHost() => services
        .AddSingleton<IConsole, CakeConsole>()
        .AddSingleton<ICakeLog, CakeBuildLog>()
        .AddSingleton<ICakePlatform, CakePlatform>()
        .AddSingleton<ICakeRuntime, CakeRuntime>()
        .AddSingleton<ICakeEnvironment, CakeEnvironment>()
        .AddSingleton<IFileSystem, FileSystem>()
        .AddSingleton<IGlobber, Globber>()
        .AddSingleton<IRegistry, WindowsRegistry>()
        .AddSingleton<IProcessRunner, ProcessRunner>()
        .AddSingleton<IToolRepository, ToolRepository>()
        .AddSingleton<IToolResolutionStrategy, ToolResolutionStrategy>()
        .AddSingleton<IToolLocator, ToolLocator>()
        .AddSingleton<IToolInstaller, ToolInstaller>()
        .AddSingleton<ICakeDataService, CakeDataService>()
        .AddSingleton<ICakeEngine, CakeEngine>()
        .AddSingleton<ICakeContext, CakeContext>()
        .AddSingleton<IFrostingContext, FrostingContext>()
        .AddSingleton<ICakeReportPrinter, CakeReportPrinter>()
        .AddSingleton<IExecutionStrategy, DefaultExecutionStrategy>()
        .AddSingleton<BuildScriptHost<IFrostingContext>>()
        .AddSingleton<DryRunScriptHost<IFrostingContext>>();

    /// <summary>Looks for tasks in one more assembly than the program's own.</summary>
    public CakeHost AddAssembly(Assembly assembly)
    {
        assemblies.Add(assembly);
        return this;
    }

    /// <summary>Adds services, or replaces the host's own.</summary>
    public CakeHost ConfigureServices(Action<IServiceCollection> services)
    {
        services(this.services);
        return this;
    }

    /// <summary>The class of the context.</summary>
    public CakeHost UseContext<TContext>()
        where TContext : class, IFrostingContext => ConfigureServices(each => each.AddSingleton<IFrostingContext, TContext>());

    /// <summary>The folder the tasks work in, and where cake.config is read from.</summary>
    public CakeHost UseWorkingDirectory(DirectoryPath path)
    {
        workingDirectory = path;
        return this;
    }

    /// <summary>Runs the build.</summary>
    /// <returns>0, or -1 for every failure, after an error line in the log.</returns>
    public int Run(IEnumerable<string> args)
    {
        foreach (var task in TaskRegistration.Find(assemblies))
        {
            services.AddSingleton(typeof(IFrostingTask), task);
        }

        var arguments = new HostArguments(args);
        services.AddSingleton<ICakeArguments>(arguments.ForTasks());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CakeConfigurationProvider>(provider)
            .CreateConfiguration(provider.GetRequiredService<ICakeEnvironment>().WorkingDirectory, arguments.Settings()));
        using var provider = services.BuildServiceProvider();
        try
        {
            Run(provider, arguments);
            return 0;
        }
        catch (Exception e)
        {
            return provider.GetRequiredService<ICakeLog>().LogException(e);
        }
    }

    private void Run(ServiceProvider provider, HostArguments arguments)
    {
        var environment = provider.GetRequiredService<ICakeEnvironment>();
        if ((arguments.WorkingDirectory ?? workingDirectory)?.MakeAbsolute(environment) is { } folder)
        {
            environment.WorkingDirectory = folder;
        }

        provider.GetRequiredService<ICakeLog>().Verbosity = provider.GetRequiredService<ICakeConfiguration>()
            .GetVerbosity(arguments.Verbosity, Verbosity.Normal);
        ScriptHost host = arguments.DryRun ? provider.GetRequiredService<DryRunScriptHost<IFrostingContext>>()
            : provider.GetRequiredService<BuildScriptHost<IFrostingContext>>();
        TaskRegistration.Register(provider.GetRequiredService<ICakeEngine>(), provider.GetServices<IFrostingTask>());
        if (arguments.Exclusive)
        {
            host.Settings.UseExclusiveTarget();
        }

        host.RunTargets(arguments.Targets);
    }
}
