using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.Manifests;

/// <summary>A file of the bundle as the manifest, or an audit, knows it.</summary>
/// <param name="Path">Relative, forward slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
/// <param name="Sha384">96 lower-case hex digits.</param>
public sealed record ManifestFile(string Path, long Length, string Sha256, string Sha384);

/// <summary>A module as the manifest knows it.</summary>
/// <param name="Version">The version.</param>
/// <param name="MrSeam">SHA-384 of the module's binary, its measurement: 96 lower-case hex digits.</param>
/// <param name="Svn">Security version.</param>
/// <param name="Cpus">Families it runs on (stepping masked), sorted.</param>
/// <param name="Features0">TDX_FEATURES0.</param>
/// <param name="Signer">SHA-384 of the signing key's modulus as the sigstruct stores it: 96 lower-case hex digits.</param>
/// <param name="KeyBits">Length of the signing key.</param>
/// <param name="Debug">Whether it is debug-signed.</param>
/// <param name="Date">Date in the sigstruct.</param>
/// <param name="Image">Path of its image in the bundle.</param>
/// <param name="Rules">How many rules it passed.</param>
public sealed record ManifestModule(
    ModuleVersion Version,
    string MrSeam,
    SeamSvn Svn,
    IReadOnlyList<CpuSignature> Cpus,
    ulong Features0,
    string Signer,
    int KeyBits,
    bool Debug,
    DateOnly Date,
    string Image,
    int Rules);

/// <summary>Where the modules come from.</summary>
/// <param name="Url">The upstream repository.</param>
/// <param name="Commit">40 or 64 hex digits, proven by git or the lock; null for a source that is not a repository.</param>
/// <param name="Tree">Tree of the commit, as <paramref name="Commit"/>.</param>
public sealed record ManifestSource(string Url, string? Commit, string? Tree)
{
    /// <summary>The commit that an archive says it is of, which nobody proved; only where <see cref="Commit"/> is null.</summary>
    public string? ClaimedCommit { get; init; }

    /// <summary>
    /// The commit of a dirty working tree, whose files are not those of the commit; only where <see cref="Commit"/> is null.
    /// </summary>
    public string? ModifiedFrom { get; init; }

    /// <summary>
    /// Whether <see cref="Url"/> is a repository's that has <see cref="Commit"/>: no archive, and no copy of which the address is unknown.
    /// </summary>
    public bool IsRepository =>
        Commit is not null && Url.Contains("://", StringComparison.Ordinal)
        && !Archives.Any(end => Url.EndsWith(end, StringComparison.Ordinal));

    private static readonly string[] Archives = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".zip", ".bundle"];

    /// <summary>The form in the manifest and in the build parameters of provenance.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["url"] = Url };
        foreach (var (key, value) in ((string, string?)[])[("commit", Commit), ("tree", Tree), ("claimedCommit", ClaimedCommit),
            ("modifiedFrom", ModifiedFrom)])
        {
            if (value is not null)
            {
                json[key] = value;
            }
        }

        return json;
    }
}

/// <summary>The licence that travels with the bundle.</summary>
/// <param name="Path">Its path in the bundle.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
public sealed record ManifestLicense(string Path, string Sha256);

/// <summary>
/// What the signature of a bundle covers: every file, where it came from, and until when and after what it counts (docs/formats.md).
/// </summary>
/// <param name="Name">Name of the bundle; sequence numbers count per name.</param>
/// <param name="Sequence">Grows with each release: an older one is a rollback.</param>
/// <param name="Created">SOURCE_DATE_EPOCH of the release.</param>
/// <param name="Expires">After this a mirror that still serves it may be hiding newer ones.</param>
/// <param name="Unsigned">True only in bundles made without a key.</param>
/// <param name="Source">Upstream.</param>
/// <param name="License">Upstream's licence of the binaries.</param>
/// <param name="PolicySha256">Hash of the policy that the release was made under.</param>
/// <param name="Tool">Name and version of the program that made it.</param>
/// <param name="Files">Every file but the manifest and its signatures; written sorted by path.</param>
/// <param name="Modules">Every module; written sorted by version.</param>
public sealed record Manifest(
    string Name,
    long Sequence,
    DateTimeOffset Created,
    DateTimeOffset Expires,
    bool Unsigned,
    ManifestSource Source,
    ManifestLicense License,
    string PolicySha256,
    string Tool,
    IReadOnlyList<ManifestFile> Files,
    IReadOnlyList<ManifestModule> Modules)
{
    /// <summary>Value of the key <c>format</c>.</summary>
    public const string Format = "tdxrel-manifest/1";

    /// <summary>Name of the manifest in the bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Name of the raw RSA signature (PKCS#1 v1.5, SHA-512).</summary>
    public const string SignatureName = "manifest.json.sig";

    /// <summary>Name of the armored OpenPGP signature.</summary>
    public const string OpenPgpSignatureName = "manifest.json.asc";

    /// <summary>The largest manifest taken, in bytes.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>
    /// The canonical bytes, which are what is signed. The same release gives the same bytes in whatever order its lists came.
    /// </summary>
    /// <exception cref="TdxException">Exit 3: the manifest contradicts itself or breaks the format; nothing is written that would be
    /// refused on reading.</exception>
    public byte[] ToJson()
    {
        var json = ManifestWriter.Write(this);
        _ = Parse(json);
        return json;
    }

    /// <summary>Reads a manifest strictly: unknown and duplicate keys, other spellings and self-contradictions are refused.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json, string name = FileName) => ManifestReader.Read(json, name);

    /// <summary>The same for those who only want to know what it claims: null where it cannot be read.</summary>
    public static Manifest? TryParse(ReadOnlySpan<byte> json)
    {
        try
        {
            return Parse(json);
        }
        catch (TdxException)
        {
            return null;
        }
    }
}
