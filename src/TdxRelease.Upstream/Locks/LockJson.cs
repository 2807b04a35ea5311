using System.Globalization;
using TdxRelease.Core.Files;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.Locks;

/// <summary>The lock as JSON, strict both ways.</summary>
internal static class LockJson
{
    private const string Format = "tdxrel-upstream-lock/1";
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string DateForm = "yyyy-MM-dd";

    public static LockFile Parse(ReadOnlySpan<byte> utf8, string name)
    {
        var root = StrictJson.Parse(utf8, name)
            .Object("format", "sources", "branch", "commit", "tree", "date", "mappingVersion", "licenseSha256", "updated", "tool", "files");
        root.Member("format").String(text => text == Format, $"\"{Format}\"");
        var sources = root.Member("sources").Items.Select(Source).ToArray();
        return new LockFile(
            sources.Length > 0 ? sources : throw root.Member("sources").Error("got no source, want at least one"),
            root.Member("branch").String(GitSource.IsReference, "a branch name"),
            root.Member("commit").String(Hex.IsGitId, Hex.GitIdForm),
            root.Optional("tree")?.String(Hex.IsGitId, Hex.GitIdForm),
            Hex.Date(root.Optional("date")),
            root.Member("mappingVersion").String(),
            root.Member("licenseSha256").String(Hex.IsSha256, Hex.Sha256Form),
            Time(root.Member("updated")),
            root.Member("tool").String(),
            Files(root.Member("files")));
    }

    public static byte[] Write(LockFile value) => JsonText.Document(json =>
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.Objects("sources", value.Sources, source =>
        {
            json.WriteString("kind", source.Kind);
            json.WriteString("url", source.Url);
        });
        json.WriteString("branch", value.Branch);
        json.WriteString("commit", value.Commit);
        json.Optional("tree", value.Tree);
        json.Optional("date", value.Date?.ToString(DateForm, CultureInfo.InvariantCulture));
        json.WriteString("mappingVersion", value.MappingVersion);
        json.WriteString("licenseSha256", value.LicenseSha256);
        json.WriteString("updated", value.Updated.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture));
        json.WriteString("tool", value.Tool);
        json.Objects("files", value.Files.OrderBy(file => file.Path, StringComparer.Ordinal), file =>
        {
            json.WriteString("path", file.Path);
            json.WriteNumber("length", file.Length);
            json.WriteString("sha256", file.Sha256);
        });
        json.WriteEndObject();
    });

    private static LockSource Source(StrictJson item)
    {
        item.Object("kind", "url");
        return new LockSource(
            item.Member("kind").String(text => text is "git" or "archive", "\"git\" or \"archive\""),
            item.Member("url").String(text => text.Length > 0 && text[0] != '-' && !text.Any(char.IsControl), "a URL"));
    }

    private static List<LockedFile> Files(StrictJson json)
    {
        var files = new List<LockedFile>();
        foreach (var item in json.Items)
        {
            item.Object("path", "length", "sha256");
            var path = item.Member("path")
                .String(text => SafePath.IsSafe(text) && DataFiles.KindOf(text) is not null, "a data file's path");
            if (files.Count > 0 && string.CompareOrdinal(files[^1].Path, path) >= 0)
            {
                throw item.Error($"path \"{path}\" is not after \"{files[^1].Path}\"");
            }

            files.Add(new LockedFile(path, item.Member("length").Integer(0, DataFiles.MaxLength),
                item.Member("sha256").String(Hex.IsSha256, Hex.Sha256Form)));
        }

        return files.Count > 0 ? files : throw json.Error("got no file, want at least one");
    }

    private static DateTimeOffset Time(StrictJson json) =>
        DateTimeOffset.TryParseExact(json.String(), TimeForm, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw json.Error($"got \"{json.String()}\", want a UTC time of the form 2026-02-10T12:00:00Z");
}
