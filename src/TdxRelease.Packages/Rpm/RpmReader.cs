using System.Security.Cryptography;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Rpm;

/// <summary>Reads rpm packages (format v4), trusting nothing in them.</summary>
public static class RpmReader
{
    /// <summary>Parses lead, signature header and main header; the payload stays compressed until it is asked for.</summary>
    /// <param name="file">The whole package.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static RpmPackage Read(ReadOnlyMemory<byte> file, string name)
    {
        RpmLead.Check(file.Span, name);
        var rest = file[RpmLead.Length..];
        var signature = RpmHeader.Parse(rest, RpmTag.HeaderSignatures, $"{name}: signature header");
        var end = signature.Raw.Length;
        var padding = RpmHeader.Padding(end, 8);
        if (end + padding > rest.Length || rest.Slice(end, padding).Span.ContainsAnyExcept((byte)0))
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: signature header: is not padded to 8 bytes with zeros");
        }

        rest = rest[(end + padding)..];
        var header = RpmHeader.Parse(rest, RpmTag.HeaderImmutable, $"{name}: main header");
        return new RpmPackage(name, RpmLead.IsSource(file.Span), file, signature, header, rest[header.Raw.Length..]);
    }
}

/// <summary>A parsed package whose digests are not yet checked: <see cref="RpmPackage.Verify"/> does that.</summary>
public sealed class RpmPackage
{
    private readonly string name;

    internal RpmPackage(string name, bool source, ReadOnlyMemory<byte> file, RpmHeader signature, RpmHeader header,
        ReadOnlyMemory<byte> payload)
    {
        this.name = name;
        IsSource = source;
        File = file;
        SignatureHeader = signature;
        Header = header;
        Payload = payload;
    }

    /// <summary>Whether it is a source package.</summary>
    public bool IsSource { get; }

    /// <summary>The whole package.</summary>
    public ReadOnlyMemory<byte> File { get; }

    /// <summary>The unsigned header with digests and signature.</summary>
    public RpmHeader SignatureHeader { get; }

    /// <summary>The main header; its <see cref="RpmHeader.Raw"/> is what <see cref="Signature"/> covers.</summary>
    public RpmHeader Header { get; }

    /// <summary>The compressed payload.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The OpenPGP signature packet over the main header, or null in an unsigned package.</summary>
    public ReadOnlyMemory<byte>? Signature =>
        SignatureHeader.Has(RpmTag.RsaHeader) ? SignatureHeader.Bytes(RpmTag.RsaHeader) : (ReadOnlyMemory<byte>?)null;

    /// <summary><c>name-version-release</c>.</summary>
    public string Nevr => $"{Header.Text(RpmTag.Name)}-{Header.Text(RpmTag.Version)}-{Header.Text(RpmTag.Release)}";

    /// <summary>Where the main header begins in the file.</summary>
    public int HeaderStart => File.Length - Payload.Length - Header.Raw.Length;

    /// <summary>What the package installs (or, of a source package, holds), as the header lists it.</summary>
    /// <exception cref="TdxException">Exit 3: lists of different lengths, folder indexes out of range, unsafe paths.</exception>
    public IReadOnlyList<RpmListedFile> Files => RpmFileList.Read(this, name);

    /// <summary>
    /// Checks the SHA-256 of the header and of the compressed payload, and the length the signature header tells. The OpenPGP signature is
    /// the caller's.
    /// </summary>
    /// <exception cref="TdxException">Exit 4: one differs; exit 3: one is missing.</exception>
    public void VerifyDigests()
    {
        Compare("header SHA-256", Hash(Header.Raw.Span), SignatureHeader.Text(RpmTag.Sha256Header));
        Compare("payload SHA-256", Hash(Payload.Span), Header.Text(RpmTag.PayloadSha256));
        Compare("payload digest algorithm", "8", $"{Header.Number(RpmTag.PayloadDigestAlgorithm)}");
        if (SignatureHeader.Has(RpmSignatureTag.Size))
        {
            Compare("length of header and payload", $"{(long)Header.Raw.Length + Payload.Length}",
                $"{SignatureHeader.Number(RpmSignatureTag.Size)}");
        }
    }

    /// <summary>
    /// Checks everything but the OpenPGP signature: <see cref="VerifyDigests"/>, then the payload against its digest and, file by file,
    /// against the header.
    /// </summary>
    /// <param name="limits">Bounds on the uncompressed payload.</param>
    /// <returns>The payload's members in their order.</returns>
    /// <exception cref="TdxException">Exit 4: a digest differs; exit 3: malformed, or header and payload tell different files.</exception>
    public IReadOnlyList<CpioEntry> Verify(ArchiveLimits? limits = null) => Unpack(out _, limits);

    private IReadOnlyList<CpioEntry> Unpack(out byte[] archive, ArchiveLimits? limits = null)
    {
        VerifyDigests();
        var compressor = Header.TextOrNull(RpmTag.PayloadCompressor) ?? "gzip";
        var kind = RpmPayload.KindOf(compressor) ?? throw Bad($"payload compressor \"{compressor}\", want gzip, xz or zstd");
        if (Header.TextOrNull(RpmTag.PayloadFormat) is { } format && format != "cpio")
        {
            throw Bad($"payload format \"{format}\", want cpio");
        }

        archive = Compressor.Decompress(Payload.Span, kind, $"{name}: payload", limits);
        if (Header.Has(RpmTag.PayloadSha256Uncompressed))
        {
            Compare("uncompressed payload SHA-256", Hash(archive), Header.Text(RpmTag.PayloadSha256Uncompressed));
        }

        var entries = CpioReader.Read(archive, $"{name}: payload");
        RpmFileList.Match(Files, entries, name);
        return entries;
    }

    /// <summary>
    /// As <see cref="Verify"/>, of a package whose parts that no signature covers are byte for byte those that <see cref="RpmWriter"/>
    /// writes: lead, signature header, padding, cpio headers.
    /// </summary>
    /// <exception cref="TdxException">As <see cref="Verify"/>; exit 3: another byte.</exception>
    public IReadOnlyList<CpioEntry> VerifyWritten()
    {
        var entries = Unpack(out var archive);
        var signature = RpmAssembler.Signature(Header.Raw.Span, Signature is { } packet ? packet.Span : default, Payload.Length,
            archive.Length);
        byte[] want = [.. RpmLead.Write(Nevr, IsSource), .. signature];
        var got = File.Span[..Math.Min(want.Length, File.Length)];
        if (!got.SequenceEqual(want))
        {
            throw Bad($"byte {got.CommonPrefixLength(want)}, in front of what is signed, is not the one that a release has");
        }

        var again = CpioWriter.Write(entries, IsSource ? "" : "./");
        return archive.AsSpan().SequenceEqual(again) ? entries
            : throw Bad($"payload: byte {archive.AsSpan().CommonPrefixLength(again)} is not the one that a release has");
    }

    internal TdxException Bad(string what) => new(ExitCode.BadInput, $"{name}: {what}");

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private void Compare(string what, string got, string want)
    {
        if (got != want)
        {
            throw new TdxException(ExitCode.VerificationFailed, $"{name}: {what} is {got}, the package says {want}");
        }
    }

    /// <summary>One kind of dependency.</summary>
    internal List<RpmDependency> Dependencies(RpmDependencyTags tags)
    {
        if (!Header.Has(tags.Names))
        {
            return [];
        }

        var (names, flags, versions) = (Header.Texts(tags.Names), Header.Numbers(tags.Flags), Header.Texts(tags.Versions));
        return names.Count == flags.Count && names.Count == versions.Count
            ? [.. names.Select((n, i) => new RpmDependency(n, unchecked((RpmSense)flags[i]), versions[i]))]
            : throw Bad($"{tags.Names}: {names.Count} names, {flags.Count} flags, {versions.Count} versions");
    }
}
