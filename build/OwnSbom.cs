using System.Security.Cryptography;
using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>The bill of materials of tdxrel itself: CycloneDX 1.6 from the lock file of the program.</summary>
internal static class OwnSbom
{
    // Run when it is built; nothing of them is in the program.
    private static readonly string[] BuildTools = ["Microsoft.DotNet.ILCompiler", "Microsoft.NET.ILLink.Tasks"];

    private sealed record Package(string Name, string Version, string ContentHash, bool Direct, IReadOnlyList<string> Needs)
    {
        public string Reference => $"pkg:nuget/{Name}@{Version}";
    }

    /// <summary>Name and version of every NuGet package that the lock file brings into the program.</summary>
    /// <exception cref="TdxException">Exit 3: not a lock file.</exception>
    public static IReadOnlyList<(string Name, string Version)> Packages(string lockFile) =>
        [.. Read(lockFile).Select(p => (p.Name, p.Version))];

    /// <summary>Writes the document; it follows from the arguments alone.</summary>
    /// <param name="lockFile">packages.lock.json.</param>
    /// <param name="version">Of tdxrel.</param>
    /// <param name="time">Of the commit.</param>
    /// <param name="runtime">The runtime inside the program, of which NuGet's lock file knows nothing.</param>
    /// <exception cref="TdxException">Exit 3: not a lock file.</exception>
    public static byte[] Write(string lockFile, string version, DateTimeOffset time, (string Name, string Version) runtime)
    {
        IReadOnlyList<Package> packages =
            [.. Read(lockFile).Append(new Package(runtime.Name, runtime.Version, "", true, []))
            .OrderBy(p => p.Reference, StringComparer.Ordinal)];
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream,
            new JsonWriterOptions
            {
                Indented = true,
                NewLine = "\n",
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
            }))
        {
            json.WriteStartObject();
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteString("serialNumber", $"urn:uuid:{Id(lockFile, version)}");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteString("timestamp",
                time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteStartObject("component");
            json.WriteString("type", "application");
            json.WriteString("bom-ref", "tdxrel");
            json.WriteString("name", "tdxrel");
            json.WriteString("version", version);
            json.WriteEndObject();
            json.WriteEndObject();
            Components(json, packages);
            Dependencies(json, packages);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void Components(Utf8JsonWriter json, IReadOnlyList<Package> packages)
    {
        json.WriteStartArray("components");
        foreach (var package in packages)
        {
            json.WriteStartObject();
            json.WriteString("type", "library");
            json.WriteString("bom-ref", package.Reference);
            json.WriteString("name", package.Name);
            json.WriteString("version", package.Version);
            json.WriteString("purl", package.Reference);

            // NuGet's own hash of a package without its signature: no file's hash, so it stands as a property.
            if (package.ContentHash.Length > 0)
            {
                json.WriteStartArray("properties");
                json.WriteStartObject();
                json.WriteString("name", "nuget:contentHash");
                json.WriteString("value", package.ContentHash);
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Dependencies(Utf8JsonWriter json, IReadOnlyList<Package> packages)
    {
        json.WriteStartArray("dependencies");
        Dependency(json, "tdxrel", packages.Where(p => p.Direct));
        foreach (var package in packages)
        {
            Dependency(json, package.Reference, packages.Where(p => package.Needs.Contains(p.Name, StringComparer.OrdinalIgnoreCase)));
        }

        json.WriteEndArray();
    }

    private static void Dependency(Utf8JsonWriter json, string reference, IEnumerable<Package> needs)
    {
        json.WriteStartObject();
        json.WriteString("ref", reference);
        json.WriteStartArray("dependsOn");
        foreach (var package in needs)
        {
            json.WriteStringValue(package.Reference);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static List<Package> Read(string lockFile)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(lockFile));
            var entries = json.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject().ToList();
            var ours = entries.Where(e => Text(e.Value, "type") == "Project").SelectMany(e => Needs(e.Value))
                .ToHashSet(StringComparer.OrdinalIgnoreCase);
            return [.. entries.Where(e => Text(e.Value, "type") != "Project" && !BuildTools.Contains(e.Name))
                .Select(e => new Package(e.Name, Text(e.Value, "resolved"), Text(e.Value, "contentHash"),
                    Text(e.Value, "type") == "Direct" || ours.Contains(e.Name), Needs(e.Value)))
                .OrderBy(p => p.Reference, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new TdxException(ExitCode.BadInput, $"{lockFile}: is not a lock file of NuGet: {e.Message.TrimEnd('.')}", inner: e);
        }
    }

    private static string Text(JsonElement entry, string key) => entry.GetProperty(key).GetString()!;

    private static IReadOnlyList<string> Needs(JsonElement entry) =>
        entry.TryGetProperty("dependencies", out var needs) ? [.. needs.EnumerateObject().Select(n => n.Name)] : [];

    private static Guid Id(string lockFile, string version)
    {
        var hash = SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes($"{version}\n"), .. File.ReadAllBytes(lockFile)])[..16];
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
