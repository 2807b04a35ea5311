using System.Text;
using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Pipeline.Html;

/// <summary>
/// The planner's answers for every running release of a graph and every
/// policy that the page offers. The script looks them up; it plans nothing.
/// </summary>
internal sealed class StepPlans
{
    /// <summary>In the order of the JSON.</summary>
    public static IReadOnlyList<PlanPolicy> Policies { get; } =
    [
        .. from prefer in new[] { Preference.Fewest, Preference.Smallest }
           from tier in new[] { TierPolicy.Default, TierPolicy.Strict, TierPolicy.TdPreserving }
           select new PlanPolicy { Prefer = prefer, Tier = tier },
    ];

    private readonly StepGraph graph;
    private readonly ReleaseSet releases;
    private readonly IReadOnlyList<IReadOnlyList<PlanResult>> plans;

    private StepPlans(StepGraph graph, ReleaseSet releases)
    {
        (this.graph, this.releases) = (graph, releases);
        var planner = new Planner(releases);
        plans = [.. Policies.Select(policy =>
            graph.Nodes.Select(n =>
            planner.Plan(new PlanRequest(graph.Family.Signature, graph.Loader, n.Release.Version) { Policy = policy })).ToList())];
    }

    /// <summary>One answer a node, for the default policy.</summary>
    public IReadOnlyList<PlanResult> Default => plans[0];

    public static StepPlans Of(StepGraph graph, ReleaseSet releases) => new(graph, releases);

    /// <summary>All of them as JSON that may stand in a script element: the default encoder leaves no &lt;, &gt; or &amp;.</summary>
    public static string ToJson(IReadOnlyList<StepPlans?> all)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.Strings("policies", Policies.Select(policy => policy.Name));
            json.Array("graphs", all, plans =>
            {
                if (plans is null)
                {
                    json.WriteNullValue();
                }
                else
                {
                    plans.Write(json);
                }
            });
            json.WriteStartObject("risks");
            foreach (var risk in StepRisks.All)
            {
                json.WriteString(risk.Id, $"{risk.Title}; {risk.Advice}");
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", $"{graph.Family.Name}, P-SEAMLDR {graph.Loader}");
        json.Objects("nodes", graph.Nodes, node =>
        {
            json.WriteString("version", node.Release.Spelling);
            json.WriteString("mrseam", node.Release.MrSeam);
        });
        json.Array("plans", plans, policy =>
        {
            json.WriteStartArray();
            foreach (var plan in policy)
            {
                Write(json, plan);
            }

            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, PlanResult plan)
    {
        var effect = AttestationEffect.Of(releases, plan);
        json.WriteStartObject();
        json.WriteString("outcome",
            plan.Outcome switch { PlanOutcome.Path => "path", PlanOutcome.UpToDate => "up-to-date", _ => "no-path" });
        json.Objects("path", plan.Path, step =>
        {
            json.WriteNumber("to", Node(r => r.Version == step.To.Version));
            json.WriteString("tier", step.Tier.Word());
            Texts(json, "risks", step.Risks.Select(r => r.Id));
            Texts(json, "added", TdxFeatures0.NamesOf(step.Added));
            Texts(json, "lost", TdxFeatures0.NamesOf(step.Lost));
        });
        Nodes(json, "before", effect.Before);
        Nodes(json, "during", effect.During);
        Nodes(json, "after", effect.After);
        json.WriteString("tcbBefore", effect.TcbSvnBefore);
        json.WriteString("tcbAfter", effect.TcbSvnAfter);
        Texts(json, "notes", plan.Notes.Select(n => n.Message).Concat(plan.Hints));
        json.WriteEndObject();
    }

    private void Nodes(Utf8JsonWriter json, string name, IReadOnlyList<string> mrseams)
    {
        json.Array(name, mrseams, mrseam => json.WriteNumberValue(Node(r => r.MrSeam == mrseam)));
    }

    private int Node(Predicate<ReleaseFacts> wanted)
    {
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            if (wanted(graph.Nodes[i].Release))
            {
                return i;
            }
        }

        throw new InvalidOperationException($"a plan for {graph.Family.Name} leaves its graph");
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.Strings(name, texts);
    }
}
