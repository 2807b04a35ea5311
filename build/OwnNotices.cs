using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>
/// The licences of everything inside the published file, for the packages that ship it: each package with its holder, then the texts.
/// </summary>
internal static class OwnNotices
{
    private const string RuntimePack = "Microsoft.NETCore.App.Runtime.NativeAOT.";

    /// <summary>The package with the runtime that the linker takes in.</summary>
    /// <param name="assets">project.assets.json of the native restore.</param>
    /// <param name="runtime">linux-x64 or linux-arm64.</param>
    /// <exception cref="TdxException">Exit 3: not such a file.</exception>
    public static (string Name, string Version) Runtime(string assets, string runtime)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(assets));
            var framework = json.RootElement.GetProperty("project").GetProperty("frameworks").EnumerateObject().Single().Value;
            var pack = framework.GetProperty("downloadDependencies").EnumerateArray()
                .Single(d => d.GetProperty("name").GetString() == RuntimePack + runtime);

            // An exact range: [10.0.12, 10.0.12].
            return (RuntimePack + runtime, pack.GetProperty("version").GetString()!.TrimStart('[').Split(',')[0]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new TdxException(ExitCode.BadInput, $"{assets}: names no runtime: {e.Message.TrimEnd('.')}", inner: e);
        }
    }

    /// <summary>Composes the text.</summary>
    /// <param name="packages">Name and version of every NuGet package inside, the runtime first.</param>
    /// <param name="folder">NuGet's packages folder, where all of them are unpacked.</param>
    /// <param name="checkout">Holds LICENSE, whose wording is MIT's, and build/licenses.</param>
    /// <exception cref="TdxException">Exit 3: a licence that has no text here.</exception>
    public static byte[] Write(IReadOnlyList<(string Name, string Version)> packages, string folder, string checkout)
    {
        var text = new StringBuilder("What is inside tdxrel besides its own code, and under which licences.\n\n");
        var own = new StringBuilder();
        var shared = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, version) in packages)
        {
            var unpacked = Path.Combine(folder, name.ToLowerInvariant(), version);
            var (license, holder) = Read(Path.Combine(unpacked, $"{name.ToLowerInvariant()}.nuspec"));
            text.Append($"{name} {version}: {license}; {holder}\n");
            var files = Directory.EnumerateFiles(unpacked)
                .Where(f => Path.GetFileName(f).ToUpperInvariant() is "LICENSE.TXT" or "LICENSE.MD" or "THIRD-PARTY-NOTICES.TXT")
                .Order(StringComparer.Ordinal).ToList();
            files.ForEach(f => Section(own, $"{name} {version}, {Path.GetFileName(f)}", File.ReadAllText(f)));
            if (files.Count == 0)
            {
                shared.Add(license);
            }
        }

        foreach (var license in shared)
        {
            Section(text, license, Text(license, checkout));
        }

        return Encoding.UTF8.GetBytes(text.Append(own).ToString());
    }

    private static void Section(StringBuilder text, string title, string content) =>
        text.Append($"\n==== {title}\n\n{content.ReplaceLineEndings("\n").TrimStart('\uFEFF').Trim('\n')}\n");

    private static (string License, string Holder) Read(string nuspec)
    {
        try
        {
            var metadata = XDocument.Load(nuspec).Root!.Elements().First(e => e.Name.LocalName == "metadata");
            string? Value(string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim();

            var license = Value("license") ?? Value("licenseUrl") ?? "unknown";
            return (license, Value("copyright") is { Length: > 0 } copyright ? copyright : Value("authors") ?? "unknown");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException or InvalidOperationException)
        {
            throw new TdxException(ExitCode.BadInput, $"{nuspec}: cannot be read: {e.Message.TrimEnd('.')}",
                "restore the packages: dotnet restore Tools.sln", e);
        }
    }

    private static string Text(string license, string checkout) => license switch
    {
        "MIT" => Permission(File.ReadAllText(Path.Combine(checkout, "LICENSE"))),
        "Apache-2.0" => File.ReadAllText(Path.Combine(checkout, "build", "licenses", "Apache-2.0.txt")),
        _ => throw new TdxException(ExitCode.BadInput, $"licence \"{license}\" has no text in build/licenses"),
    };

    // Behind the title and our own copyright.
    private static string Permission(string license) => license[license.IndexOf("Permission is", StringComparison.Ordinal)..];
}
