using System.Buffers.Binary;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Verification.Images;

/// <summary>Applies <see cref="ImageRules"/>.</summary>
public static class ImageChecker
{
    /// <summary>Checks the length of a module binary.</summary>
    public static void CheckModule(long length, string file, string? version, ICollection<Finding> findings)
    {
        if (length <= 0 || length % Image.Page != 0)
        {
            findings.Add(new(ImageRules.ModuleLength, $"the module has {length} bytes, want a positive multiple of {Image.Page}",
                new Location(file), version));
        }

        if (length > (long)Image.MaxModulePages * Image.Page)
        {
            findings.Add(new(ImageRules.ModulePages,
                $"the module has {length} bytes, the limit is {Image.MaxModulePages} pages ({Image.MaxModulePages * Image.Page} bytes)",
                new Location(file), version));
        }
    }

    private static string NoHeader(ReadOnlySpan<byte> bytes) =>
        bytes.Length < Image.Page ? $"the file has {bytes.Length} bytes, a header alone has {Image.Page}"
        : $"the version field is 0x{BinaryPrimitives.ReadUInt16LittleEndian(bytes):X4}, want 0x0100 or 0x0200";

    /// <summary>Checks the structure of an image by itself.</summary>
    /// <returns>True where nothing was found, so that the parts of the image may be taken.</returns>
    public static bool Check(ReadOnlySpan<byte> bytes, string file, string? version, ICollection<Finding> findings)
    {
        if (!Image.TryRead(bytes, out var image))
        {
            findings.Add(new(ImageRules.Header, NoHeader(bytes), new Location(file), version));
            return false;
        }

        var before = findings.Count;
        void Require(Rule rule, bool holds, string message)
        {
            if (!holds)
            {
                findings.Add(new(rule, message, new Location(file), version));
            }
        }

        var reserved = image.Reserved.IndexOfAnyExcept((byte)0);
        Require(ImageRules.Magic, image.Signature.SequenceEqual(Image.Magic),
            $"the signature is {Convert.ToHexStringLower(image.Signature)}, want \"TDX-BLOB\"");
        Require(ImageRules.Reserved, reserved < 0, $"byte {20 + reserved} is not zero");
        Require(ImageRules.Length, image.ClaimedLength == (ulong)bytes.Length,
            $"the file has {bytes.Length} bytes, its header says {image.ClaimedLength}");
        var placed = image.Format == ImageFormat.V2
            || (image.ModuleOffset >= 2 * Image.Page && image.ModuleOffset % Image.Page == 0 && image.ModuleOffset < (ulong)bytes.Length);
        Require(ImageRules.ModuleOffset, placed,
            $"the module offset is {image.ModuleOffset}, want a multiple of {Image.Page}, at least {2 * Image.Page}, inside the file");
        Require(ImageRules.SigstructPages, !placed || image.SigstructPages == Image.MaxSigstructPages,
            $"the image has {image.SigstructPages} sigstruct pages, want {Image.MaxSigstructPages}");
        Require(ImageRules.ModulePages, !placed || image.ModulePages is >= 1 and <= Image.MaxModulePages,
            $"the image has {image.ModulePages} module pages, want 1 to {Image.MaxModulePages}");
        var sum = ImageChecksum.Sum(bytes);
        Require(ImageRules.Checksum, sum == 0, $"the words add up to 0x{sum:X4}, want 0");
        if (findings.Count == before && SigstructLength(image.SigstructPart) is var length
            && image.SigstructPart[length..].ContainsAnyExcept((byte)0))
        {
            Require(ImageRules.Padding, holds: false, $"the sigstruct page is not zero behind byte {length}");
        }

        return findings.Count == before;
    }

    /// <summary>Checks that a structurally sound image is exactly the join of these parts.</summary>
    public static void CheckJoined(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> module, ReadOnlySpan<byte> sigstruct, string file,
        string? version, ICollection<Finding> findings)
    {
        if (!Image.TryRead(bytes, out var image))
        {
            return;
        }

        if (!image.SigstructPart[..Math.Min(sigstruct.Length, image.SigstructPart.Length)].SequenceEqual(sigstruct))
        {
            findings.Add(new(ImageRules.Joined, "the sigstruct in the image differs from the separate file", new Location(file), version));
        }

        var part = image.ModulePart;
        if (part.Length < module.Length || !part[..module.Length].SequenceEqual(module) || part[module.Length..].ContainsAnyExcept((byte)0))
        {
            findings.Add(new(ImageRules.Joined, "the module in the image differs from the separate file", new Location(file), version));
        }
    }

    /// <summary>The length that the sigstruct in an image names for itself, or that of Intel's layout where it names nonsense.</summary>
    public static int SigstructLength(ReadOnlySpan<byte> part)
    {
        var dwords = BinaryPrimitives.ReadUInt32LittleEndian(part[24..]);
        return dwords == SigstructLayout.SyntheticRsa4096.Length / 4 ? SigstructLayout.SyntheticRsa4096.Length
            : SigstructLayout.IntelRsa3072.Length;
    }
}
