using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Composition;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>Holds an output folder or a repository against its signed list: exactly the listed files, with the listed bytes.</summary>
/// <param name="request">Key, and whether unsigned is accepted.</param>
/// <param name="folder">The folder.</param>
/// <param name="findings">What does not hold.</param>
internal sealed class FolderList(AuditRequest request, string folder, List<Finding> findings)
{
    private const int MaxSignature = 1 << 16;

    /// <summary>Whose OpenPGP signature is accepted; null where nobody is known.</summary>
    public OpenPgpVerifier? Verifier { get; init; }

    /// <summary>Whether there must be an OpenPGP signature; null: where the list names a certificate in the folder's root.</summary>
    public bool? OpenPgp { get; init; }

    /// <summary>Whether there must be a signature by the raw key: repositories have their OpenPGP signature only.</summary>
    public bool Raw { get; init; } = true;

    /// <summary>Checks list, signatures and files.</summary>
    /// <param name="entries">What is in the folder.</param>
    /// <exception cref="TdxException">Exit 6: unreadable.</exception>
    public void Check(FolderEntries entries)
    {
        if (!entries.Files.Contains(ChecksumList.FileName))
        {
            Found(AuditRules.List, ChecksumList.FileName, "is missing: nothing says which files belong here");
            findings.AddRange(entries.Problems.Select(p => new Finding(AuditRules.Listed, p.Problem, new Location(p.Path))));
            return;
        }

        try
        {
            var bytes = InputFile.Read(Path.Combine(folder, ChecksumList.FileName), ChecksumList.MaxLength, ChecksumList.FileName);
            var list = ChecksumList.Parse(bytes, ChecksumList.FileName);
            CheckSignatures(entries, bytes, list);
            findings.AddRange(FolderChecksums.Compare(folder, entries, list, OutputMarker.FileName)
                .Select(d => new Finding(AuditRules.Listed, d.Problem, new Location(d.Path))));
            CheckMarker(entries, list);
        }
        catch (TdxException e) when (Container.IsVerdict(e))
        {
            Found(AuditRules.List, ChecksumList.FileName, e.Message);
        }
    }

    // What lets tdxrel replace its own output is not a part of a release. It follows from the other files, so nothing else can hide in it.
    // Where those are not as listed it differs too: it comes last, so that the file that counts is named first.
    private void CheckMarker(FolderEntries entries, SortedDictionary<string, string> list)
    {
        if (!entries.Files.Contains(OutputMarker.FileName))
        {
            return;
        }

        var files = entries.Files.Where(p => p != OutputMarker.FileName).Select(p =>
            new OutputEntry(p, new FileInfo(Path.Combine(folder, p)).Length,
                list.TryGetValue(p, out var hash) ? hash : FolderChecksums.Hash(folder, p)));
        var got = InputFile.Read(Path.Combine(folder, OutputMarker.FileName), OutputMarker.MaxLength, OutputMarker.FileName);
        if (!got.AsSpan().SequenceEqual(OutputMarker.Of(files)))
        {
            Found(AuditRules.UnexpectedFile, OutputMarker.FileName, "does not list exactly the files of the directory");
        }
    }

    private void CheckSignatures(FolderEntries entries, byte[] list, SortedDictionary<string, string> files)
    {
        if (request.Key is { } key)
        {
            CheckSignature(entries, ChecksumList.SignatureName, Raw,
                signature => key.Verify(list, signature, HashAlgorithmName.SHA512) ? null : "does not verify with the given key");
        }

        if (request.Key is not null || Verifier is not null)
        {
            var wanted = OpenPgp ?? files.ContainsKey(BundleStage.CertificateName);
            CheckSignature(entries, ChecksumList.OpenPgpSignatureName, wanted,
                signature => Verifier is { } verifier ? SignedChecksums.Refusal(list, signature, verifier)
                : "no certificate of the given key is there to check it with");
        }
    }

    private void CheckSignature(FolderEntries entries, string path, bool wanted, Func<byte[], string?> refusal)
    {
        var there = entries.Files.Contains(path);
        if (there != wanted)
        {
            findings.Add(new Finding(AuditRules.List, request.AllowUnsigned && wanted ? Severity.Warning : AuditRules.List.Severity,
                wanted ? "is missing" : "is not expected here", new Location(path)));
        }
        else if (there && refusal(InputFile.Read(Path.Combine(folder, path), MaxSignature, path)) is { } problem)
        {
            Found(AuditRules.List, path, problem);
        }
    }

    private void Found(Rule rule, string path, string message) => findings.Add(new Finding(rule, message, new Location(path)));
}
