using TdxRelease.Core.Findings;

namespace TdxRelease.Tests.Build;

public sealed class PipelineTests
{
    [Fact]
    public void The_error_of_a_stage_has_a_line_for_each_finding()
    {
        Refusals.Refused(ExitCode.VerificationFailed, "a\\x0ab\n  c\n  d", "h",
            () => throw TdxRelease.Build.Pipeline.Failed(ExitCode.VerificationFailed, ["a\nb", "c", "d"], "h"));
        Assert.Equal("a", TdxRelease.Build.Pipeline.Failed(ExitCode.BadInput, ["a"], "h").Message);
    }
}
