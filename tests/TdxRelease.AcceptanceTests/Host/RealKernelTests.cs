using TdxRelease.Testing;
namespace TdxRelease.AcceptanceTests.Host;

/// <summary>The updater on a real kernel: short writes, EBUSY, ENXIO and an offline CPU as Linux does them.</summary>
public sealed class RealKernelTests
{
    [UpstreamTheory]
    [InlineData("two-steps", "",
        "module 1.5.08 runs|done: module 1.5.16 runs until the next reboot|RESULT 0 1.5.16|\"version\":\"1.5.16\"")]
    [InlineData("refused", "", "was refused (\"transferring:hw-error\"); the old module 1.5.05 still runs|RESULT 20 1.5.05")]
    [InlineData("plain", "fail_after_shutdown=1", "the TDX module is gone: every TD on this machine is lost|hint: reboot|RESULT 21 ENXIO")]
    [InlineData("plain", "remaining=0", "no updates are left before the next reboot|RESULT 11 1.5.05")]
    [InlineData("one-cpu", "", "not all CPUs are online: online 0, present 0-1|RESULT 11 1.5.05|RESULT 0 1.5.16")]
    [InlineData("two-at-once", "delay_ms=1500", "another tdx-module-update is running|RESULT 14 1.5.05|FIRST 0|done: module 1.5.16 runs")]
    [InlineData("killed", "", "done: module 1.5.16 runs|RESULT 0 1.5.16")]
    public void Each_scenario_ends_in_its_sentence_code_and_version(string scenario, string parameters, string expected)
    {
        var console = RealKernel.Boot(scenario, parameters);
        Assert.All(expected.Split('|'),
            text => Assert.True(console.Contains(text, StringComparison.Ordinal), $"\"{text}\" is missing in:\n{console}"));
    }

    [UpstreamFact]
    public void A_v1_image_never_reaches_the_kernel()
    {
        var console = RealKernel.Boot("plain", "", v1: true);
        Assert.Contains("tdx_module_1.5.16.blob has a length that its header does not state", console, StringComparison.Ordinal);
        Assert.Contains("RESULT 4 1.5.05", console, StringComparison.Ordinal);
        Assert.DoesNotContain("tdx_model: refused", console, StringComparison.Ordinal);
    }
}
