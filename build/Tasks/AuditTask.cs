using System.Globalization;
using Cake.Frosting;
using TdxRelease.Bundles.Signing;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Trust;
using TdxRelease.Stages;
using TdxRelease.Stages.Audit;
using TdxRelease.Stages.Reuse;

namespace TdxRelease.Build.Tasks;

[TaskName("Audit")]
[TaskDescription("Audits the finished bundle from outside, with nothing but the public key")]
[IsDependentOn(typeof(BundleTask))]
public sealed class AuditTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var bundle = Pipeline.Require(context.Pipeline.Bundle, "Bundle");
        var policy = Pipeline.Policy(context);
        var now = TimeProvider.System.GetUtcNow();
        if (bundle.Digest is null)
        {
            Audit(context, bundle, policy, now, line => Pipeline.Say(context, line));
            return;
        }

        // What an audit says of expiry depends on the day; everything else on the bundle and the policy alone.
        var inputs = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["tool"] = ToolId.Sha256,
            ["bundle"] = bundle.Digest,
            ["policy"] = policy.Sha256,
            ["unsigned"] = bundle.Unsigned.ToString(),
            ["day"] = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        Pipeline.Run(context, "audit", inputs, output: null, say => Audit(context, bundle, policy, now, say));
    }

    private static void Audit(BuildContext context, BundleResult bundle, TrustPolicy policy, DateTimeOffset now, Action<StageLine> say)
    {
        var folder = Path.Combine(Pipeline.Output(context), "bundle");
        var key = bundle.Unsigned ? null : RsaPublicKey.FromPem(InputFile.Read(Path.Combine(folder, BundleStage.PublicKeyName), 1 << 16));
        var report = AuditStage.Run(new AuditRequest(folder, key, policy, now, State: null, AllowExpired: true, AllowUnsigned: bundle.Unsigned));
        foreach (var answer in report.Answers)
        {
            say(new StageLine($"{answer.Question,-37} {answer.Word}: {answer.Reason}"));
        }

        if (!report.Passed)
        {
            throw new TdxException(ExitCode.VerificationFailed, string.Join("\n", report.Findings.Where(f => f.Fails)), "the bundle does not pass its own audit");
        }
    }
}
