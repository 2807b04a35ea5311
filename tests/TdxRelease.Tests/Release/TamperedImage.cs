using System.Buffers.Binary;
using System.Security.Cryptography;
using TdxRelease.Core.Json;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.Manifests;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Tests.Release;

/// <summary>What somebody does who holds the release key and not Intel's: images changed, and everything around them made to fit.</summary>
internal static class TamperedImage
{
    public static byte[] Change(byte[] image, string how)
    {
        var changed = image.ToArray();
        var module = changed.AsSpan(2 * Image.Page);
        var sigstruct = changed.AsSpan(Image.Page, Image.Page);
        switch (how)
        {
            case "sum":
                break;
            case "seamhash":
                SHA384.HashData(module).CopyTo(sigstruct[SigstructLayout.IntelRsa3072.Body..]);
                break;
            case "sign":
                Sign(sigstruct);
                break;
            case "v1":
                changed = ImageWriter.Join(module, sigstruct, ImageFormat.V1);
                break;
            default:
                throw new ArgumentException(how);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(2), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(2), unchecked((ushort)-ImageChecksum.Sum(changed)));
        return changed;
    }

    /// <summary>The manifest, saying of the image what its sigstruct says.</summary>
    public static Manifest Claim(Manifest manifest, string path, byte[] image) => manifest with
    {
        Modules = [.. manifest.Modules.Select(m => m.Image == path && Facts(m, image) is var facts
            ? m with { MrSeam = facts.MrSeam, Svn = facts.Svn, Cpus = facts.Cpus, Signer = facts.SignerSha384, KeyBits = facts.KeyBits,
                Debug = facts.IsDebug, Date = facts.Date!.Value }
            : m)],
    };

    /// <summary>Graph and steps as they follow from what the images say.</summary>
    public static IReadOnlyList<BundleFile> Plan(Manifest manifest, IReadOnlyDictionary<string, byte[]> files)
    {
        var mapping = MappingReader.Read(files[UpstreamLayout.Mapping], UpstreamLayout.Mapping, Strictness.Lenient, [])!;
        return GraphStage.Planning(
            mapping, [.. manifest.Modules.Select(m => Facts(m, files[m.Image]))],
            manifest.Files.ToDictionary(f => f.Path, StringComparer.Ordinal), manifest.Sequence, manifest.Created, manifest.Expires);
    }

    private static ModuleFacts Facts(ManifestModule module, byte[] image)
    {
        var sigstruct = image.AsMemory(Image.Page, ImageChecker.SigstructLength(image.AsSpan(Image.Page, Image.Page)));
        var input = new ModuleInput(module.Version, $"{module.Version}", new NamedBytes("m", image.AsMemory(2 * Image.Page)),
            new NamedBytes("s", sigstruct), null);
        return ModuleVerifier.Verify(input, SampleUpstream.Policy).Facts!;
    }

    // The release key in the place of Intel's, and its signature: as good as any, only nobody pinned the key.
    private static void Sign(Span<byte> sigstruct)
    {
        var layout = SigstructLayout.SyntheticRsa4096;
        var key = TestRelease.Signer;
        Put(key.PublicKey.Modulus.ToArray(), sigstruct.Slice(SigstructLayout.Modulus, layout.KeyLength));
        byte[] signed = [.. sigstruct[..SigstructLayout.HeaderLength], .. sigstruct.Slice(layout.Body, SigstructLayout.BodyLength)];
        Put(key.Sign(signed, HashAlgorithmName.SHA384), sigstruct.Slice(layout.Signature, layout.KeyLength));

        static void Put(byte[] bigEndian, Span<byte> field)
        {
            bigEndian.CopyTo(field);
            field.Reverse();
        }
    }
}
