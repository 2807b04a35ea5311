using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Upstream.Drift;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.History;

/// <summary>What kind of thing a user named.</summary>
public enum DriftKind
{
    /// <summary>A folder in upstream's layout.</summary>
    Snapshot,

    /// <summary>A lock file.</summary>
    Lock,

    /// <summary>A bundle: folder, tar or package.</summary>
    Bundle,

    /// <summary>A mapping file.</summary>
    Mapping,
}

/// <summary>
/// A state of upstream: what can be compared, and what its sigstructs say, which the step graph needs. Nothing in it is verified: a
/// comparison describes, it does not vouch.
/// </summary>
/// <param name="Kind">What it was made from.</param>
/// <param name="Side">What can be compared.</param>
/// <param name="Facts">SVN and CPU families by version; empty where there are no modules.</param>
public sealed record DriftState(DriftKind Kind, DriftSide Side, IReadOnlyDictionary<ModuleVersion, ModuleFacts> Facts)
{
    /// <summary>When a bundle was made; null for what is none.</summary>
    public DateTimeOffset? Made { get; init; }

    /// <summary>Version and revision under which a package was published; null for what is no package.</summary>
    public string? Version { get; init; }

    private static readonly Dictionary<ModuleVersion, ModuleFacts> NoFacts = [];
    private static readonly Dictionary<string, ImageFormat> NoFormats = [];

    /// <summary>Opens what a user named.</summary>
    /// <param name="path">A snapshot folder, a lock, a bundle (folder, tar or package) or a mapping file.</param>
    /// <exception cref="TdxException">Exit 3: it is none of these. Exit 6: it cannot be read.</exception>
    public static DriftState Open(string path)
    {
        if (Directory.Exists(path))
        {
            return File.Exists(Path.Combine(path, Manifest.FileName)) ? OfBundle(path) : Of(Snapshot.Open(path));
        }

        if (Containers.KindOf(Path.GetFileName(path)) is not null)
        {
            return OfBundle(path);
        }

        var bytes = InputFile.Read(path, LockFile.MaxLength);
        return bytes.AsSpan().IndexOf("\"tdxrel-upstream-lock/"u8) >= 0
            ? Of(LockFile.Parse(bytes, path), path)
            : new DriftState(DriftKind.Mapping, DriftSide.OfMapping(bytes, path), NoFacts);
    }

    /// <summary>A snapshot with its modules' facts.</summary>
    /// <exception cref="TdxException">Exit 3, 4 or 6.</exception>
    public static DriftState Of(Snapshot snapshot)
    {
        var side = DriftSide.Of(snapshot);
        var facts = new Dictionary<ModuleVersion, ModuleFacts>();
        foreach (var release in side.Mapping!.Releases.Where(r => snapshot.Contains(r.SigstructPath)))
        {
            Add(facts, release, snapshot.Read(release.SigstructPath));
        }

        return new DriftState(DriftKind.Snapshot, side, facts);
    }

    /// <summary>A lock: hashes only.</summary>
    public static DriftState Of(LockFile wanted, string name) => new(DriftKind.Lock, DriftSide.Of(wanted, name), NoFacts);

    private static DriftState OfBundle(string path)
    {
        var container = Contents(path);
        var files = container.Files.ToDictionary(f => f.Path, f => f.Content, StringComparer.Ordinal);
        if (!files.TryGetValue(Manifest.FileName, out var manifestBytes))
        {
            throw new TdxException(ExitCode.BadInput, $"{path}: no {Manifest.FileName}, this is not a bundle");
        }

        var manifest = Manifest.Parse(manifestBytes.Span);
        if (!files.TryGetValue(UpstreamLayout.Mapping, out var text))
        {
            throw new TdxException(ExitCode.BadInput, $"{path}: \"{UpstreamLayout.Mapping}\" is not in the bundle");
        }

        var mapping = DriftSide.OfMapping(text, $"{path}/{UpstreamLayout.Mapping}").Mapping!;
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var facts = new Dictionary<ModuleVersion, ModuleFacts>();

        // The manifest says what the bundle holds; what it holds is hashed again all the same.
        foreach (var file in manifest.Files.Where(f => DataFiles.KindOf(f.Path) is not null && files.ContainsKey(f.Path)))
        {
            hashes.Add(file.Path, Hash(files[file.Path].Span));
        }

        foreach (var release in mapping.Releases.Where(r => files.ContainsKey(r.BlobPath)))
        {
            AddRelease(release, files[release.BlobPath], hashes, facts);
        }

        return new DriftState(DriftKind.Bundle, new DriftSide(path, mapping, hashes, NoFormats), facts)
        {
            Made = manifest.Created,
            Version = container.Version
        };
    }

    /// <summary>The parts of an image are upstream's separate files again.</summary>
    private static void AddRelease(ModuleRelease release, ReadOnlyMemory<byte> image, Dictionary<string, string> hashes,
        Dictionary<ModuleVersion, ModuleFacts> facts)
    {
        if (!ImageChecker.Check(image.Span, release.BlobPath, release.Spelling, new List<Finding>())
            || !Image.TryRead(image.Span, out var parts))
        {
            return;
        }

        var sigstruct = image.Slice(Image.Page, ImageChecker.SigstructLength(parts.SigstructPart));
        hashes[release.BinPath] = Hash(parts.ModulePart);
        hashes[release.SigstructPath] = Hash(sigstruct.Span);
        Add(facts, release, sigstruct);
    }

    private static void Add(Dictionary<ModuleVersion, ModuleFacts> facts, ModuleRelease release, ReadOnlyMemory<byte> bytes)
    {
        if (Sigstruct.Read(bytes) is { } s)
        {
            facts[release.Version] = new ModuleFacts(
                release.Version, release.Spelling, Convert.ToHexStringLower(s.SeamHash), s.SeamSvn, s.Cpus, "", s.Modulus.Length * 8,
                s.IsDebug, s.Date, s.BuildNumber, 0);
        }
    }

    private static Container Contents(string path) => Directory.Exists(path)
        ? Containers.Folder(path)
        : Containers.Open(Path.GetFileName(path), InputFile.Read(path, Containers.MaxArchive), null, null, []);

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
