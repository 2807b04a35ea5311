using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Release.Attestation;

/// <summary>
/// The values to accept around an update. A quote shows the MRSEAM of the module that runs when it is made, so verifiers are widened to
/// <see cref="During"/> before the first step, and narrowed to <see cref="After"/> when the last host has arrived.
/// </summary>
/// <param name="Before">The running module only: what is accepted until the plan begins.</param>
/// <param name="During">Every module on the path, the running one included.</param>
/// <param name="After">The target only.</param>
public sealed record PlanReferences(IReadOnlyList<ModuleReference> Before, IReadOnlyList<ModuleReference> During,
    IReadOnlyList<ModuleReference> After)
{
    /// <summary>The sets of a path.</summary>
    /// <param name="path">The running module, then each step's; the last is the target.</param>
    /// <exception cref="TdxException">Exit 5: an empty path.</exception>
    public static PlanReferences Of(IReadOnlyList<ModuleReference> path) =>
        path.Count > 0
            ? new PlanReferences([path[0]], [.. path.DistinctBy(m => m.MrSeam)], [path[^1]])
            : throw new TdxException(ExitCode.Refused, "the plan has no module to make reference values for");

    /// <summary>Canonical JSON: <c>{"after":{…},"before":{…},"during":{…},"path":["1.5.05",…]}</c>.</summary>
    public byte[] ToJson() => CanonicalJson.Write(new JsonObject
    {
        ["before"] = ReferenceValues.AllowList(Before),
        ["during"] = ReferenceValues.AllowList(During),
        ["after"] = ReferenceValues.AllowList(After),
        ["path"] = new JsonArray([.. During.Select(m => (JsonNode)m.Version)]),
    });
}
