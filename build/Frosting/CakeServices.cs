using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.Diagnostics;
using Cake.Core.IO;
using Cake.Core.Tooling;
using TdxRelease.Core.Findings;

namespace Cake.Frosting;

/// <summary>Cake's own parts, put together for one run.</summary>
internal sealed class CakeServices : IServiceProvider
{
    public CakeServices(IConsole console, HostArguments arguments, DirectoryPath? workingDirectory)
    {
        Console = console;
        var files = new FileSystem();
        var environment = new CakeEnvironment(new CakePlatform(), new CakeRuntime());
        if ((arguments.WorkingDirectory ?? workingDirectory)?.MakeAbsolute(environment) is { } folder)
        {
            environment.WorkingDirectory = files.Exist(folder)
                ? folder
                : throw new TdxException(ExitCode.Usage, $"the working directory \"{folder.FullPath}\" does not exist");
        }

        var configuration = new CakeConfigurationProvider(files, environment).CreateConfiguration(environment.WorkingDirectory, arguments.Settings());
        var log = new CakeBuildLog(console);
        log.Verbosity = configuration.GetVerbosity(arguments.Verbosity, Verbosity.Normal);
        var globber = new Globber(files, environment);
        var tools = new ToolLocator(environment, new ToolRepository(environment), new ToolResolutionStrategy(files, environment, globber, configuration, log));
        var data = new CakeDataService();
        Engine = new CakeEngine(data, log);
        Context = new CakeContext(
            files,
            environment,
            globber,
            log,
            new CakeArguments(arguments.All),
            new ProcessRunner(files, environment, log, tools, configuration),
            new WindowsRegistry(),
            tools,
            data,
            configuration,
            new ToolInstaller(environment, tools, configuration, log, []),
            this);
    }

    public CakeEngine Engine { get; }

    public CakeContext Context { get; }

    public IConsole Console { get; }

    /// <summary>Cake's own table of tasks and times.</summary>
    public CakeReportPrinter Printer => new(Console, Context);

    /// <summary>Cake's own way to execute a task.</summary>
    public IExecutionStrategy Strategy => new DefaultExecutionStrategy(Context.Log, Printer);

    /// <summary>Nothing is injected: tasks have no constructor parameters.</summary>
    public object? GetService(Type serviceType) => null;
}
