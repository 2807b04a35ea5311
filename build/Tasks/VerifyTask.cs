using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Build.Tasks;

[TaskName("Verify")]
[TaskDescription("Verifies every module down to the pinned key")]
[IsDependentOn(typeof(ValidateTask))]
public sealed class VerifyTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var verified = VerifyStage.Run(Pipeline.Require(context.Pipeline.Fetched, "Fetch").Snapshot, Pipeline.Policy(context),
            Pipeline.Strictness(context));
        if (!verified.Verified)
        {
            throw Pipeline.Failed(verified.ExitCode, verified.Findings.Where(f => f.Fails),
                "tdxrel verify explains each rule");
        }

        foreach (var finding in verified.Findings)
        {
            context.Log.Warning("{0}", finding);
        }

        foreach (var facts in verified.Modules.Select(m => m.Facts!))
        {
            context.Log.Information(
                "{0}  SVN {1,-5} RSA-{2}  {3}...  {4}", facts.Spelling, facts.Svn, facts.KeyBits, facts.MrSeam[..16],
                string.Join(", ", facts.Cpus.Select(c => CpuFamily.Of(c).Name)));
        }

        context.Log.Information("{0} modules verified against policy \"{1}\"", verified.Modules.Count, verified.Policy.Name);
        context.Pipeline.Verified = verified;
    }
}
