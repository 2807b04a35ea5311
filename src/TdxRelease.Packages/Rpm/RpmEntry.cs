using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>One file of a package, as both header and payload tell it.</summary>
/// <param name="Path">Without leading slash; in source packages the bare name.</param>
/// <param name="Mode">Mode with type bits.</param>
/// <param name="Content">The bytes; of a link, the target.</param>
/// <param name="LinkTarget">Empty unless it is a symbolic link.</param>
/// <param name="Flags">What it is for.</param>
internal sealed record RpmEntry(string Path, int Mode, ReadOnlyMemory<byte> Content, string LinkTarget, RpmFileFlags Flags)
{
    private const int RegularFile = 0x8000;
    private const int Directory = 0x4000;
    private const int SymbolicLink = 0xA000;

    public bool IsRegular => (Mode & 0xF000) == RegularFile;

    public string Digest => IsRegular ? Convert.ToHexStringLower(SHA256.HashData(Content.Span)) : "";

    public static RpmEntry Folder(string path) => new(path, Directory | 0x1ED, default, "", RpmFileFlags.None);

    public static RpmEntry From(PackageFile file)
    {
        SafePath.Require(file.Path);
        if (file.IsFolder)
        {
            return Folder(file.Path);
        }

        if (file.LinkTarget is { } target)
        {
            return new RpmEntry(file.Path, SymbolicLink | 0x1FF, Encoding.UTF8.GetBytes(target), target, Flag(file.Role));
        }

        return (file.Mode & ~0x1FF) == 0
            ? new RpmEntry(file.Path, RegularFile | file.Mode, file.Content, "", Flag(file.Role))
            : throw new TdxException(ExitCode.BadInput,
                $"\"{file.Path}\": mode {Convert.ToString(file.Mode, 8)} is more than permission bits");
    }

    /// <summary>A file of a source package.</summary>
    public static RpmEntry Source(string name, ReadOnlyMemory<byte> content, RpmFileFlags flags) =>
        new(name, RegularFile | 0x1A4, content, "", flags);

    private static RpmFileFlags Flag(FileRole role) => role switch
    {
        FileRole.License => RpmFileFlags.License,
        FileRole.Documentation => RpmFileFlags.Documentation,
        FileRole.Configuration => RpmFileFlags.Config | RpmFileFlags.NoReplace,
        _ => RpmFileFlags.None,
    };
}
