using System.Globalization;
using TdxRelease.Archives.Codecs;
using TdxRelease.Archives.Tar;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>
/// Whether a tar is byte for byte what <see cref="TarWriter"/> makes of its entries:
/// one time for all, root as owner, the modes that are used here, no extended
/// attributes, no padding but the format's own. What a release claims to be
/// is held to that, so that nothing rides along which no signature covers.
/// </summary>
public static class CanonicalTar
{
    private static readonly (int Offset, string Name)[] Fields =
    [
        (TarHeader.Name, "name"), (TarHeader.Mode, "mode"), (TarHeader.Uid, "owner"), (TarHeader.Gid, "group"), (TarHeader.Size, "size"),
        (TarHeader.Time, "time"),
        (TarHeader.Type, "type"), (TarHeader.Link, "link target"), (TarHeader.Magic, "format"), (TarHeader.User, "owner's name"),
        (TarHeader.Group, "group's name"),
        (TarHeader.DeviceMajor, "device number"), (TarHeader.Prefix, "name"),
    ];

    /// <summary>Writes each header again and compares.</summary>
    /// <param name="archive">An archive that <see cref="TarReader"/> accepts.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="format">Form of the headers.</param>
    /// <exception cref="TdxException">Exit 3: the first header, or the end, that is another.</exception>
    public static void Require(ReadOnlyMemory<byte> archive, string name, TarHeaderFormat format)
    {
        var input = TarInput.Of(archive);
        var blocks = new TarBlocks(input);
        DateTimeOffset? time = null;
        while (blocks.Next() is { } member)
        {
            if (member.Time < 0)
            {
                throw ArchiveErrors.Entry(name, member.Path, "has a time that no release has");
            }

            time ??= DateTimeOffset.FromUnixTimeSeconds(member.Time);
            var got = archive.Span[(int)member.Start..(int)input.Offset];
            var want = Headers(member, time.Value, format, name);
            if (!got.SequenceEqual(want))
            {
                throw Differs(name, member, got, want);
            }
        }

        if (archive.Length - blocks.End is var end && end != TarWriter.EndLength(blocks.End, format))
        {
            throw ArchiveErrors.At(name, blocks.End, $"ends in {end} zeros, want {TarWriter.EndLength(blocks.End, format)}");
        }
    }

    /// <summary>
    /// As above, of a compressed archive's own header: what is read by no extractor and covered by no signature is the writer's.
    /// </summary>
    /// <param name="file">The compressed archive.</param>
    /// <param name="kind">How it is compressed.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="TdxException">Exit 3: a gzip header with a name, a comment or a time.</exception>
    public static void RequireFrame(ReadOnlySpan<byte> file, CompressionKind kind, string name)
    {
        if (kind == CompressionKind.Gzip)
        {
            Gzip.RequireWritten(file, name);
        }
    }

    private static byte[] Headers(TarMember member, DateTimeOffset time, TarHeaderFormat format, string name)
    {
        var prefix = member.Path.StartsWith("./", StringComparison.Ordinal) ? "./" : "";
        var path = member.Path[prefix.Length..].TrimEnd('/');
        using var output = new MemoryStream();
        var writer = new TarWriter(output, time, prefix, format);
        if (path.Length == 0)
        {
            writer.WriteRoot();
            return output.ToArray();
        }

        var entry = member.Type switch
        {
            TarMember.Folder => TarEntry.Folder(path),
            TarMember.SymbolicLink => TarEntry.Link(path, member.Link),
            _ => new TarEntry(path, default, member.Mode),
        };
        if (entry.Mode != member.Mode || (entry.Kind == TarEntryKind.File && member.Mode is not (TarEntry.FileMode or TarEntry.FolderMode)))
        {
            throw ArchiveErrors.Entry(name, path,
                $"has mode {Octal(member.Mode)}, want {(entry.Kind == TarEntryKind.File ? "644 or 755" : Octal(entry.Mode))}");
        }

        writer.WriteHeaders(entry, member.Size);
        return output.ToArray();
    }

    private static TdxException Differs(string name, TarMember member, ReadOnlySpan<byte> got, ReadOnlySpan<byte> want)
    {
        var at = 0;

        // The checksum follows from the others.
        while (at < Math.Min(got.Length, want.Length)
            && (got[at] == want[at] || at % TarHeader.Block is >= TarHeader.Checksum and < TarHeader.Type))
        {
            at++;
        }

        var field = got.Length != want.Length ? "extended header" : Fields.Last(f => f.Offset <= at % TarHeader.Block).Name;
        return ArchiveErrors.Entry(name, member.Path,
            $"its {field}, at offset {(member.Start + at).ToString(CultureInfo.InvariantCulture)}, is not the one that a release has");
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8);
}
