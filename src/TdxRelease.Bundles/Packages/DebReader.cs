using System.Text;
using TdxRelease.Bundles.Archives;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Packages;

/// <summary>A Debian package read back: what the audit and the apt index look at.</summary>
/// <param name="Control">The control file as it is.</param>
/// <param name="Fields">Its fields.</param>
/// <param name="ControlFiles">All files of the control member.</param>
public sealed record DebControl(string Control, IReadOnlyDictionary<string, string> Fields, IReadOnlyList<TarEntry> ControlFiles);

/// <summary>Reads Debian packages that may be hostile.</summary>
public static class DebReader
{
    /// <summary>The control member; the data member is not decompressed.</summary>
    /// <exception cref="TdxException">Exit 3: not a package of format 2.0, or damaged.</exception>
    public static DebControl ReadControl(ReadOnlyMemory<byte> deb, string name, ArchiveLimits? limits = null)
    {
        var files = Unpack(Members(deb, name)[1], name, limits);
        var control = files.FirstOrDefault(f => f.Path == "control") ?? throw ArchiveErrors.Whole(name, "has no control file");
        var text = Deb822.Text(control.Content.Span, $"{name}: control");
        var stanzas = Deb822.Parse(text, $"{name}: control");
        return stanzas.Count == 1
            ? new DebControl(text, stanzas[0], files)
            : throw ArchiveErrors.Whole(name, $"the control file has {stanzas.Count} paragraphs, want one");
    }

    /// <summary>The installed files.</summary>
    /// <param name="deb">The package.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="memo">What was decompressed before, or null.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static IReadOnlyList<TarEntry> ReadData(ReadOnlyMemory<byte> deb, string name, ArchiveLimits? limits = null, ContentMemo? memo = null) =>
        Unpack(Members(deb, name)[2], name, (limits ?? ArchiveLimits.Default) with { Links = true }, memo);

    private static IReadOnlyList<TarEntry> Unpack(ArMember member, string name, ArchiveLimits? limits, ContentMemo? memo = null)
    {
        var place = $"{name}: {member.Name}";
        var tar = (memo ?? ContentMemo.None).Decompress(member.Content, Compressor.KindOf(member.Name), place, limits);
        return TarReader.Read(tar, place, limits);
    }

    private static IReadOnlyList<ArMember> Members(ReadOnlyMemory<byte> deb, string name)
    {
        var members = ArReader.Read(deb, name);
        if (members.Count != 3 || members[0].Name != "debian-binary" || !IsTar(members[1].Name, "control.tar") || !IsTar(members[2].Name, "data.tar"))
        {
            throw ArchiveErrors.Whole(name, $"holds {string.Join(", ", members.Take(5).Select(m => m.Name))}, want debian-binary, control.tar and data.tar");
        }

        var format = members[0].Content.Span;
        return format.SequenceEqual("2.0\n"u8)
            ? members
            : throw ArchiveErrors.Whole(name, $"is of format \"{Files.SafePath.Printable(Encoding.Latin1.GetString(format[..Math.Min(8, format.Length)]))}\", want 2.0");
    }

    private static bool IsTar(string member, string stem) =>
        member == stem || (member.StartsWith(stem, StringComparison.Ordinal) && member[stem.Length..] is ".gz" or ".xz" or ".zst");
}
