using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Default")]
[TaskDescription("Fetch, validate, verify, graph, bundle, audit")]
[IsDependentOn(typeof(AuditTask))]
public sealed class DefaultTask : FrostingTask<BuildContext>;
