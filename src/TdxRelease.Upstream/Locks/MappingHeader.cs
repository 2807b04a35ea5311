using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Upstream.Locks;

/// <summary>Reads <c>Header.Version</c> only: a lock can pin a mapping file whose releases a later tool will understand.</summary>
internal static class MappingHeader
{
    public static string Version(ReadOnlyMemory<byte> mapping)
    {
        try
        {
            using var json = JsonDocument.Parse(mapping);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("Header", out var header) && header.ValueKind == JsonValueKind.Object
                && header.TryGetProperty("Version", out var version) && version.ValueKind == JsonValueKind.String)
            {
                return version.GetString()!;
            }
        }
        catch (JsonException e)
        {
            throw new TdxException(ExitCode.BadInput,
                $"{UpstreamLayout.Mapping}:{(e.LineNumber ?? 0) + 1}:{(e.BytePositionInLine ?? 0) + 1}: is not valid JSON", inner: e);
        }

        throw new TdxException(ExitCode.BadInput, $"{UpstreamLayout.Mapping}: Header.Version is missing or no string");
    }
}
