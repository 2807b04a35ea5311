using Cake.Frosting;
using TdxRelease.Modules.Cpu;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;
using TdxRelease.Stages.Reuse;

namespace TdxRelease.Build.Tasks;

[TaskName("Verify")]
[TaskDescription("Verifies every module down to the pinned key")]
[IsDependentOn(typeof(ValidateTask))]
public sealed class VerifyTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var policy = Pipeline.Policy(context);
        Pipeline.Run(context, "verify", context.Pipeline.Inputs(context, ("policy", policy.Sha256)), output: null, say =>
        {
            var verified = VerifyStage.Run(Pipeline.Require(context.Pipeline.Fetched, "Fetch").Snapshot, policy, Pipeline.Strictness(context));
            if (!verified.Verified)
            {
                throw new TdxException(verified.ExitCode, string.Join("\n", verified.Findings.Where(f => f.Fails)), "tdxrel verify explains each rule");
            }

            foreach (var finding in verified.Findings)
            {
                say(new StageLine(finding.ToString(), Warning: true));
            }

            foreach (var facts in verified.Modules.Select(m => m.Facts!))
            {
                say(new StageLine($"{facts.Spelling}  SVN {facts.Svn,-5} RSA-{facts.KeyBits}  {facts.MrSeam[..16]}...  {string.Join(", ", facts.Cpus.Select(c => CpuFamily.Of(c).Name))}"));
            }

            say(new StageLine($"{verified.Modules.Count} modules verified against policy \"{verified.Policy.Name}\""));
            context.Pipeline.Keep(verified);
        });
    }
}
