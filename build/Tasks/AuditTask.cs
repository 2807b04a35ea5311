using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Signing;

namespace TdxRelease.Build.Tasks;

[TaskName("Audit")]
[TaskDescription("Audits the finished bundle from outside, with nothing but the public key")]
[IsDependentOn(typeof(BundleTask))]
public sealed class AuditTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var bundle = Pipeline.Require(context.Pipeline.Bundle, "Bundle");
        var folder = Path.Combine(Pipeline.Output(context), "bundle");
        var key = bundle.Unsigned ? null : RsaPublicKey.FromPem(InputFile.Read(Path.Combine(folder, BundleStage.PublicKeyName), 1 << 16));
        var report = AuditStage.Run(new AuditRequest(
            folder, key, Pipeline.Policy(context), TimeProvider.System.GetUtcNow(), State: null, AllowExpired: true,
            AllowUnsigned: bundle.Unsigned));
        foreach (var answer in report.Answers)
        {
            context.Log.Information("{0,-37} {1}: {2}", answer.Question, answer.Word, answer.Reason);
        }

        if (!report.Passed)
        {
            throw Pipeline.Failed(ExitCode.VerificationFailed, report.Findings.Where(f => f.Fails),
                "the bundle does not pass its own audit");
        }
    }
}
