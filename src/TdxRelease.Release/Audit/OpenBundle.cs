using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Release.Audit;

/// <summary>A bundle under audit: its accepted manifest, its files by path, and what was found so far.</summary>
internal sealed class OpenBundle
{
    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> files = new(StringComparer.Ordinal);

    public OpenBundle(Manifest manifest, IEnumerable<AuditFile> contents, List<Finding> findings)
    {
        Manifest = manifest;
        Findings = findings;
        foreach (var file in contents)
        {
            files[file.Path] = file.Content;
        }
    }

    public Manifest Manifest { get; }

    public List<Finding> Findings { get; }

    public IEnumerable<string> Paths => files.Keys;

    public bool Contains(string path) => files.ContainsKey(path);

    /// <summary>A file's bytes; none where it is missing.</summary>
    public ReadOnlyMemory<byte> Content(string path) => files.GetValueOrDefault(path);

    public void Found(Rule rule, string message, string path, string? version = null) =>
        Findings.Add(new(rule, message, new Location(path), version));

    public void CheckLicense()
    {
        var license = Manifest.License;
        var got = Contains(license.Path) ? Convert.ToHexStringLower(SHA256.HashData(Content(license.Path).Span)) : "missing";
        if (got != license.Sha256)
        {
            Found(AuditRules.License, $"the manifest names {license.Sha256}, the text is {got}", license.Path);
        }
    }

    /// <summary>Holds the mapping file against the manifest, and the planning files against both.</summary>
    /// <returns>The releases, for planning; null where mapping file or modules could not be read.</returns>
    public ReleaseSet? CheckMapping(List<ModuleVerdict> modules)
    {
        if (!Contains(UpstreamLayout.Mapping))
        {
            Found(AuditRules.Mapping, "the mapping file is not in the bundle", UpstreamLayout.Mapping);
            return null;
        }

        // Lenient: whether an unknown key is acceptable was decided when the bundle was made.
        var bytes = Content(UpstreamLayout.Mapping);
        if (MappingReader.Read(bytes, UpstreamLayout.Mapping, Strictness.Lenient, Findings) is not { } mapping)
        {
            return null;
        }

        var releases = string.Join(" ", mapping.Releases.Select(r => r.Version));
        var listed = string.Join(" ", Manifest.Modules.Select(m => m.Version));
        if (releases != listed)
        {
            Found(AuditRules.Mapping, $"the mapping file releases {releases}, the manifest lists {listed}", UpstreamLayout.Mapping);
            return null;
        }

        foreach (var module in Manifest.Modules)
        {
            var features = mapping.Find(module.Version)!.Features0;
            if (features != module.Features0)
            {
                var message = $"TDX_FEATURES0: the manifest says 0x{module.Features0:X}, the mapping file 0x{features:X}";
                Found(AuditRules.FactsDiffer, message, UpstreamLayout.Mapping, module.Version.ToString());
            }
        }

        // Between modules, and with what Intel published elsewhere; what does not fail is for tdxrel verify to tell.
        Findings.AddRange(CrossChecks.Check(mapping, UpstreamLayout.Mapping, modules, PublishedList.Default).Where(f => f.Fails));
        return CheckPlanning(mapping, [.. modules.Select(m => m.Facts).OfType<ModuleFacts>()]);
    }

    private ReleaseSet? CheckPlanning(MappingFile mapping, List<ModuleFacts> facts)
    {
        if (facts.Count != mapping.Releases.Count)
        {
            return null;
        }

        var images = Manifest.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (var want in GraphStage.Planning(mapping, facts, images, Manifest.Sequence, Manifest.Created, Manifest.Expires))
        {
            if (!Contains(want.Path) || !Content(want.Path).Span.SequenceEqual(want.Content.Span))
            {
                Found(AuditRules.Planning, "differs from what is computed from the mapping file and the sigstructs", want.Path);
            }
        }

        return ReleaseSet.Join(mapping, facts);
    }
}
