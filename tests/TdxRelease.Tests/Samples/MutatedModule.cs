using System.Buffers.Binary;
using System.Security.Cryptography;
using TdxRelease.Samples;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Samples;

/// <summary>
/// A module of the sample, changed and then made whole again: hash, signature, join and checksum are redone,
/// so that each negative test fails for its own reason and not for the first one in the way.
/// </summary>
internal sealed class MutatedModule
{
    private readonly ModuleInput original;
    private readonly SampleRelease release;
    private byte[] module;
    private byte[] sigstruct;
    private byte[]? image;

    private MutatedModule(SampleRelease release)
    {
        this.release = release;
        original = SampleUpstream.Module(release);
        module = original.Module.Bytes.ToArray();
        sigstruct = original.Sigstruct.Bytes.ToArray();
        image = original.Image!.Value.Bytes.ToArray();
    }

    /// <summary>Starts from a release of the sample.</summary>
    public static MutatedModule Of(string version) => new(SampleUpstream.Releases.Single(r => r.Version.ToString() == version));

    public SigstructLayout Layout => SigstructLayout.OfLength(sigstruct.Length) ?? SigstructLayout.IntelRsa3072;

    public MutatedModule Sigstruct(int offset, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(sigstruct.AsSpan(offset));
        return this;
    }

    public MutatedModule SigstructU32(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(sigstruct.AsSpan(offset), value);
        return this;
    }

    public MutatedModule ReplaceSigstruct(byte[] bytes)
    {
        sigstruct = bytes;
        return this;
    }

    public MutatedModule Module(int offset, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(module.AsSpan(offset));
        return this;
    }

    public MutatedModule ResizeModule(int length)
    {
        Array.Resize(ref module, length);
        return this;
    }

    public MutatedModule ReplaceModule(byte[] bytes)
    {
        module = bytes;
        return this;
    }

    public MutatedModule Image(int offset, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(image.AsSpan(offset));
        return this;
    }

    public MutatedModule ResizeImage(int length)
    {
        Array.Resize(ref image, length);
        return this;
    }

    public MutatedModule WithoutImage()
    {
        image = null;
        return this;
    }

    /// <summary>SEAMHASH of the module as it is now.</summary>
    public MutatedModule Rehash()
    {
        SHA384.HashData(module, sigstruct.AsSpan(Layout.Body, SHA384.HashSizeInBytes));
        return this;
    }

    /// <summary>Signs with the key that the release was signed with, or with another.</summary>
    public MutatedModule Resign(RSA? key = null)
    {
        SampleSigstruct.Sign(sigstruct, key ?? (release.Rsa4096 ? SampleKeys.Rsa4096 : SampleKeys.Rsa3072));
        return this;
    }

    /// <summary>Joins the parts as they are now.</summary>
    public MutatedModule Rejoin(ImageFormat? format = null)
    {
        image = ImageWriter.Join(module, sigstruct, format ?? release.Format);
        return this;
    }

    /// <summary>Brings the image's words to zero again.</summary>
    public MutatedModule Recheck()
    {
        image.AsSpan(2, 2).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(2), unchecked((ushort)-ImageChecksum.Sum(image)));
        return this;
    }

    /// <summary>The module under its own version, or claiming another.</summary>
    public ModuleInput Build(string? version = null)
    {
        var claimed = version is null ? release.Version : ModuleVersion.Parse(version);
        return original with
        {
            Version = claimed,
            Spelling = claimed.ToString(),
            Module = original.Module with { Bytes = module },
            Sigstruct = original.Sigstruct with { Bytes = sigstruct },
            Image = image is null ? null : original.Image!.Value with { Bytes = image },
        };
    }
}
