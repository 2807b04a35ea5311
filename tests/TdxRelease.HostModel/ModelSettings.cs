namespace TdxRelease.HostModel;

/// <summary>The machine that is modelled, and what goes wrong on it.</summary>
public sealed record ModelSettings
{
    /// <summary>The running module.</summary>
    public string Version { get; init; } = "1.5.05";

    /// <summary>The running P-SEAMLDR.</summary>
    public string Loader { get; init; } = "1.5.02";

    /// <summary>num_remaining_updates.</summary>
    public int Remaining { get; init; } = 10;

    /// <summary>CPUID.1.EAX of the processor, stepping masked.</summary>
    public uint Cpu { get; init; } = 0x806F0;

    /// <summary>How long each of the four working states lasts.</summary>
    public TimeSpan StateTime { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The install (1 = the first) that fails after the old module was shut down; 0 = none.</summary>
    public int FailAfterShutdownAt { get; init; }

    /// <summary>The install (1 = the first) that is refused with the old module kept; 0 = none.</summary>
    public int RefuseAt { get; init; }

    /// <summary>The work never ends: <c>status</c> stays at <c>transferring</c>.</summary>
    public bool Hangs { get; init; }

    /// <summary>The upload is reported as a success but nothing is installed (facts/3: never trust silence).</summary>
    public bool InstallsNothing { get; init; }

    /// <summary>What <c>error</c> holds from an upload before.</summary>
    public string StaleError { get; init; } = "";
}
