using System.Text;
using System.Text.RegularExpressions;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>
/// Writes signed dnf repositories: Packages/, repodata/ with repomd.xml, its signature and key, a <c>.repo</c> file that demands both
/// checks, and the signed list of all of it.
/// </summary>
public sealed partial class DnfRepository
{
    private readonly DnfRepositoryOptions options;
    private readonly IOpenPgpSigner signer;
    private readonly OpenPgpVerifier verifier;
    private readonly OpenPgpKeyring keyring;

    /// <summary>Sets up a repository.</summary>
    /// <param name="options">Names, place and time.</param>
    /// <param name="signer">Signs repomd.xml; the packages must be signed by a certificate of its keyring, since the repository hands out
    /// those alone.</param>
    /// <param name="now">When signatures that exist already are checked; the options' time where null.</param>
    /// <exception cref="TdxException">Exit 3: an id, name, URL or compression that dnf does not take.</exception>
    public DnfRepository(DnfRepositoryOptions options, IOpenPgpSigner signer, DateTimeOffset? now = null)
    {
        Require(IdPattern().IsMatch(options.Id), "id", options.Id, "letters, digits and ._:-");
        Require(options.Name.Length > 0 && !options.Name.Any(char.IsControl), "name", options.Name, "one line");
        Require(UrlPattern().IsMatch(options.BaseUrl), "base URL", options.BaseUrl, "https://… or file:///… without white space");
        Require(options.Compression.Kind is CompressionKind.Gzip or CompressionKind.Zstd, "compression", $"{options.Compression.Kind}",
            "gzip or zstd");
        this.options = options with { BaseUrl = options.BaseUrl.TrimEnd('/') };
        this.signer = signer;

        keyring = OpenPgpKeyring.Parse(signer.Certificate, "signer's certificate");
        verifier = OpenPgpVerifier.Of(signer, now ?? options.Time);
    }

    /// <summary>
    /// Adds packages to the repository in the folder, or starts one where the folder is absent or empty. The older packages stay.
    /// </summary>
    /// <param name="folder">The repository; replaced as a whole when the new state is complete, untouched before that.</param>
    /// <param name="added">Signed packages under their conventional names. One that is there already with the same bytes is not an
    /// error.</param>
    /// <exception cref="TdxException">
    /// Exit 3: the folder holds foreign or malformed files, a package is malformed; exit 4: a digest or signature does not hold;
    /// exit 5: an unsigned package, or other bytes under a name that was published; exit 6.
    /// </exception>
    public void Publish(string folder, IReadOnlyList<DnfPackage> added)
    {
        var packages = new SortedDictionary<string, DnfIndexed>(StringComparer.Ordinal);
        var state = FolderState.Of(folder);
        IReadOnlyList<DnfIndexed> existing = [];
        if (state.Entries.Count > 0)
        {
            existing = DnfRepositoryReader.ReadIndexed(folder, verifier);
            RepositoryChecksums.RequireIntact(RepositoryFolder.Read(folder), verifier);
        }

        foreach (var indexed in existing.Concat(added.Select(p => DnfRepositoryReader.Index(p, verifier))))
        {
            if (packages.TryGetValue(indexed.File.FileName, out var old) && old.Sha256 != indexed.Sha256)
            {
                throw new TdxException(ExitCode.Refused,
                    $"{indexed.File.FileName}: published with SHA-256 {old.Sha256}, now {indexed.Sha256}",
                    "raise the revision: what was published does not change");
            }

            packages[indexed.File.FileName] = indexed;
        }

        using var target = new AtomicFolder(folder, state);
        Write(target, [.. packages.Values]);
        target.Commit();
    }

    /// <summary>The <c>.repo</c> file that users put into /etc/yum.repos.d.</summary>
    public string RepoFile() => Configuration(options.Id, options.Name, options.BaseUrl, keyring);

    /// <summary>Where users and the keyring package install the certificates, without the leading slash.</summary>
    public static string KeyringPath(string id) => $"etc/pki/rpm-gpg/RPM-GPG-KEY-{id}";

    /// <summary>The .repo file.</summary>
    // dnf has no field for a fingerprint and takes no key in this file. A key from the URL would be whatever the server sends, so it is one
    // that the user installed.
    public static string Configuration(string id, string name, string baseUrl, OpenPgpKeyring keyring) =>
        $"""
        # Everything here is signed with the OpenPGP key {keyring.Fingerprints}.
        # Compare that with what the maintainer announced and with gpg --show-keys, then install the key:
        #   install -m 644 repodata/repomd.xml.key /{KeyringPath(id)}
        [{id}]
        name={name}
        baseurl={baseUrl}
        enabled=1
        type=rpm-md
        gpgcheck=1
        repo_gpgcheck=1
        gpgkey=file:///{KeyringPath(id)}

        """;

    private void Write(AtomicFolder target, IReadOnlyList<DnfIndexed> packages)
    {
        var files = new List<(string Path, ReadOnlyMemory<byte> Content)>(
            packages.Select(p => ($"{DnfLayout.Packages}/{p.File.FileName}", p.File.Content)));
        files.AddRange(Index(packages));
        foreach (var (path, content) in files.Concat(RepositoryChecksums.Of(files, signer, options.Time)
            .Select(f => (f.Path, (ReadOnlyMemory<byte>)f.Content))))
        {
            target.Write(path, content.Span);
        }
    }

    private IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> Index(IReadOnlyList<DnfIndexed> packages)
    {
        var index = new List<DnfData>();
        foreach (var (kind, content) in new[] { ("primary", DnfMetadata.Primary(packages)), ("filelists", DnfMetadata.FileLists(packages)),
            ("other", DnfMetadata.Other(packages)) })
        {
            var (data, file) = DnfData.Make(kind, content, options.Compression);
            index.Add(data);
            yield return (data.Path, file);
        }

        var repomd = DnfRepomd.Write(index, options.Time);
        yield return (DnfLayout.Repomd, repomd);
        yield return (DnfLayout.Signature, Encoding.ASCII.GetBytes(signer.SignDetachedArmored(repomd, options.Time)));
        yield return (DnfLayout.Key, Encoding.ASCII.GetBytes(keyring.ToArmored()));
        yield return ($"{options.Id}.repo", Encoding.UTF8.GetBytes(RepoFile()));
    }

    private static void Require(bool holds, string field, string got, string want)
    {
        if (!holds)
        {
            throw new TdxException(ExitCode.BadInput, $"dnf repository {field} \"{SafePath.Printable(got)}\": want {want}");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9._:-]+\\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex("^(https?|file)://[\\x21-\\x7e]+\\z")]
    private static partial Regex UrlPattern();
}
