using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;
using static TdxRelease.Verification.Modules.SnapshotRules;

namespace TdxRelease.Verification.Modules;

/// <summary>Applies <see cref="SnapshotRules"/>: what is released is there, what is there is released.</summary>
public static partial class SnapshotChecks
{
    /// <summary>Checks the paths of a snapshot against its mapping file.</summary>
    /// <param name="paths">Paths of all data files, relative, with forward slashes.</param>
    /// <param name="mapping">The mapping file.</param>
    /// <param name="mappingPath">Its path in findings.</param>
    /// <returns>Findings: releases by version, then files by path.</returns>
    public static IReadOnlyList<Finding> Check(IEnumerable<string> paths, MappingFile mapping, string mappingPath)
    {
        var findings = new List<Finding>();
        var present = new SortedSet<string>(paths, StringComparer.Ordinal);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var release in mapping.Releases)
        {
            foreach (var (rule, path) in new[] { (ModuleMissing, release.BinPath), (SigstructMissing, release.SigstructPath),
                (ImageMissing, release.BlobPath) })
            {
                wanted.Add(path);
                if (!present.Contains(path))
                {
                    findings.Add(new(rule, $"release \"{release.Spelling}\": \"{path}\" is missing", release.Location, release.Spelling));
                }
            }
        }

        foreach (var text in new[] { UpstreamLayout.BinariesLicense, UpstreamLayout.License, mappingPath }.Where(t => !present.Contains(t)))
        {
            findings.Add(new(TextMissing, $"\"{text}\" is missing", new Location(text)));
        }

        foreach (var path in present.Where(p => !wanted.Contains(p) && IsData(p)))
        {
            findings.Add(UnexpectedFile(path, mapping, present));
        }

        return findings;
    }

    /// <summary>Checks the licence text against the policy; a policy that names none expects none.</summary>
    /// <param name="license">The bytes of BINARIES_LICENSE.</param>
    /// <param name="path">Its path in findings.</param>
    /// <param name="policy">The policy.</param>
    public static Finding? CheckLicense(ReadOnlySpan<byte> license, string path, TrustPolicy policy)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(license));
        return policy.Licenses.Count == 0 || policy.Licenses.Contains(hash)
            ? null
            : new Finding(TrustRules.License,
                $"SHA-256 {hash} is not a licence that policy \"{policy.Name}\" expects: {string.Join(" ", policy.Licenses)}",
                new Location(path));
    }

    private static bool IsData(string path) =>
        path.StartsWith(UpstreamLayout.Images, StringComparison.Ordinal) || path.StartsWith(UpstreamLayout.Parts, StringComparison.Ordinal);

    private static Finding UnexpectedFile(string path, MappingFile mapping, SortedSet<string> present)
    {
        var place = new Location(path);
        var match = ModuleFile().Match(path);
        if (!match.Success || !ModuleVersion.TryParse(match.Groups["version"].ValueSpan, out var version))
        {
            return new Finding(UnknownFile, $"\"{path}\" is not a module file", place);
        }

        var spelling = match.Groups["version"].Value;
        if (mapping.Find(version) is not { } release)
        {
            return new Finding(NotReleased, $"{spelling} is not a release of the mapping file", place, spelling);
        }

        var mate = match.Groups["kind"].ValueSpan switch
        {
            "bin" => release.BinPath,
            "sigstruct" => release.SigstructPath,
            _ => release.BlobPath,
        };
        return spelling != release.Spelling && present.Contains(mate)
            ? new Finding(TwoSpellings, $"the mapping spells it \"{release.Spelling}\", and \"{mate}\" is there too", place, spelling)
            : new Finding(WrongFolder, $"want \"{mate}\"", place, spelling);
    }

    [GeneratedRegex("/" + UpstreamLayout.NamePrefix + @"(?<version>[0-9.]+)\.(?<kind>bin|sigstruct|blob)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ModuleFile();
}
