using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

/// <summary>A release is a closed set: whatever is done to its folder without the key, the audit names it.</summary>
public sealed class ClosedSetTests(AuditSample sample) : IClassFixture<AuditSample>
{
    [Theory]
    [InlineData("provenance/*.intoto.json")]
    [InlineData("provenance/*.sigstore.json")]
    [InlineData("provenance/*.vsa.json")]
    [InlineData("*.manifest.json")]
    [InlineData("*.manifest.json.sig")]
    [InlineData("*.manifest.json.asc")]
    [InlineData("packages/*.pkg.tar.zst.sig")]
    [InlineData("release.pub.pem")]
    [InlineData("release.pgp")]
    [InlineData("dnf/*.repo")]
    [InlineData("pacman/*.conf")]
    [InlineData("apt/*.sources")]
    [InlineData("apt/dists/*/by-hash/*")]
    [InlineData("oci/index.json")]
    [InlineData("oci/blobs/*")]
    [InlineData("apt/*")]
    [InlineData("dnf/*")]
    [InlineData("pacman/*")]
    [InlineData("oci/*")]
    [InlineData("SHA256SUMS")]
    [InlineData("SHA256SUMS.sig")]
    [InlineData("SHA256SUMS.asc")]
    public void What_is_deleted_is_missed_by_name(string pattern)
    {
        using var release = new ReleaseCopy(sample);
        var deleted = release.Delete(pattern);
        var findings = release.Fails();
        Assert.All(deleted, path =>
            Assert.Contains(findings, f => f.Location.File == path && f.Message.StartsWith("is missing", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_added_changed_renamed_linked_or_made_executable_is_named()
    {
        foreach (var (name, act) in Acts())
        {
            using var release = new ReleaseCopy(sample);
            var place = act(release);
            Assert.True(release.Fails().Any(f => f.Rule.Id is "AUD-020" or "AUD-021" && f.Location.File == place),
                $"{name}: {place}\n{string.Join("\n", release.Fails())}");
        }
    }

    private static IEnumerable<(string Name, Func<ReleaseCopy, string> Act)> Acts()
    {
        yield return ("added", r => r.Write("notes.txt", "mine"));
        yield return ("added to a repository", r => r.Write("apt/pool/evil.deb", "mine"));
        yield return ("empty directory", r => r.Folder("empty"));
        yield return ("directory in a repository", r => r.Folder("dnf/repodata/more"));
        yield return ("appended", r => r.Append("provenance/*.vsa.json", "\n"));
        yield return ("list appended", r => r.Append("SHA256SUMS", "\n"));
        yield return ("signature of the list appended", r => r.Append("SHA256SUMS.asc", "\n"));
        yield return ("doubled package signature", r => r.Double("packages/*.pkg.tar.zst.sig"));
        yield return ("vsa replaced", r => r.Replace("provenance/*.vsa.json", "attestation/*.rvps.json"));
        yield return ("renamed", r => r.Rename("release.pub.pem", "release2.pub.pem"));
        yield return ("attacker's URL for dnf", r => r.Edit("dnf/*.repo", "baseurl=https://example.com", "baseurl=https://evil.example"));
        yield return ("attacker's key for dnf", r => r.Edit("dnf/*.repo", "gpgkey=", "gpgkey=https://evil.example/key "));
        yield return ("attacker's URL for pacman",
            r => r.Edit("pacman/*.conf", "Server = https://example.com", "Server = https://evil.example"));
        yield return ("attacker's URL for apt", r => r.Edit("apt/*.sources", "URIs: https://example.com", "URIs: https://evil.example"));
        yield return ("attacker's suite for apt", r => r.Edit("apt/*.sources", "Suites: stable", "Suites: unstable"));
        yield return ("attacker's component for apt", r => r.Edit("apt/*.sources", "Components: ", "Components: x"));
        yield return ("tag of the image",
            r => r.Edit("oci/index.json", "\"org.opencontainers.image.ref.name\":\"2", "\"org.opencontainers.image.ref.name\":\"3"));
        yield return ("symbolic link", r => r.Link("sbom/*.cdx.json"));
        yield return ("executable", r => r.Mode("sbom/*.cdx.json", 0x1ED));
        yield return ("set-user-id", r => r.Mode("sbom/*.cdx.json", 0x9A4));
        yield return ("written by everyone", r => r.Mode("sbom/*.cdx.json", 0x1B6));
    }

    [Theory]
    [InlineData("apt", "apt/*.sources", "URIs: https://example.com", "URIs: https://evil.example")]
    [InlineData("dnf", "dnf/*.repo", "baseurl=https://example.com", "baseurl=https://evil.example")]
    [InlineData("dnf", "dnf/*.repo", "gpgkey=file:", "gpgkey=https://evil.example/key file:")]
    [InlineData("pacman", "pacman/*.conf", "Server = https://example.com", "Server = https://evil.example")]
    [InlineData("oci", "oci/index.json", "\"org.opencontainers.image.ref.name\":\"2", "\"org.opencontainers.image.ref.name\":\"3")]
    public void A_part_by_itself_is_closed_too(string part, string pattern, string from, string to)
    {
        using var release = new ReleaseCopy(sample);
        Assert.True(release.Audit(part).Passed, string.Join("\n", release.Audit(part).Findings));
        release.Edit(pattern, from, to);
        Assert.False(release.Audit(part).Passed);

        foreach (var delete in (string[])[$"{part}/SHA256SUMS", $"{part}/SHA256SUMS.asc", "apt/dists/*/by-hash/*", pattern])
        {
            using var other = new ReleaseCopy(sample);
            if (delete.StartsWith(part, StringComparison.Ordinal) && other.Delete(delete).Count > 0)
            {
                Assert.False(other.Audit(part).Passed, delete);
            }
        }

        using var added = new ReleaseCopy(sample);
        added.Folder($"{part}/empty");
        Assert.False(added.Audit(part).Passed);
    }

    [Fact]
    public void Parts_of_an_older_release_beside_a_newer_one_are_a_mixture_even_under_a_good_list()
    {
        var older = sample.Older();
        foreach (var part in (string[])["apt", "dnf", "pacman", "oci"])
        {
            using var release = new ReleaseCopy(sample);
            release.Delete($"{part}/*");
            foreach (var (path, content) in older.Where(f => f.Key.StartsWith($"{part}/", StringComparison.Ordinal)))
            {
                release.Write(path, content);
            }

            Assert.Contains(release.Fails(),
                f => f.Rule.Id == "AUD-021" && f.Location.File.StartsWith($"{part}/", StringComparison.Ordinal));
            release.List();
            Assert.True(release.Fails() is [{ Rule.Id: "AUD-022" } mixed]
                && mixed.Message.Contains($"sequence {sample.Manifest.Sequence - 3600}", StringComparison.Ordinal),
                string.Join("\n", release.Fails()));
        }
    }

    [Fact]
    public void A_copy_under_another_umask_passes_and_each_wrong_file_is_told_once()
    {
        using var release = new ReleaseCopy(sample);
        release.Mode("sbom/*.cdx.json", 0x1A0);
        release.Mode("sbom/*.spdx.json", 0x1B4);
        Assert.True(release.Audit("").Passed);
        release.Append("attestation/*.rvps.json", " ");
        Assert.Single(release.Audit("").Findings, f => f.Rule.Id == "AUD-021");
    }

    [Fact]
    public void The_marker_of_an_output_folder_passes_only_as_what_the_other_files_give()
    {
        using var release = new ReleaseCopy(sample);
        var bytes = OutputMarker.Of(sample.Output.Where(f => f.Key != OutputMarker.FileName)
            .Select(f => new OutputEntry(f.Key, f.Value.Length, Convert.ToHexStringLower(SHA256.HashData(f.Value)))));
        release.Write(OutputMarker.FileName, bytes);
        Assert.True(release.Audit("").Passed, string.Join("\n", release.Audit("").Findings));
        release.Write(OutputMarker.FileName, [.. bytes, (byte)'\n']);
        Assert.Contains(release.Fails(), f => f is { Rule.Id: "AUD-016", Location.File: OutputMarker.FileName });
        release.Write(OutputMarker.FileName, bytes);
        release.Append("provenance/*.vsa.json", "\n");
        Assert.Equal("AUD-021", release.Fails().First().Rule.Id);
        Assert.Contains(release.Fails(), f => f is { Rule.Id: "AUD-016", Location.File: OutputMarker.FileName });
    }

    [Fact]
    public void Every_bit_of_the_lists_signatures_counts()
    {
        var list = sample.Output[ChecksumList.FileName];
        var armored = sample.Output[ChecksumList.OpenPgpSignatureName];
        var verifier = new OpenPgpVerifier(OpenPgpCertificate.Parse(File.ReadAllBytes(TestRelease.CertificatePath)),
            sample.Created.AddDays(1));
        Assert.Null(SignedChecksums.Refusal(list, armored, verifier));
        for (var at = 0; at < armored.Length; at++)
        {
            byte[] changed = [.. armored];
            changed[at] ^= (byte)(1 << (at % 8));
            Assert.NotNull(SignedChecksums.Refusal(list, changed, verifier));
        }

        var binary = Armor.Decode(armored, Armor.Signature, "signature");
        for (var bit = 0; bit < 8 * binary.Length; bit++)
        {
            byte[] changed = [.. binary];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(SignedChecksums.Refusal(list, Encoding.ASCII.GetBytes(Armor.Encode(Armor.Signature, changed)), verifier)
                is not null, $"bit {bit}");
        }
    }

    [Fact]
    public void A_list_has_one_spelling()
    {
        var good = sample.Output[ChecksumList.FileName];
        Assert.Equal(good, ChecksumList.Write(ChecksumList.Parse(good, "list")));
        var text = Encoding.UTF8.GetString(good);
        var lines = text.Split('\n', 3);
        foreach (var bad in (string[])[text.TrimEnd('\n'), text + "\n", text.Replace("  ", " *", StringComparison.Ordinal),
            text.ToUpperInvariant(), $"{lines[1]}\n{lines[0]}\n{lines[2]}", $"{lines[0]}\n{text}",
            text.Replace("  apt/", "  ../apt/", StringComparison.Ordinal), $"# {text}", $"{new string('0', 64)}  SHA256SUMS\n{text}"])
        {
            Assert.Equal(ExitCode.VerificationFailed,
                Assert.Throws<TdxException>(() => ChecksumList.Parse(Encoding.UTF8.GetBytes(bad), "list")).Code);
        }
    }

    [Fact]
    public void Unsigned_releases_have_a_list_without_signature()
    {
        using var release = new ReleaseCopy(sample.Unsigned());
        var report = release.Audit("", unsigned: true);
        Assert.True(report.Passed, string.Join("\n", report.Findings));
        release.Write("notes.txt", "mine");
        Assert.Contains(release.Audit("", unsigned: true).Findings, f => f is { Rule.Id: "AUD-021", Location.File: "notes.txt" });
    }
}
