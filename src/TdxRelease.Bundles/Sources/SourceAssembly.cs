using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Packages;

namespace TdxRelease.Bundles.Sources;

/// <summary>The parts that the fetch-at-build forms share: the carried archive, the checksum list, and POSIX sh that makes the images.</summary>
internal static class SourceAssembly
{
    /// <summary>The source archive: a gzip-compressed tar with one top folder <c>NAME-VERSION</c>.</summary>
    public static byte[] Archive(SourceForm form, SourceVariant variant)
    {
        var top = $"{form.Spec.Name}-{form.Spec.Version}";
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar, form.Spec.Time);
        foreach (var entry in TarTree.Complete([TarEntry.Folder(top), .. form.Carried(variant).Select(f => PackageTree.Entry(f with { Path = $"{top}/{f.Path}" }))]))
        {
            writer.Write(entry);
        }

        writer.End();
        return Compressor.Compress(tar.ToArray(), Compression.Gzip);
    }

    /// <summary>Lines of <c>sha256sum -c</c> for upstream's files.</summary>
    public static IEnumerable<string> FetchedSums(SourceForm form, Func<UpstreamFile, string> name) =>
        form.UpstreamFiles.Select(f => $"{f.Sha256}  {name(f)}");

    /// <summary>Lines of <c>sha256sum -c</c> for every installed file.</summary>
    public static IEnumerable<string> InstalledSums(SourceForm form, Func<string, string> place) =>
        PackageTree.AtLicenseFolder(form.Spec).Where(f => f.IsRegular).OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => $"{Convert.ToHexStringLower(SHA256.HashData(f.Content.Span))}  {place(f.Path)}");

    /// <summary>Commands that make one installed file from the fetched ones.</summary>
    /// <param name="recipe">What it is made of.</param>
    /// <param name="target">Path of the file to make, as a shell word.</param>
    /// <param name="fetched">Path of a fetched file, as a shell word.</param>
    public static IEnumerable<string> Commands(SourceRecipe recipe, string target, Func<UpstreamFile, string> fetched)
    {
        yield return $"mkdir -p {target[..target.LastIndexOf('/')]}";
        if (recipe.Header.IsEmpty)
        {
            yield return $"cat {fetched(recipe.Parts[0])} > {target}";
            yield break;
        }

        yield return $"printf '{Octal(recipe.Header.Span)}' > {target}";
        yield return $"truncate -s %{SourceForm.Page} {target}";
        foreach (var part in recipe.Parts)
        {
            yield return $"cat {fetched(part)} >> {target}";
            yield return $"truncate -s %{SourceForm.Page} {target}";
        }
    }

    private static string Octal(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes.TrimEnd((byte)0))
        {
            // printf's \ooo is the only escape for bytes that POSIX has.
            text.Append(CultureInfo.InvariantCulture, $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}");
        }

        return text.ToString();
    }
}
