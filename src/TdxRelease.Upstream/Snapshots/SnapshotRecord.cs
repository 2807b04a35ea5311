using System.Globalization;
using TdxRelease.Core.Files;
using TdxRelease.Core.Json;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>The record of where each byte of a snapshot came from: <c>.tdxrel/snapshot.json</c>, schemas/snapshot.schema.json.</summary>
/// <param name="Origin">Of the snapshot as a whole.</param>
/// <param name="Ignored">Regular files of the source that are not data.</param>
/// <param name="Files">Sorted by ordinal path, every one with its SHA-256.</param>
public sealed record SnapshotRecord(Origin Origin, int Ignored, IReadOnlyList<SnapshotFile> Files)
{
    /// <summary>Folder of our own files inside a snapshot.</summary>
    public const string Folder = ".tdxrel";

    /// <summary>Path of the record inside a snapshot.</summary>
    public const string Path = $"{Folder}/snapshot.json";

    /// <summary>The value of the key <c>format</c>.</summary>
    public const string Format = "tdxrel-snapshot/1";

    /// <summary>Largest record read, in bytes.</summary>
    public const int MaxLength = 64 << 20;

    /// <summary>The canonical bytes: two blanks of indent, a fixed order of keys, one line feed at the end.</summary>
    public byte[] ToJson() => JsonText.Document(json =>
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteStartObject("origin");
        json.WriteString("kind", Origin.Kind);
        json.Optional("url", Origin.Url);
        json.Optional("commit", Origin.Commit);
        json.Optional("tree", Origin.Tree);
        json.Optional("date", Origin.Date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.Optional("claimedCommit", Origin.ClaimedCommit);
        json.Optional("modifiedFrom", Origin.ModifiedFrom);
        json.WriteEndObject();
        json.WriteNumber("ignored", Ignored);
        json.Objects("files", Files, file =>
        {
            json.WriteString("path", file.Path);
            json.WriteNumber("length", file.Length);
            json.WriteString("sha256", file.Sha256);
            json.Optional("gitBlob", file.GitBlob);
            json.Optional("source", file.Source);
        });
        json.WriteEndObject();
    });

    /// <summary>Parses a record strictly.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3 with line and column.</exception>
    public static SnapshotRecord Parse(ReadOnlySpan<byte> utf8, string name)
    {
        var root = StrictJson.Parse(utf8, name).Object("format", "origin", "ignored", "files");
        root.Member("format").String(text => text == Format, $"\"{Format}\"");
        var files = new List<SnapshotFile>();
        foreach (var item in root.Member("files").Items)
        {
            var file = File(item.Object("path", "length", "sha256", "gitBlob", "source"));
            if (files.Count > 0 && string.CompareOrdinal(files[^1].Path, file.Path) >= 0)
            {
                throw item.Error($"path \"{file.Path}\" is not after \"{files[^1].Path}\"");
            }

            files.Add(file);
        }

        return new SnapshotRecord(OriginOf(root.Member("origin")), (int)root.Member("ignored").Integer(0, DataFiles.MaxCount), files);
    }

    private static SnapshotFile File(StrictJson item) => new(
        item.Member("path").String(path => SafePath.IsSafe(path) && DataFiles.KindOf(path) is not null, "a data file's path"),
        item.Member("length").Integer(0, DataFiles.MaxLength),
        item.Member("sha256").String(Hex.IsSha256, Hex.Sha256Form),
        item.Optional("gitBlob")?.String(Hex.IsGitId, Hex.GitIdForm),
        item.Optional("source")?.String());

    private static Origin OriginOf(StrictJson json)
    {
        json.Object("kind", "url", "commit", "tree", "date", "claimedCommit", "modifiedFrom");
        return new Origin(
            json.Member("kind").String(),
            json.Optional("url")?.String(),
            json.Optional("commit")?.String(Hex.IsGitId, Hex.GitIdForm),
            json.Optional("tree")?.String(Hex.IsGitId, Hex.GitIdForm),
            Hex.Date(json.Optional("date")))
        {
            ClaimedCommit = json.Optional("claimedCommit")?.String(Hex.IsGitId, Hex.GitIdForm),
            ModifiedFrom = json.Optional("modifiedFrom")?.String(Hex.IsGitId, Hex.GitIdForm),
        };
    }
}
