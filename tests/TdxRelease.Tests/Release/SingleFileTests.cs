using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Tests.Acquisition;

namespace TdxRelease.Tests.Release;

/// <summary>
/// One file audited alone, with nothing but the maintainer's RSA key: everything in it is vouched for, or the audit fails.
/// </summary>
public sealed class SingleFileTests(AuditSample sample) : IClassFixture<AuditSample>
{
    [Theory]
    [InlineData(".deb", "for the package's own files vouches its origin signature (debsigs)")]
    [InlineData(".rpm", "for the package's own files vouches its header signature")]
    [InlineData(".pkg.tar.zst", "for the package's own files vouches the signature ")]
    [InlineData(".tar.gz", "the archive is byte for byte the one that the manifest gives")]
    public void A_good_file_passes_with_the_key_alone_and_says_what_vouches_for_it(string ending, string reason)
    {
        var (name, bytes) = File(ending);
        var report = Audit(name, bytes, ending == ".pkg.tar.zst" ? sample.Output[Path.Combine("packages", $"{name}.sig")] : null);
        Assert.True(report.Passed, string.Join('\n', report.Findings));
        var unchanged = report.Answers.Single(a => a.Id == AuditQuestion.Unchanged);
        Assert.Equal(AuditVerdict.Yes, unchanged.Verdict);
        Assert.Contains(reason, unchanged.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_a_release_that_a_signature_vouches_for_is_remembered(bool signed)
    {
        using var temp = new TempFolder();
        SmallUpstream.Write(temp["bundle"], sample.Bundle.Where(f => signed || f.Key != Manifest.SignatureName));
        foreach (var key in signed ? [TestRelease.Signer.PublicKey] : (RsaPublicKey?[])[TestRelease.Signer.PublicKey, null])
        {
            var report = AuditStage.Run(new AuditRequest(temp["bundle"], key, SampleUpstream.Policy, sample.Created.AddDays(3),
                temp["seen.json"], AllowExpired: false, AllowUnsigned: true));
            Assert.True(report.Passed, string.Join('\n', report.Findings));
            Assert.Equal(signed ? AuditVerdict.Yes : AuditVerdict.Unknown,
                report.Answers.Single(a => a.Id == AuditQuestion.Published).Verdict);
            Assert.Equal(signed ? [sample.Manifest.Sequence] : [],
                AcceptedReleases.Parse(System.IO.File.ReadAllBytes(temp["seen.json"]), "s").Releases.Select(r => r.Sequence));
        }
    }

    [Theory]
    [InlineData("apt")]
    [InlineData("dnf")]
    [InlineData("pacman")]
    public void A_repository_audited_with_a_certificate_alone_does_not_say_who_published_it(string repository)
    {
        using var temp = new TempFolder();
        SmallUpstream.Write(temp.Path, sample.Output.Where(f => f.Key.StartsWith($"{repository}/", StringComparison.Ordinal)));
        var report = AuditStage.Run(new AuditRequest(temp[repository], null, SampleUpstream.Policy, sample.Created.AddDays(3),
            temp["seen.json"], AllowExpired: false, AllowUnsigned: true)
        { Keyring = TestRelease.Keyring });
        Assert.True(report.Passed, string.Join('\n', report.Findings));
        Assert.Equal(AuditVerdict.Unknown, report.Answers.Single(a => a.Id == AuditQuestion.Published).Verdict);
        Assert.Empty(AcceptedReleases.Parse(System.IO.File.ReadAllBytes(temp["seen.json"]), "s").Releases);
    }

    [Theory]
    [InlineData("postinst")]
    [InlineData("cron")]
    [InlineData("name")]
    [InlineData("nothing")]
    public void A_Debian_package_that_somebody_packed_again_is_refused(string change)
    {
        var (name, bytes) = File(".deb");
        foreach (var keepSignature in (bool[])[true, false])
        {
            var deb = Repack(bytes, change, keepSignature);
            Assert.NotNull(DebReader.ReadWritten(deb, name));
            Failed(Audit(name, deb), keepSignature && change == "nothing" ? [] : keepSignature ? ["AUD-011", "AUD-013"] : ["AUD-013"]);
        }
    }

    [Theory]
    [InlineData(".INSTALL")]
    [InlineData("usr/share/libalpm/hooks/x.hook")]
    [InlineData(null)]
    public void An_Arch_package_without_its_signature_is_refused(string? added)
    {
        var (name, bytes) = File(".pkg.tar.zst");
        var package = ArchReader.ReadWritten(bytes, name);
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar, sample.Created);
        TarEntry[] more = added is null ? [] : [new TarEntry(added, "post_install() { id; }\n"u8.ToArray())];
        foreach (var entry in package.Metadata.Concat(package.Content).Concat(more))
        {
            writer.Write(entry);
        }

        writer.End();
        var packed = Compressor.Compress(tar.ToArray(), new Compression(CompressionKind.Zstd, 3));
        Failed(Audit(name, packed), ["AUD-013"]);
        Failed(Audit(name, packed, sample.Output[Path.Combine("packages", $"{name}.sig")]), ["AUD-011", "AUD-013"]);
        Assert.Contains("no signature covers the package's own files",
            Audit(name, packed).Findings.Single(f => f.Rule == AuditRules.Uncovered).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_of_an_Arch_package_stands_alone()
    {
        var (name, bytes) = File(".pkg.tar.zst");
        var signature = sample.Output[Path.Combine("packages", $"{name}.sig")];
        Failed(Audit(name, bytes, [.. signature, .. signature]), ["AUD-011", "AUD-013"]);
        Failed(Audit(name, bytes, [.. signature, 0]), ["AUD-011", "AUD-013"]);

        // The issuer's id stands where no signature reaches: anyone could change it.
        var other = signature.ToArray();
        other[other.AsSpan().LastIndexOf(Convert.FromHexString(Signer.Fingerprint).AsSpan(12))] ^= 1;
        Assert.True(new RsaOpenPgpVerifier(TestRelease.Signer.PublicKey, Now).VerifyDetached(bytes, other).IsGood);
        Failed(Audit(name, bytes, other), ["AUD-011", "AUD-013"]);
    }

    [Fact]
    public void Every_byte_in_front_of_what_an_rpm_signs_is_looked_at()
    {
        var (name, bytes) = File(".rpm");
        var end = RpmReader.Read(bytes, name).HeaderStart;
        Assert.NotEmpty(RpmReader.Read(bytes, name).VerifyWritten());
        var verifier = new RsaOpenPgpVerifier(TestRelease.Signer.PublicKey, Now);
        for (var at = 0; at < end; at++)
        {
            var bad = bytes.ToArray();
            bad[at] ^= 1;
            var findings = new List<Finding>();
            try
            {
                Assert.Null(Containers.Open(name, bad, null, verifier, findings).CoveredBy);
                Assert.NotEmpty(findings);
            }
            catch (TdxException e)
            {
                Assert.True(e.Code is ExitCode.BadInput or ExitCode.VerificationFailed, e.Message);
            }
        }
    }

    [Theory]
    [InlineData("GNU.sparse.name", "1.5.16")]
    [InlineData("SCHILY.xattr.user.x", "y")]
    public void A_bundle_with_a_record_that_extractors_read_differently_is_refused(string key, string value)
    {
        var (name, bytes) = File(".tar.gz");
        var tar = Compressor.Decompress(bytes, CompressionKind.Gzip, name);
        Failed(Audit(name, Compressor.Compress([.. RawTar.Pax('x', (key, value)), .. tar], Compression.Gzip)), ["AUD-009"]);
    }

    [Fact]
    public void A_bundle_in_another_order_under_another_name_or_of_another_time_is_refused()
    {
        var (name, bytes) = File(".tar.gz");
        var entries = TarReader.Read(Compressor.Decompress(bytes, CompressionKind.Gzip, name), name);
        Failed(Audit(name, Packed(entries, sample.Created)), []);
        Failed(Audit(name, Packed(entries, sample.Created.AddSeconds(1))), ["AUD-009"]);
        Failed(Audit(name, Packed(entries.Select(e => e with { Path = $"x{e.Path}" }), sample.Created)), ["AUD-009"]);
        Failed(Audit(name, Packed([.. entries.Take(1), .. entries.Skip(1).Reverse()], sample.Created)), ["AUD-009"]);
        Failed(Audit(name, Packed(entries.Select(e => e.Kind == TarEntryKind.File ? e with { Mode = TarEntry.FolderMode } : e),
            sample.Created)), ["AUD-009"]);

        static byte[] Packed(IEnumerable<TarEntry> entries, DateTimeOffset time)
        {
            using var tar = new MemoryStream();
            var writer = new TarWriter(tar, time);
            entries.ToList().ForEach(writer.Write);
            writer.End();
            return Compressor.Compress(tar.ToArray(), Compression.Gzip);
        }
    }

    private static OpenPgpSigner Signer =>
        new(TestRelease.Signer, OpenPgpCertificate.Parse(System.IO.File.ReadAllBytes(TestRelease.CertificatePath)));

    private DateTimeOffset Now => sample.Created.AddDays(3);

    private (string Name, byte[] Bytes) File(string ending)
    {
        var (path, bytes) = sample.Output.Single(f => f.Key.EndsWith(ending, StringComparison.Ordinal)
            && f.Key.IndexOf('/', StringComparison.Ordinal) == f.Key.LastIndexOf('/')
            && !f.Key.StartsWith("sources/", StringComparison.Ordinal) && !f.Key.StartsWith("pacman/", StringComparison.Ordinal));
        return (Path.GetFileName(path), bytes);
    }

    private AuditReport Audit(string name, byte[] bytes, byte[]? signature = null)
    {
        var folder = Directory.CreateTempSubdirectory("single-").FullName;
        try
        {
            System.IO.File.WriteAllBytes(Path.Combine(folder, name), bytes);
            if (signature is not null)
            {
                System.IO.File.WriteAllBytes(Path.Combine(folder, $"{name}.sig"), signature);
            }

            return AuditStage.Run(
                new AuditRequest(Path.Combine(folder, name), TestRelease.Signer.PublicKey, SampleUpstream.Policy, Now, null,
                    AllowExpired: false, AllowUnsigned: false));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Failed(AuditReport report, string[] rules) =>
        Assert.Equal(rules, report.Findings.Where(f => f.Fails).Select(f => f.Rule.Id).Distinct().Order(StringComparer.Ordinal));

    private byte[] Repack(byte[] deb, string change, bool keepSignature)
    {
        var contents = DebReader.ReadWritten(deb, "x.deb");
        var control = contents.Control.ControlFiles.ToList();
        var data = contents.Data.ToList();
        if (change == "name")
        {
            var at = control.FindIndex(f => f.Path == "control");
            control[at] = control[at] with
            {
                Content = Encoding.UTF8.GetBytes(
                contents.Control.Control.Replace("Package: ", "Package: x", StringComparison.Ordinal))
            };
        }
        else if (change == "postinst")
        {
            control.RemoveAll(e => e.Path == "postinst");
            control.Add(new TarEntry("postinst", "#!/bin/sh\nid\n"u8.ToArray(), TarEntry.FolderMode));
        }
        else if (change == "cron")
        {
            data.AddRange([TarEntry.Folder("etc/cron.d"), new TarEntry("etc/cron.d/x", "* * * * * root id\n"u8.ToArray())]);
        }

        var members = ArReader.Read(deb, "x.deb");
        using var output = new MemoryStream();
        var writer = new ArWriter(output, sample.Created);
        writer.Write("debian-binary", "2.0\n"u8);
        writer.Write(members[1].Name, change == "nothing" ? members[1].Content.Span : Pack(control));
        writer.Write(members[2].Name, change == "nothing" ? members[2].Content.Span : Pack(data));
        if (keepSignature)
        {
            writer.Write(members[3].Name, members[3].Content.Span);
        }

        return output.ToArray();
    }

    private byte[] Pack(List<TarEntry> entries)
    {
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar, sample.Created, "./", TarHeaderFormat.Gnu);
        writer.WriteRoot();
        entries.ForEach(writer.Write);
        writer.End();
        return Compressor.Compress(tar.ToArray(), Compression.Xz);
    }
}
