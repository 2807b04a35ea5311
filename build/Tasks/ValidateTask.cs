using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Build.Schemas;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Build.Tasks;

[TaskName("Validate")]
[TaskDescription("Validates mapping file and layout against rules and schema")]
[IsDependentOn(typeof(FetchTask))]
public sealed class ValidateTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var (snapshot, strictness) = (Pipeline.Require(context.Pipeline.Fetched, "Fetch").Snapshot, Pipeline.Strictness(context));
        var validation = ValidateStage.Run(snapshot, strictness);
        if (!validation.Valid)
        {
            throw Pipeline.Failed(ExitCode.BadInput, validation.Findings.Where(f => f.Fails),
                "tdxrel validate explains each rule");
        }

        var mapping = snapshot.Read(UpstreamLayout.Mapping);
        if (SchemaValidator.Validate("mapping-file.schema.json", mapping, UpstreamLayout.Mapping,
            unknownKeys: strictness == Strictness.Lenient) is [_, ..] violations)
        {
            throw Pipeline.Failed(ExitCode.BadInput, violations,
                "the typed reader took the file and the published schema does not: one of them has a defect");
        }

        foreach (var finding in validation.Findings)
        {
            context.Log.Warning("{0}", finding);
        }

        context.Log.Information("{0} releases, {1} findings", validation.Mapping!.Releases.Count, validation.Findings.Count);
    }
}
