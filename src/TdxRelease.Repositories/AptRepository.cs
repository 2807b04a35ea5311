using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>Signed apt repositories: pool, Packages, Sources, Contents, Release, InRelease, by-hash, key and
/// <c>.sources</c>.</summary>
public static class AptRepository
{
    /// <summary>Adds packages to the repository in the folder, or begins one there. Old packages stay; one rename at the end.</summary>
    /// <exception cref="TdxException">Exit 3: foreign files, an unusable package; exit 4: damaged files; exit 5: a published version would
    /// change; exit 6.</exception>
    public static void Publish(string folder, AptRepositoryOptions options, IReadOnlyList<RepositoryPackage> packages,
        IOpenPgpSigner signer) =>
        RepositoryFolder.Replace(folder, existing => Build(options, packages, signer, existing));

    /// <summary>All files of the new state by relative path; pure.</summary>
    /// <param name="options">What it says about itself.</param>
    /// <param name="packages">New <c>.deb</c> files; <c>.dsc</c> files, signed by <paramref name="signer"/>, and what they name.</param>
    /// <param name="signer">Signs Release; must also have signed what exists.</param>
    /// <param name="existing">The old state, from <see cref="RepositoryFolder.Read"/>.</param>
    public static IReadOnlyDictionary<string, byte[]> Build(
        AptRepositoryOptions options, IReadOnlyList<RepositoryPackage> packages, IOpenPgpSigner signer,
        IReadOnlyDictionary<string, byte[]> existing)
    {
        options.Require();
        var verifier = OpenPgpVerifier.Of(signer, options.Time);
        var files = existing.Count == 0 ? new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
            : AptState.Verify(RepositoryChecksums.Without(existing), options.Name, options.Suite, verifier);
        RepositoryChecksums.RequireIntact(existing, verifier);
        AddToPool(files, options, packages, verifier);
        AddIndices(files, options, signer, verifier);
        files[$"{options.Name}.pgp"] = signer.Certificate;
        files[$"{options.Name}.sources"] = Encoding.UTF8.GetBytes(
            Sources(options.Name, options.BaseUri, options.Suite, options.Component, options.Architectures));
        RepositoryChecksums.Add(files, signer, options.Time);
        return files;
    }

    private static void AddToPool(SortedDictionary<string, byte[]> files, AptRepositoryOptions options,
        IReadOnlyList<RepositoryPackage> packages, OpenPgpVerifier verifier)
    {
        var tarballs = packages.ToDictionary(p => p.FileName, p => p.Content, StringComparer.Ordinal);
        foreach (var package in packages)
        {
            SafePath.Require(package.FileName);
            if (package.FileName.EndsWith(".deb", StringComparison.Ordinal))
            {
                var control = DebReader.ReadControl(package.Content, package.FileName).Fields;
                var want = $"{FileStem(control, "Package", package)}_{Deb822.Require(control, "Architecture", package.FileName)}.deb";
                RequireName(package, want);
                AddToPool(files, options, control["Package"], want, package.Content);
            }
            else if (package.FileName.EndsWith(".dsc", StringComparison.Ordinal))
            {
                var dsc = AptSources.Read(package.Content.ToArray(), package.FileName, verifier);
                RequireName(package, $"{FileStem(dsc, "Source", package)}.dsc");
                AddToPool(files, options, dsc["Source"], package.FileName, package.Content);
                foreach (var file in AptSources.Listed(dsc, package.FileName))
                {
                    var content = tarballs.GetValueOrDefault(file.Name);
                    AddToPool(files, options, dsc["Source"], file.Name,
                        Convert.ToHexStringLower(SHA256.HashData(content.Span)) == file.Sha256 ? content
                        : throw new TdxException(ExitCode.BadInput, $"\"{file.Name}\" is not the file that \"{package.FileName}\" names"));
                }
            }
        }
    }

    private static string FileStem(IReadOnlyDictionary<string, string> fields, string name, RepositoryPackage package) =>
        $"{Deb822.Require(fields, name, package.FileName)}_{Deb822.Require(fields, "Version", package.FileName)}";

    private static void RequireName(RepositoryPackage package, string want)
    {
        if (package.FileName != want)
        {
            throw new TdxException(ExitCode.BadInput, $"package file \"{package.FileName}\": its control file says \"{want}\"");
        }
    }

    private static void AddToPool(SortedDictionary<string, byte[]> files, AptRepositoryOptions options, string name, string file,
        ReadOnlyMemory<byte> content)
    {
        var prefix = name.StartsWith("lib", StringComparison.Ordinal) ? name[..Math.Min(4, name.Length)] : name[..1];
        var path = $"pool/{options.Component}/{prefix}/{name}/{file}";
        if (files.TryGetValue(path, out var old) && !content.Span.SequenceEqual(old))
        {
            throw new TdxException(ExitCode.Refused, $"\"{file}\" is published with other content",
                "a published version never changes: raise the revision");
        }

        files[path] = content.ToArray();
    }

    private static void AddIndices(SortedDictionary<string, byte[]> files, AptRepositoryOptions options, IOpenPgpSigner signer,
        OpenPgpVerifier verifier)
    {
        var packages = AptPackages.In(files);
        var indices = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);

        // Packages of architecture "all" stand in every index; the Release says so and clients fetch only their own.
        var architectures = Indexed(options).ToList();
        AddIndex(indices, AptPackages.Index(packages), [.. architectures.Select(a => $"{options.Component}/binary-{a}/Packages")]);
        AddIndex(indices, AptPackages.Contents(packages), [.. architectures.Select(a => $"{options.Component}/Contents-{a}")]);
        AddIndex(indices, AptSources.Index(files, verifier), [$"{options.Component}/source/Sources"]);

        var dists = $"dists/{options.Suite}";
        foreach (var (path, content) in indices)
        {
            var folder = $"{dists}/{Path.GetDirectoryName(path)}/by-hash";
            files[$"{dists}/{path}"] = content;
            files[$"{folder}/SHA256/{Convert.ToHexStringLower(SHA256.HashData(content))}"] = content;
            files[$"{folder}/SHA512/{Convert.ToHexStringLower(SHA512.HashData(content))}"] = content;
        }

        Sign(files, dists, Release(options, indices), signer, options.Time);
    }

    /// <summary>The index of the suite in its three forms.</summary>
    internal static void Sign(SortedDictionary<string, byte[]> files, string dists, string release, IOpenPgpSigner signer,
        DateTimeOffset time)
    {
        files[$"{dists}/Release"] = Encoding.UTF8.GetBytes(release);
        files[$"{dists}/Release.gpg"] = Encoding.ASCII.GetBytes(signer.SignDetachedArmored(Encoding.UTF8.GetBytes(release), time));
        files[$"{dists}/InRelease"] = Encoding.UTF8.GetBytes(signer.ClearSign(release, time));
    }

    private static void AddIndex(SortedDictionary<string, byte[]> indices, string text, IReadOnlyList<string> paths)
    {
        var content = Encoding.UTF8.GetBytes(text);
        var gz = Compressor.Compress(content, Compression.Gzip);
        var xz = Compressor.Available(CompressionKind.Xz) ? Compressor.Compress(content, Compression.Xz) : null;
        foreach (var path in paths)
        {
            indices[path] = content;
            indices[$"{path}.gz"] = gz;
            if (xz is not null)
            {
                indices[$"{path}.xz"] = xz;
            }
        }
    }

    private static string Release(AptRepositoryOptions options, SortedDictionary<string, byte[]> indices)
    {
        var text = new StringBuilder();
        DebianText.Field(text, "Origin", options.Origin);
        DebianText.Field(text, "Label", options.Origin);
        DebianText.Field(text, "Suite", options.Suite);
        DebianText.Field(text, "Codename", options.Suite);
        DebianText.Field(text, "Date", Utc(options.Time));
        DebianText.Field(text, "Valid-Until", Utc(options.Time + options.ValidFor));
        DebianText.Field(text, "Acquire-By-Hash", "yes");
        DebianText.Field(text, "No-Support-for-Architecture-all", "Packages");
        DebianText.Field(text, "Architectures", string.Join(' ', Indexed(options)));
        DebianText.Field(text, "Components", options.Component);
        DebianText.Field(text, "Description", options.Description);
        Hashes(text, "SHA256", indices, SHA256.HashData);
        Hashes(text, "SHA512", indices, SHA512.HashData);
        return text.ToString();
    }

    private static void Hashes(StringBuilder text, string field, SortedDictionary<string, byte[]> indices, Func<byte[], byte[]> hash)
    {
        text.Append(CultureInfo.InvariantCulture, $"{field}:\n");
        foreach (var (path, content) in indices)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Convert.ToHexStringLower(hash(content))} {content.Length,8} {path}\n");
        }
    }

    private static IEnumerable<string> Indexed(AptRepositoryOptions options) => options.Architectures.Prepend("all");

    /// <summary>Where users and the keyring package install the certificates, without the leading slash.</summary>
    public static string KeyringPath(string name) => $"usr/share/keyrings/{name}-archive-keyring.pgp";

    /// <summary>The deb822 .sources file.</summary>
    // A key inside would stay there for ever: where the keyring package brings the next one, nobody has to edit this file.
    public static string Sources(string name, string baseUri, string suite, string component, IEnumerable<string> architectures) =>
        $"""
        # The certificates of {name}.pgp, compared with what the maintainer announced, belong where Signed-By says:
        #   install -m 644 {name}.pgp /{KeyringPath(name)}
        Types: deb deb-src
        URIs: {baseUri}
        Suites: {suite}
        Components: {component}
        Architectures: {string.Join(' ', architectures)}
        Signed-By: /{KeyringPath(name)}

        """;

    /// <summary>How a Release writes its dates.</summary>
    internal const string DateForm = "ddd, dd MMM yyyy HH:mm:ss 'UTC'";

    internal static string Utc(DateTimeOffset time) => time.ToUniversalTime().ToString(DateForm, CultureInfo.InvariantCulture);
}
