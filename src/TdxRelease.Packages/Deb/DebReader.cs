using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Deb;

/// <summary>A Debian package read back: what the audit and the apt index look at.</summary>
/// <param name="Control">The control file as it is.</param>
/// <param name="Fields">Its fields.</param>
/// <param name="ControlFiles">All files of the control member.</param>
public sealed record DebControl(string Control, IReadOnlyDictionary<string, string> Fields, IReadOnlyList<TarEntry> ControlFiles);

/// <summary>All of a package that has the form in which <see cref="DebWriter"/> writes it.</summary>
/// <param name="Control">The control member.</param>
/// <param name="Data">The installed files.</param>
/// <param name="Signed">What its origin signature is over: debian-binary, control and data member as they stand.</param>
/// <param name="Signature">The origin signature, a binary OpenPGP signature, or null.</param>
public sealed record DebContents(DebControl Control, IReadOnlyList<TarEntry> Data, ReadOnlyMemory<byte> Signed,
    ReadOnlyMemory<byte>? Signature);

/// <summary>Reads Debian packages that may be hostile.</summary>
public static class DebReader
{
    internal const string FormatMember = "debian-binary", OriginMember = "_gpgorigin";

    internal static ReadOnlySpan<byte> Format => "2.0\n"u8;

    /// <summary>The control member; the data member is not decompressed.</summary>
    /// <exception cref="TdxException">Exit 3: not a package of format 2.0, or damaged.</exception>
    public static DebControl ReadControl(ReadOnlyMemory<byte> deb, string name, ArchiveLimits? limits = null) =>
        Control(Members(deb, name)[1], name, limits, written: false);

    /// <summary>All of a package, which must be byte for byte what <see cref="DebWriter"/> makes of it, compression aside.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static DebContents ReadWritten(ReadOnlyMemory<byte> deb, string name, ArchiveLimits? limits = null)
    {
        var members = Members(deb, name);
        ArReader.RequireWritten(deb, members, name);
        var data = Unpack(members[2], name, (limits ?? ArchiveLimits.Default) with { Links = true }, written: true);
        byte[] signed = [.. members.Take(3).SelectMany(m => m.Content.ToArray())];
        return new DebContents(Control(members[1], name, limits, written: true), data, signed,
            members.Count > 3 ? members[3].Content : (ReadOnlyMemory<byte>?)null);
    }

    private static DebControl Control(ArMember member, string name, ArchiveLimits? limits, bool written)
    {
        var files = Unpack(member, name, limits, written);
        var control = files.FirstOrDefault(f => f.Path == "control") ?? throw ArchiveErrors.InArchive(name, "has no control file");
        var text = Deb822.Text(control.Content.Span, $"{name}: control");
        var stanzas = Deb822.Parse(text, $"{name}: control");
        return stanzas.Count == 1
            ? new DebControl(text, stanzas[0], files)
            : throw ArchiveErrors.InArchive(name, $"the control file has {stanzas.Count} paragraphs, want one");
    }

    private static IReadOnlyList<TarEntry> Unpack(ArMember member, string name, ArchiveLimits? limits, bool written)
    {
        var place = $"{name}: {member.Name}";
        var tar = Compressor.Decompress(member.Content.Span, Compressor.KindOf(member.Name), place, limits);
        var entries = TarReader.Read(tar, place, limits);
        if (written)
        {
            CanonicalTar.Require(tar, place, TarHeaderFormat.Gnu);
        }

        return entries;
    }

    private static IReadOnlyList<ArMember> Members(ReadOnlyMemory<byte> deb, string name)
    {
        var members = ArReader.Read(deb, name);
        if (members.Count is not (3 or 4)
            || members[0].Name != FormatMember
            || !IsTar(members[1].Name, "control.tar")
            || !IsTar(members[2].Name, "data.tar")
            || (members.Count == 4 && members[3].Name != OriginMember))
        {
            throw ArchiveErrors.InArchive(name,
                $"holds {string.Join(", ", members.Take(5).Select(m => m.Name))}, "
                + $"want debian-binary, control.tar and data.tar, and {OriginMember} where it is signed");
        }

        var format = members[0].Content.Span;
        return format.SequenceEqual(Format)
            ? members
            : throw ArchiveErrors.InArchive(name,
                $"is of format \"{SafePath.Printable(Encoding.Latin1.GetString(format[..Math.Min(8, format.Length)]))}\", want 2.0");
    }

    private static bool IsTar(string member, string stem) =>
        member == stem || (member.StartsWith(stem, StringComparison.Ordinal) && member[stem.Length..] is ".gz" or ".xz" or ".zst");
}
