using System.Globalization;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Rollout;

/// <summary>
/// The next wave for ansible-playbook, as JSON, which is YAML. Hosts stand in the order of their batches, and <c>serial</c> has the
/// batches' sizes.
/// </summary>
public static class RolloutAnsible
{
    /// <summary>
    /// The inventory: group <c>tdx_wave</c>, each host with its plan. How hosts are reached is for another inventory to say.
    /// </summary>
    public static byte[] Inventory(RolloutState state, IReadOnlyList<IReadOnlyList<RolloutHost>> batches) => JsonText.Document(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("tdx_wave");
        json.WriteStartObject("hosts");
        foreach (var host in batches.SelectMany(b => b))
        {
            json.WriteStartObject(host.Host);
            json.Objects("tdx_module_path", host.Path, step =>
            {
                json.WriteString("tier", step.Tier);
                json.WriteString("to", step.To);
            });
            json.WriteString("tdx_module_running", host.Running);
            if (state.Plan.Options.Sequence is { } sequence)
            {
                json.WriteString("tdx_module_sequence", sequence.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The playbook: the role tdx.module.update on the group, batch by batch.</summary>
    public static byte[] Playbook(RolloutState state, string id, int wave, IReadOnlyList<IReadOnlyList<RolloutHost>> batches) =>
        JsonText.Document(json =>
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("name", string.Create(CultureInfo.InvariantCulture, $"TDX modules, wave {wave + 1} of {state.Plan.Waves.Count}"));
        json.WriteString("hosts", "tdx_wave");
        json.WriteBoolean("gather_facts", false);
        json.WriteString("order", "inventory");
        json.WriteStartArray("serial");
        foreach (var batch in batches)
        {
            json.WriteNumberValue(batch.Count);
        }

        json.WriteEndArray();
        json.WriteNumber("max_fail_percentage", wave == 0 ? 0 : state.Plan.Options.MaxFailedPercent);
        json.WriteStartObject("vars");
        json.WriteString("tdx_module_rollout", id);
        json.WriteEndObject();
        json.Strings("roles", ["tdx.module.update"]);
        json.WriteEndObject();
        json.WriteEndArray();
    });
}
