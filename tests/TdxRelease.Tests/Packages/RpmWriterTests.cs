using System.Buffers.Binary;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Rpm;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.SourcePackages;
using TdxRelease.SourcePackages.DebianPackaging;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class RpmWriterTests
{
    private static readonly byte[] Sample = Pack(FirmwareSample.Spec("20260210"));

    [Fact]
    public void Twice_gives_the_same_bytes_and_the_order_of_files_does_not_matter()
    {
        var spec = FirmwareSample.Spec("20260210");
        Assert.Equal(Sample, Pack(spec with { Files = [.. spec.Files.Reverse()] }));
    }

    [Fact]
    public void What_is_written_verifies_with_its_signature()
    {
        var package = RpmReader.Read(Pack(FirmwareSample.Spec("20260210"), TestRelease.OpenPgp), "a.rpm");
        var entries = package.Verify();
        Assert.Equal(package.Files.Select(f => f.Path), entries.Select(e => e.Name));
        var verifier = new OpenPgpVerifier(TestRelease.Certificate, TestRelease.Later);
        Assert.True(verifier.VerifyDetached(package.Header.Raw.Span, package.Signature!.Value.Span).IsGood);
        Assert.Equal([268, 273, 1000, 1007], package.SignatureHeader.Tags);
    }

    [Fact]
    public void The_header_holds_what_rpm_demands()
    {
        var header = RpmReader.Read(Sample, "a.rpm").Header;
        Assert.Equal("20260210", header.Text(RpmTag.Version));
        Assert.Equal(TestRelease.Later.ToUnixTimeSeconds(), header.Number(RpmTag.BuildTime));
        Assert.Equal(8, header.Number(RpmTag.FileDigestAlgorithm));
        Assert.Equal("xz", header.Text(RpmTag.PayloadCompressor));
        Assert.Equal(["rpmlib(CompressedFileNames)", "rpmlib(FileDigests)", "rpmlib(PayloadFilesHavePrefix)", "rpmlib(PayloadIsXz)"],
            header.Texts(RpmTag.RequireName));
        Assert.Equal(["- Add module 2.0.08: 100% synthetic", "- First release"], header.Texts(RpmTag.ChangelogText));
        Assert.Equal([(long)RpmSense.Equal], header.Numbers(RpmTag.ProvideFlags));
        Assert.False(header.Has(RpmTag.SourcePackage));
    }

    [Fact]
    public void Configuration_files_and_relations_get_their_tags()
    {
        var spec = FirmwareSample.Spec("1") with
        {
            Files = [new PackageFile("etc/tdx.conf", "a"u8.ToArray(), Role: FileRole.Configuration)],
            Relations = PackageRelations.None with { Depends = ["bash >= 5"], Replaces = ["old-name"] },
        };
        var package = RpmReader.Read(Pack(spec), "a.rpm");
        Assert.Equal(RpmFileFlags.Config | RpmFileFlags.NoReplace, package.Files.Single().Flags);
        Assert.Contains(new RpmDependency("config(tdx-module-firmware)", RpmSense.Config | RpmSense.Equal, "1-1"),
            package.Dependencies(RpmDependencyTags.Provides));
        Assert.Contains(new RpmDependency("bash", RpmSense.Greater | RpmSense.Equal, "5"),
            package.Dependencies(RpmDependencyTags.Requires));
        Assert.Equal([new RpmDependency("old-name", RpmSense.Any, "")], package.Dependencies(RpmDependencyTags.Obsoletes));
    }

    [Theory]
    [InlineData("2026-02", "1")]
    [InlineData("", "1")]
    [InlineData("1", "1 2")]
    [InlineData("1:2", "1")]
    public void Versions_that_rpm_cannot_hold_are_refused(string version, string revision)
    {
        var spec = FirmwareSample.Spec("1") with { Version = version, Revision = revision };
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => Pack(spec)).Code);
    }

    [Fact]
    public void Bad_specs_are_refused()
    {
        var spec = FirmwareSample.Spec("1");
        PackageFile file = new("usr/share/a", default);
        foreach (var bad in new[]
        {
            spec with { Name = "a b" },
            spec with { Time = new DateTimeOffset(1969, 1, 1, 0, 0, 0, TimeSpan.Zero) },
            spec with { Files = [file, file] },
            spec with { Files = [file, new PackageFile("usr/share/a/b", default)] },
            spec with { Files = [new PackageFile("../a", default)] },
            spec with { Relations = PackageRelations.None with { Depends = ["a >> 1"] } },
        })
        {
            Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => Pack(bad)).Code);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_changed_digest_is_exit_4(bool payload)
    {
        var bytes = (byte[])Sample.Clone();
        var package = RpmReader.Read(bytes, "a.rpm");
        bytes[payload ? bytes.Length - 1 : bytes.AsSpan().IndexOf("synthetic"u8)] ^= 1;
        var error = Assert.Throws<TdxException>(() => RpmReader.Read(bytes, "a.rpm").VerifyDigests());
        Assert.Equal(ExitCode.VerificationFailed, error.Code);
        Assert.Contains(payload ? "payload SHA-256" : "header SHA-256", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, package.HeaderStart);
    }

    [Fact]
    public void Mutated_packages_end_in_our_error_and_what_parses_serialises_to_the_same()
    {
        var head = Sample.Length - RpmReader.Read(Sample, "a").Payload.Length;
        var parsed = 0;
        Property.Check(2000, (random, size) =>
        {
            var bytes = (byte[])Sample.Clone();
            for (var i = 0; i <= size / 40; i++)
            {
                bytes[random.Next(head)] = (byte)random.Next(256);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var package = RpmReader.Read(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length), "a");
                Assert.Equal(package.Header.Raw.ToArray(), package.Header.Serialize(RpmTag.HeaderImmutable));
                parsed++;
                _ = package.Files;
                package.VerifyDigests();
            }
            catch (TdxException e)
            {
                Assert.True(e.Code is ExitCode.BadInput or ExitCode.VerificationFailed, $"{e.Code}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        });
        Assert.InRange(parsed, 1, 1999);
    }

    [Fact]
    public void Header_and_payload_that_are_resealed_but_differ_are_refused()
    {
        // The attacker may recompute every digest; what the header lists must still be what the payload holds.
        var package = RpmReader.Read(Sample, "a");
        Assert.True(package.Header.TryGet(RpmTag.FileModes, out var modes));
        var data = modes.Data.ToArray();
        data[1] ^= 0xFF;
        var forged = ResealedRpm.Of(package.Header.Raw, package.Payload.Span, 0, RpmTag.FileModes,
            h => h.Raw(RpmTag.FileModes, modes.Type, modes.Count, data));
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => forged.Verify()).Code);
    }

    [Fact]
    public void Source_packages_say_so_in_lead_and_header()
    {
        using var output = new MemoryStream();
        var source = FirmwareSample.Source("1", withBinaries: false);
        new RpmSourceWriter(Compression.Gzip).Write(source, SourceTarball.Build(source, Compression.Gzip), output);
        var bytes = output.ToArray();
        Assert.Equal(1, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(6)));
        var package = RpmReader.Read(bytes, "a.nosrc.rpm");
        Assert.True(package.IsSource);
        Assert.False(package.Header.Has(RpmTag.SourceRpm));
        Assert.Equal(1, package.Header.Number(RpmTag.SourcePackage));
        Assert.Equal([1, 2, 3, 4, 5], package.Header.Numbers(RpmTag.NoSource));
        Assert.Equal(2, package.Verify().Count);
    }

    [Fact]
    public void Recipes_that_could_break_out_of_a_line_are_refused()
    {
        var source = FirmwareSample.Source("1", withBinaries: false);
        var archive = SourceTarball.Build(source, Compression.Gzip);
        var image = source.Files[0];
        foreach (var bad in new[]
        {
            source with { BaseUrl = "https://x/$(id)" },
            source with { BaseUrl = "https://x/" },
            source with { Files = [image with { Parts = [new UpstreamPart("a;b", default)] }] },
            source with { Files = [image with { File = image.File with { Path = "usr/a b" } }] },
        })
        {
            Assert.Equal(ExitCode.BadInput,
                Assert.Throws<TdxException>(() => new RpmSourceWriter(Compression.Gzip).SpecFile(bad, archive)).Code);
            Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => NixExpression.Write(bad, archive)).Code);
            Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => ArchSource.Build(bad, archive)).Code);
            Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(
                () => DebianSource.Build(bad with { WithBinaries = true }, SampleSource.Files(null), Compression.Gzip, null)).Code);
        }
    }

    [Fact]
    public void All_source_forms_carry_the_same_tarball()
    {
        var source = FirmwareSample.Source("1");
        var archive = SourceTarball.Build(source, Compression.Xz);
        using var output = new MemoryStream();
        new RpmSourceWriter(Compression.Gzip).Write(source, archive, output);
        Assert.Equal(archive.Content, RpmReader.Read(output.ToArray(), "a.src.rpm").Verify()[0].Content.ToArray());
        Assert.Equal(archive.Content, ArchSource.Build(source, archive)[archive.FileName]);
        var e = Assert.Throws<TdxException>(() => DebianSource.Build(source, SampleSource.Files(null), Compression.Zstd, null));
        Assert.Equal((ExitCode.BadInput, true), (e.Code, e.Message.Contains(".tar.zst", StringComparison.Ordinal)));
    }

    private static byte[] Pack(PackageSpec spec, IOpenPgpSigner? signer = null)
    {
        using var output = new MemoryStream();
        new RpmWriter(Compression.Xz, signer).Write(spec, output);
        return output.ToArray();
    }
}
