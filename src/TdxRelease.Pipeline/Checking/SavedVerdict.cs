using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Sources;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Pipeline.Checking;

/// <summary>A module in a saved verdict.</summary>
internal sealed record SavedModule(
    string Spelling, string MrSeam, ushort Svn, IReadOnlyList<uint> Cpus, string Signer, string SignerSha384, int KeyBits, bool IsDebug,
    DateOnly? Date, int BuildNumber, long Length)
{
    public static SavedModule Of(ModuleFacts facts) => new(
        facts.Spelling, facts.MrSeam, facts.Svn.Value, [.. facts.Cpus.Select(c => c.Value)], facts.Signer, facts.SignerSha384,
        facts.KeyBits, facts.IsDebug, facts.Date, facts.BuildNumber, facts.Length);

    public ModuleResult? ToResult() => !ModuleVersion.TryParse(Spelling, out var version) ? null : new ModuleResult(
        Spelling,
        Verified: true,
        new ModuleFacts(version, Spelling, MrSeam, SeamSvn.FromValue(Svn), [.. Cpus.Select(c => new CpuSignature(c))], Signer, KeyBits,
            IsDebug, Date, BuildNumber, Length)
        { SignerSha384 = SignerSha384 });
}

/// <summary>A finding in a saved verdict.</summary>
internal sealed record SavedFinding(string Rule, Severity Severity, string Message, string File, int Line, int Column, string? Version)
{
    public static SavedFinding Of(Finding finding) =>
        new(finding.Rule.Id, finding.Severity, finding.Message, finding.Location.File, finding.Location.Line, finding.Location.Column,
            finding.Version);

    public Finding? ToFinding() =>
        AllRules.All.FirstOrDefault(r => r.Id == Rule) is { } rule
        ? new Finding(rule, Severity, Message, new Location(File, Line, Column), Version) : null;
}

/// <summary>
/// The verdict on the locked state, kept in the cache beside the contents that it
/// is about, so that a nightly check of an unchanged upstream does not verify the
/// same bytes every night. Only a state that passed is saved, and only for
/// a state that the lock pins already: a changed one is always verified.
/// It trusts the user's cache directory: a verdict in a directory that others
/// may enter is not taken. No bundle is ever made from a saved verdict.
/// </summary>
/// <param name="Modules">All of them verified.</param>
/// <param name="Findings">None of them fails.</param>
internal sealed record SavedVerdict(IReadOnlyList<SavedModule> Modules, IReadOnlyList<SavedFinding> Findings)
{
    public static SavedVerdict Of(VerifiedSnapshot verified, IEnumerable<Finding> findings) =>
        new([.. verified.Modules.Select(m => SavedModule.Of(m.Facts!))], [.. findings.Select(SavedFinding.Of)]);

    /// <summary>
    /// The verdict on exactly these files, by this policy and this program;
    /// null where there is none. Every content is in the cache, and hashed now.
    /// </summary>
    public static SavedVerdict? TryRead(ContentCache? cache, LockFile locked, TrustPolicy policy, Strictness strictness)
    {
        try
        {
            return cache is not null
                && ChecksummedFile.TryRead(PathOf(cache, locked, policy, strictness)) is { } json
                && JsonSerializer.Deserialize(json, VerdictJson.Default.SavedVerdict) is { } saved
                && saved.Modules.All(m => m.ToResult() is not null) && saved.Findings.All(f => f.ToFinding() is { Fails: false })
                && new CacheSource(cache, locked).Missing().Count == 0
                ? saved
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(ContentCache cache, LockFile locked, TrustPolicy policy, Strictness strictness) =>
        ChecksummedFile.Write(PathOf(cache, locked, policy, strictness),
            JsonSerializer.SerializeToUtf8Bytes(this, VerdictJson.Default.SavedVerdict));

    public IReadOnlyList<ModuleResult> ToModules() => [.. Modules.Select(m => m.ToResult()!)];

    public IReadOnlyList<Finding> ToFindings() => [.. Findings.Select(f => f.ToFinding()!)];

    /// <summary>
    /// Another build of this program is another judge: deterministic builds
    /// derive the module version ids from the code and the versions it refers to.
    /// </summary>
    private static string Tool { get; } =
        string.Join(' ', new[] { typeof(RuleCatalog), typeof(AtomicFile), typeof(ContentCache),
        typeof(SavedVerdict) }.Select(t => t.Module.ModuleVersionId));

    private static string PathOf(ContentCache cache, LockFile locked, TrustPolicy policy, Strictness strictness)
    {
        var key = new StringBuilder($"{Tool}\n{policy.Sha256}\n{strictness}\n");
        foreach (var file in locked.Files)
        {
            key.Append($"{file.Sha256} {file.Length} {file.Path}\n");
        }

        return Path.Combine(cache.Root, "verdicts",
            $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())))}.json");
    }
}

/// <summary>The verdict as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SavedVerdict))]
internal sealed partial class VerdictJson : JsonSerializerContext;
