using Cake.Core;
using Cake.Core.Diagnostics;

namespace TdxRelease.Build.CommandLine;

/// <summary>Cake's log, which also keeps the exception that ended the run: the host itself returns one code for every failure.</summary>
internal sealed class FailureLog(ICakeLog log) : ICakeLog
{
    public Exception? Failure { get; private set; }

    public Verbosity Verbosity
    {
        get => log.Verbosity;
        set => log.Verbosity = value;
    }

    /// <summary>An engine that writes here and whose failure is kept.</summary>
    public ICakeEngine NewEngine(ICakeDataService data)
    {
        var engine = new CakeEngine(data, this);
        engine.BeforeTeardown += (_, ended) => Failure = ended.TeardownContext.ThrownException;
        return engine;
    }

    /// <summary>
    /// Writes; once the failure is kept, the host's own report of it is left out, because <see cref="BuildProgram"/> prints it.
    /// </summary>
    public void Write(Verbosity verbosity, LogLevel level, string format, params object[] args)
    {
        if (Failure is null || level > LogLevel.Error)
        {
            log.Write(verbosity, level, format, args);
        }
    }
}
