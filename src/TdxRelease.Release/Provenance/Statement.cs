using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Provenance;

/// <summary>A file that a statement is about: one that users download.</summary>
/// <param name="Name">Its name or path.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
/// <param name="Sha384">96 lower-case hex digits.</param>
public sealed record Subject(string Name, string Sha256, string Sha384);

/// <summary>An in-toto Statement v1: a claim (predicate) about files, by hash.</summary>
/// <param name="Subjects">The files; written sorted by name.</param>
/// <param name="PredicateType">URI of the claim's kind.</param>
/// <param name="Predicate">The claim.</param>
public sealed partial record Statement(IReadOnlyList<Subject> Subjects, string PredicateType, JsonObject Predicate)
{
    /// <summary>Value of the key <c>_type</c>.</summary>
    public const string Type = "https://in-toto.io/Statement/v1";

    /// <summary>DSSE payload type of statements.</summary>
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Write(new JsonObject
    {
        ["_type"] = Type,
        ["subject"] = new JsonArray([.. Subjects.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => (JsonNode)new JsonObject
        {
            ["name"] = s.Name,
            ["digest"] = new JsonObject { ["sha256"] = s.Sha256, ["sha384"] = s.Sha384 },
        })]),
        ["predicateType"] = PredicateType,
        ["predicate"] = Predicate.DeepClone(),
    });

    /// <summary>Reads a statement in the form written here.</summary>
    /// <exception cref="TdxException">Exit 3: not canonical, unknown keys, no subject, a subject named twice.</exception>
    public static Statement Parse(ReadOnlySpan<byte> json, string name)
    {
        var root = StrictObject.Of(CanonicalJson.ReadCanonical(json, name), name);
        _ = root.Text("_type", TypePattern(), $"\"{Type}\"");
        var subjects = root.Objects("subject").Select(ReadSubject).ToList();
        if (subjects.Count == 0 || subjects.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count() != subjects.Count)
        {
            throw root.Bad("subject", "at least one subject, each name once");
        }

        var predicate = root.Node("predicate") as JsonObject ?? throw root.Bad("predicate", "an object");
        var statement = new Statement(subjects, root.Text("predicateType", ManifestReader.LinePattern(), "a URI"), predicate);
        root.Done();
        return statement;
    }

    private static Subject ReadSubject(StrictObject json)
    {
        var digest = json.Object("digest");
        var subject = new Subject(
            json.Text("name", ManifestReader.LinePattern(), "a name"),
            digest.Text("sha256", ManifestReader.Sha256Pattern(), "64 lower-case hex digits"),
            digest.Text("sha384", ManifestReader.Sha384Pattern(), "96 lower-case hex digits"));
        digest.Done();
        json.Done();
        return subject;
    }

    [GeneratedRegex(@"\Ahttps://in-toto\.io/Statement/v1\z")]
    private static partial Regex TypePattern();
}
