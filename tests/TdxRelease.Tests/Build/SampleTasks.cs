using Cake.Core;
using Cake.Frosting;
using TdxRelease.Build.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Verification;

namespace TdxRelease.Tests.Build;

/// <summary>Tasks as a build would write them; the context records which ran.</summary>
[KnownArgument("fruit", "a word")]
[KnownArgument("loud", "a flag", IsFlag = true)]
[KnownArgument("count", "a number", IsNumber = true)]
[KnownArgument("colour", "one of two", Choices = ["red", "green"])]
public sealed class SampleContext(ICakeContext context) : FrostingContext(context)
{
    public static AsyncLocal<List<string>?> Ran { get; } = new();

    public void Record(string what) => Ran.Value!.Add(what);
}

public sealed class BrokenContext : FrostingContext
{
    public BrokenContext(ICakeContext context)
        : base(context) => throw new InvalidOperationException("no context");
}

[TaskName("First")]
[TaskDescription("Runs before the others")]
public sealed class FirstTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) =>
        context.Record($"First {string.Join(',', context.Arguments.GetArguments("fruit"))} {context.Arguments.HasArgument("loud")}");
}

[TaskName("Second")]
[IsDependentOn(typeof(FirstTask))]
public sealed class SecondTask : AsyncFrostingTask<SampleContext>
{
    public override async Task RunAsync(SampleContext context)
    {
        await Task.Yield();
        context.Record("Second");
    }
}

[TaskName("Default")]
[IsDependentOn(typeof(FirstTask))]
[IsDependentOn(typeof(SecondTask))]
public sealed class DefaultTask : FrostingTask<SampleContext>
{
}

[TaskName("Early")]
[IsDependeeOf(typeof(FirstTask))]
public sealed class EarlyTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => context.Record("Early");
}

[TaskName("Never")]
public sealed class NeverTask : FrostingTask<SampleContext>
{
    public override bool ShouldRun(SampleContext context) => false;

    public override void Run(SampleContext context) => context.Record("Never");
}

[TaskName("AfterNever")]
[IsDependentOn(typeof(NeverTask))]
public sealed class AfterNeverTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => context.Record("AfterNever");
}

[TaskName("Refused")]
public sealed class RefusedTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) =>
        throw new TdxException(ExitCode.Refused, "no path {0} from \"1.5.05\"", "take a reboot");

    public override void Finally(SampleContext context) => context.Record("Finally");
}

[TaskName("RefusedLater")]
public sealed class RefusedLaterTask : AsyncFrostingTask<SampleContext>
{
    public override async Task RunAsync(SampleContext context)
    {
        await Task.Yield();
        throw new TdxException(ExitCode.Drift, "differs");
    }
}

[TaskName("Broken")]
public sealed class BrokenTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => throw new InvalidOperationException("a defect");
}

[TaskName("Mended")]
public sealed class MendedTask : FrostingTask<SampleContext>
{
    public override void Run(SampleContext context) => throw new InvalidOperationException("a defect");

    public override void OnError(Exception exception, SampleContext context) => context.Record($"OnError {exception.Message}");
}
