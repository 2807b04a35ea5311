using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Samples;

/// <summary>
/// A complete synthetic upstream for trying out and for tests: made-up modules,
/// signed with the public test keys of samples/keys, in Intel's folders and formats.
/// The same bytes each time. The default policy refuses all of it; <see cref="Policy"/> accepts all of it.
/// </summary>
public static class SampleUpstream
{
    private const string Notice = "TEST - synthetic data of tdxrel, not a release of any module";

    /// <summary>The policy file (samples/sample-policy.json): trusts the test keys only, and debug modules.</summary>
    public static byte[] PolicyBytes => SampleKeys.Resource("samples/sample-policy.json");

    /// <summary>The policy that accepts the sample.</summary>
    public static TrustPolicy Policy { get; } = TrustPolicy.Read(PolicyBytes, "sample-policy.json");

    /// <summary>The made-up releases, sorted by version.</summary>
    public static IReadOnlyList<SampleRelease> Releases => SampleReleases.All;

    /// <summary>Text of the sample's BINARIES_LICENSE.</summary>
    public static string LicenseText { get; } =
        $"{Notice}\n\n"
        + "The files beside this text hold pseudo-random bytes. They run on no processor, and the keys that signed them are public.\n"
        + "You may do with them what you like. Whoever needs the licence of real TDX modules finds it in Intel's repository, "
        + "under this file's name.\n";

    /// <summary>All files, sorted by path in ordinal order, with forward slashes.</summary>
    public static IReadOnlyList<(string Path, byte[] Bytes)> Create()
    {
        var files = new List<(string Path, byte[] Bytes)>
        {
            (UpstreamLayout.BinariesLicense, Encoding.UTF8.GetBytes(LicenseText)),
            (UpstreamLayout.License,
                Encoding.UTF8.GetBytes(
                $"{Notice}\n\nThe scripts of a real upstream would be under the licence that stands here. This one has none.\n")),
            (UpstreamLayout.Mapping, Mapping()),
        };
        foreach (var release in Releases)
        {
            var input = Module(release);
            files.Add((input.Module.Path, input.Module.Bytes.ToArray()));
            files.Add((input.Sigstruct.Path, input.Sigstruct.Bytes.ToArray()));
            files.Add((input.Image!.Value.Path, input.Image.Value.Bytes.ToArray()));
        }

        files.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return files;
    }

    /// <summary>The three files of one release.</summary>
    public static ModuleInput Module(SampleRelease release)
    {
        var (version, spelling) = (release.Version, release.Version.ToString());
        var module = Binary(release);
        var sigstruct = SampleSigstruct.Write(release, module, release.Rsa4096 ? SampleKeys.Rsa4096 : SampleKeys.Rsa3072);
        return new ModuleInput(
            version,
            spelling,
            new(UpstreamLayout.Module(version, spelling), module),
            new(UpstreamLayout.Sigstruct(version, spelling), sigstruct),
            new NamedBytes(UpstreamLayout.Image(version, spelling), ImageWriter.Join(module, sigstruct, release.Format)));
    }

    /// <summary>Most pages are common to the line, as real releases are nearly alike; each fourth is the release's own.</summary>
    private static byte[] Binary(SampleRelease release)
    {
        var module = new byte[release.Pages * Image.Page];
        for (var page = 0; page < release.Pages; page++)
        {
            var owner = page % 4 == 0 ? release.Version.ToString() : release.Version.LineName;
            Fill(module.AsSpan(page * Image.Page, Image.Page), $"{owner}/{page}");
        }

        Encoding.ASCII.GetBytes($"{Notice}; version {release.Version}\n", module);
        return module;
    }

    private static void Fill(Span<byte> page, string seed)
    {
        Span<byte> state = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes($"tdxrel sample {seed}"), state);
        for (var at = 0; at < page.Length; at += state.Length)
        {
            state.CopyTo(page[at..]);
            SHA256.HashData(state, state);
        }
    }

    private static byte[] Mapping()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            WriteMapping(json, Releases);
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>Writes the mapping file of any made-up releases.</summary>
    internal static void WriteMapping(Utf8JsonWriter json, IReadOnlyList<SampleRelease> releases)
    {
        json.WriteStartObject();
        json.WriteStartObject("Header");
        json.WriteString("Copyright", Notice);
        json.WriteString("Info", "Info of each synthetic TEST module release");
        json.WriteString("Version", "1.0");
        json.WriteEndObject();
        json.Array("tdx_module_releases", releases, release => Write(json, release));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SampleRelease release)
    {
        json.WriteStartObject();
        json.WriteString("version", release.Version.ToString());
        json.WriteString("min_module_version_for_td_preserving", release.Minimum);
        Write(json, "strict_compat_versions", release.Strict);
        Write(json, "min_seamldr_versions", release.Loaders);
        json.WriteString("tdx_feature0", $"0x{release.Features0:X}");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.Strings(name, values);
    }
}
