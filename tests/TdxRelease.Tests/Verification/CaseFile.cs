using System.Text;
using System.Text.Json;
using TdxRelease.Samples;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Verification;

/// <summary>
/// A folder of tests/cases: what is changed in the synthetic upstream, and which rules must fire. tests/cases/README.md describes the file.
/// </summary>
internal sealed class CaseFile
{
    private CaseFile(string name, JsonElement json)
    {
        Name = name;
        Json = json;
    }

    public static string Folder { get; } = Path.Combine(TestData.Checkout, "tests", "cases");

    public string Name { get; }

    public JsonElement Json { get; }

    public string Kind => Json.GetProperty("kind").GetString()!;

    public IEnumerable<string> Expected => Strings("expect").Order(StringComparer.Ordinal);

    public static IEnumerable<string> Names() =>
        Directory.GetDirectories(Folder).Where(d => File.Exists(Path.Combine(d, "case.json"))).Select(d => Path.GetFileName(d)!)
        .Order(StringComparer.Ordinal);

    public static CaseFile Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name, "case.json")));
        return new CaseFile(name, document.RootElement.Clone());
    }

    public string? Text(string key) => Json.TryGetProperty(key, out var value) ? value.GetString() : null;

    public IEnumerable<string> Strings(string key) =>
        Json.TryGetProperty(key, out var value) ? value.EnumerateArray().Select(v => v.GetString()!) : [];

    /// <summary>
    /// The document or the one that the case brings, after the replacements of <paramref name="key"/>, each of which must match exactly
    /// once.
    /// </summary>
    public byte[] Patched(byte[] document, string key)
    {
        var text = Text("document") ?? Encoding.UTF8.GetString(document);
        foreach (var pair in Json.TryGetProperty(key, out var value) ? value.EnumerateArray().ToArray() : [])
        {
            var (from, to) = (pair[0].GetString()!, Filled(pair[1].GetString()!));
            Assert.Equal(2, text.Split(from).Length);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Fills in facts of the sample: {mrseam:1.5.51} and {signer}.</summary>
    public static string Filled(string text)
    {
        foreach (var release in SampleUpstream.Releases)
        {
            var name = $"{{mrseam:{release.Version}}}";
            if (text.Contains(name, StringComparison.Ordinal))
            {
                text = text.Replace(name, SampleVerdicts.Of(release.Version.ToString()).Facts!.MrSeam, StringComparison.Ordinal);
            }
        }

        return text.Replace("{signer}", SampleVerdicts.Of("1.5.51").Facts!.SignerSha384, StringComparison.Ordinal);
    }
}
