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

/// <summary>Signed apt repositories: pool, Packages, Release, InRelease, by-hash, key and <c>.sources</c>.</summary>
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
    /// <param name="packages">New <c>.deb</c> files.</param>
    /// <param name="signer">Signs Release; must also have signed what exists.</param>
    /// <param name="existing">The old state, from <see cref="RepositoryFolder.Read"/>.</param>
    public static IReadOnlyDictionary<string, byte[]> Build(
        AptRepositoryOptions options, IReadOnlyList<RepositoryPackage> packages, IOpenPgpSigner signer,
        IReadOnlyDictionary<string, byte[]> existing)
    {
        options.Require();
        var verifier = new OpenPgpVerifier(OpenPgpCertificate.Parse(signer.Certificate), options.Time);
        var files = existing.Count == 0 ? new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
            : AptState.Verify(RepositoryChecksums.Without(existing), options.Name, options.Suite, verifier);
        RepositoryChecksums.RequireIntact(existing, verifier);
        foreach (var package in packages)
        {
            AddToPool(files, options, package);
        }

        AddIndices(files, options, signer);
        files[$"{options.Name}.pgp"] = signer.Certificate;
        files[$"{options.Name}.sources"] = Encoding.UTF8.GetBytes(Sources(options, signer));
        RepositoryChecksums.Add(files, signer, options.Time);
        return files;
    }

    private static void AddToPool(SortedDictionary<string, byte[]> files, AptRepositoryOptions options, RepositoryPackage package)
    {
        SafePath.Require(package.FileName);
        var control = DebReader.ReadControl(package.Content, package.FileName).Fields;
        var name = Deb822.Require(control, "Package", package.FileName);
        var want = $"{name}_{Deb822.Require(control, "Version", package.FileName)}_{Deb822.Require(control, "Architecture", package.FileName)}.deb";
        if (package.FileName != want)
        {
            throw new TdxException(ExitCode.BadInput, $"package file \"{package.FileName}\": its control file says \"{want}\"");
        }

        var path = $"pool/{options.Component}/{(name.StartsWith("lib", StringComparison.Ordinal) ? name[..Math.Min(4, name.Length)] : name[..1])}/{name}/{want}";
        if (files.TryGetValue(path, out var old) && !package.Content.Span.SequenceEqual(old))
        {
            throw new TdxException(ExitCode.Refused, $"\"{want}\" is published with other content",
                "a published version never changes: raise the revision");
        }

        files[path] = package.Content.ToArray();
    }

    private static void AddIndices(SortedDictionary<string, byte[]> files, AptRepositoryOptions options, IOpenPgpSigner signer)
    {
        var packages = Encoding.UTF8.GetBytes(Packages(files));
        var gz = Compressor.Compress(packages, Compression.Gzip);
        var xz = Compressor.Available(CompressionKind.Xz) ? Compressor.Compress(packages, Compression.Xz) : null;
        var indices = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);

        // Packages of architecture "all" stand in every index; the Release says so and clients fetch only their own.
        foreach (var architecture in Indexed(options))
        {
            var stem = $"{options.Component}/binary-{architecture}/Packages";
            indices[stem] = packages;
            indices[$"{stem}.gz"] = gz;
            if (xz is not null)
            {
                indices[$"{stem}.xz"] = xz;
            }
        }

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

    private static string Packages(SortedDictionary<string, byte[]> files)
    {
        var text = new StringBuilder();
        foreach (var (path, content) in files.Where(f => f.Key.StartsWith("pool/", StringComparison.Ordinal)))
        {
            var control = DebReader.ReadControl(content, path).Control.TrimEnd('\n');

            // The description is long text and stays last, as apt-ftparchive has it.
            var at = control.IndexOf("\nDescription:", StringComparison.Ordinal);
            var (head, tail) = at < 0 ? (control, "") : (control[..at], control[at..]);
            text.Append(CultureInfo.InvariantCulture, $"{head}\nFilename: {path}\nSize: {content.Length}\n");
            text.Append(CultureInfo.InvariantCulture, $"SHA256: {Convert.ToHexStringLower(SHA256.HashData(content))}\n");
            text.Append(CultureInfo.InvariantCulture, $"SHA512: {Convert.ToHexStringLower(SHA512.HashData(content))}{tail}\n\n");
        }

        return text.ToString();
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

    // The key stands in the file itself (apt 2.3.10 and later), so that one file is all a user copies.
    private static string Sources(AptRepositoryOptions options, IOpenPgpSigner signer) =>
        Sources(options.BaseUri, options.Suite, options.Component, options.Architectures, signer.Certificate);

    /// <summary>The deb822 .sources file, with the certificate inside.</summary>
    public static string Sources(string baseUri, string suite, string component, IEnumerable<string> architectures, byte[] certificate)
    {
        var key = Armor.Encode(Armor.PublicKey, certificate).TrimEnd('\n').Split('\n').Select(l => l.Length == 0 ? " ." : $" {l}");
        return $"Types: deb\nURIs: {baseUri}\nSuites: {suite}\nComponents: {component}\nArchitectures: {string.Join(' ', architectures)}\nSigned-By:\n{string.Join('\n', key)}\n";
    }

    /// <summary>How a Release writes its dates.</summary>
    internal const string DateForm = "ddd, dd MMM yyyy HH:mm:ss 'UTC'";

    internal static string Utc(DateTimeOffset time) => time.ToUniversalTime().ToString(DateForm, CultureInfo.InvariantCulture);
}
