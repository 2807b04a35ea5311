using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Release.Manifests;

/// <summary>The highest release seen of one bundle.</summary>
/// <param name="Name">The bundle.</param>
/// <param name="Sequence">Its highest sequence number.</param>
/// <param name="Sha256">SHA-256 of that manifest, 64 lower-case hex digits.</param>
public sealed record AcceptedRelease(string Name, long Sequence, string Sha256);

/// <summary>
/// The state file of an auditor or host: what it has accepted, so that nothing older is taken again. Kept sorted by name.
/// </summary>
/// <param name="Releases">One entry a bundle.</param>
public sealed partial record AcceptedReleases(IReadOnlyList<AcceptedRelease> Releases)
{
    /// <summary>Value of the key <c>format</c>.</summary>
    public const string Format = "tdxrel-seen/1";

    /// <summary>Nothing seen yet.</summary>
    public static AcceptedReleases Empty { get; } = new([]);

    /// <summary>What was seen of a bundle, or null.</summary>
    public AcceptedRelease? Find(string name) => Releases.FirstOrDefault(r => r.Name == name);

    /// <summary>The state after a bundle was accepted; it never goes down.</summary>
    public AcceptedReleases With(AcceptedRelease release) =>
        Find(release.Name) is { } seen && seen.Sequence >= release.Sequence
            ? this
            : new AcceptedReleases(
                [.. Releases.Where(r => r.Name != release.Name).Append(release).OrderBy(r => r.Name, StringComparer.Ordinal)]);

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Write(new JsonObject
    {
        ["format"] = Format,
        ["releases"] = new JsonArray(
            [.. Releases.Select(r => (JsonNode)new JsonObject { ["name"] = r.Name, ["sequence"] = r.Sequence, ["sha256"] = r.Sha256 })]),
    });

    /// <summary>Reads a state file.</summary>
    /// <exception cref="TdxException">Exit 3: malformed. A broken state is never taken for an empty one: that would allow a
    /// rollback.</exception>
    public static AcceptedReleases Parse(ReadOnlySpan<byte> json, string name)
    {
        var root = StrictObject.Of(CanonicalJson.ReadCanonical(json, name), name);
        _ = root.Text("format", FormatPattern(), $"\"{Format}\"");
        var releases = new List<AcceptedRelease>();
        foreach (var entry in root.Objects("releases"))
        {
            var release = new AcceptedRelease(
                entry.Text("name", ManifestReader.NamePattern(), "lower-case letters, digits and +-."),
                entry.Number("sequence", 1, CanonicalJson.MaxInteger),
                entry.Text("sha256", ManifestReader.Sha256Pattern(), "64 lower-case hex digits"));
            entry.Done();
            if (releases.Count > 0 && string.CompareOrdinal(releases[^1].Name, release.Name) >= 0)
            {
                throw entry.Bad("name", "names in order, each once");
            }

            releases.Add(release);
        }

        root.Done();
        return new AcceptedReleases(releases);
    }

    [GeneratedRegex(@"\Atdxrel-seen/1\z")]
    private static partial Regex FormatPattern();
}
