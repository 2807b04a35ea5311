using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Cli;

/// <summary>The JSON of <c>fetch</c> and <c>sample create</c>: schemas/fetch.schema.json.</summary>
internal static class SnapshotJson
{
    public static void Write(Utf8JsonWriter json, Snapshot snapshot, IReadOnlyList<LockDifference> drift)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-fetch/1");
        json.WriteString("folder", snapshot.Folder);
        json.WriteStartObject("origin");
        json.WriteString("kind", snapshot.Origin.Kind);
        json.WriteString("url", snapshot.Origin.Url);
        json.WriteString("commit", snapshot.Origin.Commit);
        json.WriteString("claimedCommit", snapshot.Origin.ClaimedCommit);
        json.WriteString("modifiedFrom", snapshot.Origin.ModifiedFrom);
        json.WriteEndObject();
        json.WriteNumber("files", snapshot.Files.Count);
        json.WriteNumber("ignored", snapshot.Ignored);
        json.Strings("drift", drift.Select(difference => difference.ToString()));
        json.WriteEndObject();
    }
}
