using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;
using TdxRelease.Signing;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

/// <summary>
/// One good bundle, and what an attacker, a bad mirror or a careless maintainer could make of it. Where the change alone would break the
/// signature, the manifest is signed again, so that each case fails for its own reason.
/// </summary>
public class ManifestTamperingTests
{
    private static readonly Lazy<RsaKeySigner> SmallKey = new(() => new RsaKeySigner(RSA.Create(2048), 2048));
    private static readonly Lazy<RsaKeySigner> OtherKey = new(() => new RsaKeySigner(RSA.Create(3072), 3072));

    private sealed class Scene
    {
        public byte[] Manifest { get; set; } = SampleBundle.Manifest().ToJson();

        public byte[]? Signature { get; set; }

        public string? OpenPgp { get; set; }

        public SortedDictionary<string, byte[]> Files { get; } = SampleBundle.Contents();

        public List<ManifestFile> Extra { get; } = [];

        public ManifestTrust Trust { get; set; } =
            new(TestRelease.Signer.PublicKey, SampleBundle.Now, Keyring: TestRelease.Keyring);

        public Scene Sign(IRsaSigner? with = null)
        {
            Signature = (with ?? TestRelease.Signer).Sign(Manifest, HashAlgorithmName.SHA512);
            OpenPgp = TestRelease.OpenPgp.SignDetachedArmored(Manifest, SampleBundle.Created);
            return this;
        }

        /// <summary>Replaces text in the manifest, puts it back in canonical order, and signs it again.</summary>
        public void Change(string from, string to, bool canonical = true)
        {
            var text = Encoding.UTF8.GetString(Manifest);
            Assert.Contains(from, text, StringComparison.Ordinal);
            var at = text.IndexOf(from, StringComparison.Ordinal);
            var changed = Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), to, text.AsSpan(at + from.Length)));
            Manifest = canonical ? CanonicalJson.Write(CanonicalJson.Read(changed, "test")) : changed;
            Sign();
        }

        public void With(Func<Manifest, Manifest> change)
        {
            Manifest = change(TdxRelease.Release.Manifests.Manifest.Parse(Manifest)).ToJson();
            Sign();
        }

        public ManifestVerdict Verify() => ManifestVerifier.Verify(
            new ManifestEvidence(Manifest, Signature, OpenPgp is null ? null : Encoding.ASCII.GetBytes(OpenPgp),
                [.. SampleBundle.Files(Files), .. Extra]),
            Trust);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-600, true)]
    [InlineData(-601, false)]
    public void A_clock_may_be_ten_minutes_behind(int seconds, bool good)
    {
        var scene = new Scene().Sign();
        scene.OpenPgp = null;
        scene.Trust = scene.Trust with { Now = SampleBundle.Created.AddSeconds(seconds) };
        Assert.Equal(good, scene.Verify().IsGood);
    }

    [Fact]
    public void What_was_seen_under_another_name_says_nothing_of_this_one()
    {
        var scene = new Scene().Sign();
        scene.Trust = scene.Trust with { Seen = new AcceptedRelease("another", 99, new string('0', 64)) };
        Assert.True(scene.Verify().IsGood);
    }

    [Fact]
    public void What_was_seen_is_taken_again_and_what_is_newer_too()
    {
        var scene = new Scene().Sign();
        scene.Trust = scene.Trust with { Seen = new AcceptedRelease("tdx-module-test", 6, new string('0', 64)) };
        Assert.True(scene.Verify().IsGood);
        var hash = Convert.ToHexStringLower(SHA256.HashData(scene.Manifest));
        scene.Trust = scene.Trust with { Seen = new AcceptedRelease("tdx-module-test", 7, hash) };
        Assert.True(scene.Verify().IsGood);
    }

    [Fact]
    public void Files_too_many_are_named_in_order()
    {
        var scene = new Scene().Sign();
        scene.Extra.AddRange([SampleBundle.FileOf("z", []), SampleBundle.FileOf("a", [])]);
        Assert.Equal(["a", "z"], scene.Verify().Findings.Select(f => f.Location.File));
    }

    [Fact]
    public void The_openpgp_signature_is_judged_at_the_time_of_the_check()
    {
        var scene = new Scene().Sign();
        scene.Trust = scene.Trust with { Now = SampleBundle.Created.AddMinutes(-8) };
        scene.OpenPgp = TestRelease.OpenPgp.SignDetachedArmored(scene.Manifest, SampleBundle.Created.AddDays(1));
        Assert.Equal([ManifestRules.WrongOpenPgpSignature], scene.Verify().Findings.Where(f => f.Fails).Select(f => f.Rule));
    }

    private static readonly Dictionary<string, (string Rule, Action<Scene> Break)> Cases = new(StringComparer.Ordinal)
    {
        ["signature_missing"] = ("MAN-001", s => s.Signature = null),
        ["signature_empty"] = ("MAN-002", s => s.Signature = []),
        ["signature_one_bit"] = ("MAN-002", s => s.Signature![100] ^= 1),
        ["signature_too_long"] = ("MAN-002", s => s.Signature = [.. s.Signature!, 0]),
        ["signature_with_sha256"] = ("MAN-002", s => s.Signature = TestRelease.Signer.Sign(s.Manifest, HashAlgorithmName.SHA256)),
        ["signature_by_another_key"] = ("MAN-002", s => s.Signature = OtherKey.Value.Sign(s.Manifest, HashAlgorithmName.SHA512)),
        ["signature_of_another_release"] = ("MAN-002", s => s.Signature = TestRelease.Signer.Sign("{}\n"u8, HashAlgorithmName.SHA512)),
        ["manifest_one_byte_not_signed_again"] = ("MAN-002", s => s.Manifest[50] ^= 1),
        ["key_not_given"] = ("MAN-002", s => s.Trust = s.Trust with { Key = null }),
        ["key_too_small"] = ("MAN-003", s =>
        {
            s.Sign(SmallKey.Value);
            s.Trust = s.Trust with { Key = SmallKey.Value.PublicKey };
        }
        ),
        ["openpgp_signature_of_another_content"] =
            ("MAN-017", s => s.OpenPgp = TestRelease.OpenPgp.SignDetachedArmored("x"u8, SampleBundle.Created)),
        ["openpgp_signature_garbled"] = ("MAN-017", s => s.OpenPgp = s.OpenPgp!.Replace("-----END", "----END", StringComparison.Ordinal)),
        ["white_space_added"] = ("MAN-004", s => s.Change("{\"created\"", "{ \"created\"", canonical: false)),
        ["no_line_feed_at_the_end"] = ("MAN-004", s => s.Change("}\n", "}", canonical: false)),
        ["byte_order_mark"] = ("MAN-004", s => s.Change("{\"created\"", "\uFEFF{\"created\"", canonical: false)),
        ["duplicate_key"] = ("MAN-004",
            s => s.Change("{\"created\"", "{\"created\":\"2020-01-01T00:00:00Z\",\"created\"", canonical: false)),
        ["escaped_key_twin"] =
            ("MAN-004", s => s.Change("{\"created\"", "{\"cre\\u0061ted\":\"2020-01-01T00:00:00Z\",\"created\"", canonical: false)),
        ["unknown_key"] = ("MAN-004", s => s.Change("{\"created\"", "{\"comment\":\"hi\",\"created\"")),
        ["unknown_key_in_a_file"] = ("MAN-004", s => s.Change("{\"length\"", "{\"mode\":420,\"length\"")),
        ["other_format"] = ("MAN-004", s => s.Change("tdxrel-manifest/1", "tdxrel-manifest/2")),
        ["sequence_as_float"] = ("MAN-004", s => s.Change("\"sequence\":7", "\"sequence\":7.0", canonical: false)),
        ["sequence_zero"] = ("MAN-004", s => s.Change("\"sequence\":7", "\"sequence\":0")),
        ["sequence_as_text"] = ("MAN-004", s => s.Change("\"sequence\":7", "\"sequence\":\"7\"")),
        ["upper_case_hash"] = ("MAN-004", s => s.Change("\"commit\":\"aaaa", "\"commit\":\"AAAA")),
        ["path_traversal"] = ("MAN-004", s => s.Change("\"path\":\"graph.json\"", "\"path\":\"../graph.json\"")),
        ["path_absolute"] = ("MAN-004", s => s.Change("\"path\":\"graph.json\"", "\"path\":\"/graph.json\"")),
        ["path_twice"] = ("MAN-004", s => s.Change("\"path\":\"graph.json\"", "\"path\":\"BINARIES_LICENSE\"")),
        ["path_case_collision"] = ("MAN-004", s => s.Change("\"path\":\"graph.json\"", "\"path\":\"Binaries_license\"")),
        ["manifest_lists_itself"] = ("MAN-004", s => s.Change("\"path\":\"graph.json\"", "\"path\":\"manifest.json\"")),
        ["licence_not_among_the_files"] =
            ("MAN-004", s => s.Change("\"license\":{\"path\":\"BINARIES_LICENSE\"", "\"license\":{\"path\":\"LICENSE\"")),
        ["licence_with_another_hash"] =
            ("MAN-004", s => s.Change("\"license\":{\"path\":\"BINARIES_LICENSE\",\"sha256\":\"" + SampleBundle.Manifest().License.Sha256,
            "\"license\":{\"path\":\"BINARIES_LICENSE\",\"sha256\":\"" + new string('0', 64))),
        ["image_not_among_the_files"] = ("MAN-004", s => s.Change("\"image\":\"joined_files/1.5/", "\"image\":\"elsewhere/")),
        ["module_version_other_spelling"] = ("MAN-004", s => s.Change("\"version\":\"1.5.05\"", "\"version\":\"1.5.5\"")),
        ["cpu_with_stepping"] = ("MAN-004", s => s.Change("\"0x806F0\"", "\"0x806F8\"")),
        ["expires_before_created"] = ("MAN-004", s => s.Change("\"expires\":\"2026", "\"expires\":\"2025")),
        ["time_with_offset"] =
            ("MAN-004", s => s.Change("\"created\":\"2026-02-10T12:00:00Z\"", "\"created\":\"2026-02-10T12:00:00+00:00\"")),
        ["expired"] = ("MAN-005", s => s.Trust = s.Trust with { Now = SampleBundle.Created.AddDays(180) }),
        ["from_the_future"] = ("MAN-006", s => s.Trust = s.Trust with { Now = SampleBundle.Created.AddHours(-1), Keyring = null }),
        ["rolled_back"] = ("MAN-007",
            s => s.Trust = s.Trust with { Seen = new AcceptedRelease("tdx-module-test", 8, new string('0', 64)) }),
        ["rolled_back_and_signed_again"] = ("MAN-007", s =>
        {
            s.Trust = s.Trust with { Seen = new AcceptedRelease("tdx-module-test", 7, new string('0', 64)) };
            s.With(m => m with { Sequence = 6 });
        }
        ),
        ["same_sequence_other_content"] =
            ("MAN-008", s => s.Trust = s.Trust with { Seen = new AcceptedRelease("tdx-module-test", 7, new string('0', 64)) }),
        ["file_missing"] = ("MAN-009", s => s.Files.Remove("graph.json")),
        ["file_extra"] = ("MAN-010", s => s.Files["notes.txt"] = [1]),
        ["file_taken_out_of_the_manifest"] =
            ("MAN-010", s => s.With(m => m with { Files = [.. m.Files.Where(f => f.Path != "graph.json")] })),
        ["file_one_bit"] = ("MAN-012", s => s.Files["joined_files/1.5/tdx_module_1.5.05.blob"][4000] ^= 4),
        ["file_cut_short"] = ("MAN-011", s => s.Files["graph.json"] = "{}"u8.ToArray()),
        ["length_lies"] = ("MAN-011",
            s => s.With(m => m with { Files = [.. m.Files.Select(f => f.Path == "graph.json" ? f with { Length = 4 } : f)] })),
        ["sha384_lies"] = ("MAN-013",
            s => s.With(m => m with
            {
                Files = [.. m.Files.Select(f => f.Path == "graph.json" ? f with { Sha384 = new string('0', 96) }
            : f)]
            })),
        ["sha256_lies"] = ("MAN-012",
            s => s.With(m => m with
            {
                Files = [.. m.Files.Select(f => f.Path == "graph.json" ? f with { Sha256 = new string('0', 64) }
            : f)]
            })),
        ["calls_itself_unsigned"] = ("MAN-014", s => s.With(m => m with { Unsigned = true })),
        ["calls_itself_unsigned_though_allowed"] = ("MAN-014", s =>
        {
            s.With(m => m with { Unsigned = true });
            s.Trust = s.Trust with { AllowUnsigned = true };
        }
        ),
        ["file_in_two_cases"] = ("MAN-015", s => s.Extra.Add(SampleBundle.FileOf("Graph.json", [1]))),
        ["file_twice"] = ("MAN-015", s => s.Extra.Add(SampleBundle.FileOf("graph.json", s.Files["graph.json"]))),
        ["another_bundle"] = ("MAN-016", s => s.Trust = s.Trust with { Name = "tdx-module" }),
    };

    public static TheoryData<string> Names { get; } = new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_tampered_bundle_is_refused_for_its_own_reason(string name)
    {
        var (rule, change) = Cases[name];
        var scene = new Scene().Sign();
        change(scene);
        var verdict = scene.Verify();
        Assert.False(verdict.IsGood);
        var failing = verdict.Findings.Where(f => f.Fails).ToList();
        Assert.Contains(failing, f => f.Rule.Id == rule);
        // Nothing but the reason, and what must follow from it: one changed file has another SHA-384 as well.
        var follows = rule switch
        {
            "MAN-011" or "MAN-012" => (string[])["MAN-011", "MAN-012", "MAN-013"],
            "MAN-015" => ["MAN-010"],
            "MAN-002" => ["MAN-017"],
            _ => [],
        };
        Assert.All(failing, f => Assert.True(f.Rule.Id == rule || follows.Contains(f.Rule.Id), f.ToString()));
        Assert.All(failing, f => Assert.False(string.IsNullOrWhiteSpace(f.Message)));
    }

    /// <summary>Words, place and weight of every finding: an auditor reads these, not the ids.</summary>
    [Fact]
    public void What_each_case_says_is_what_was_last_read_and_agreed_to()
    {
        var text = new StringBuilder();
        foreach (var (name, (_, change)) in Cases)
        {
            var scene = new Scene().Sign();
            change(scene);
            text.Append(name).Append('\n');
            scene.Verify().Findings.ToList().ForEach(f => text.Append($"  {f.Severity} {f}\n"));
        }

        GoldenFile.Equal("tests/fixtures/manifest-messages.txt", text.ToString());
    }

    [Fact]
    public void The_good_bundle_passes_and_every_rule_has_a_case()
    {
        Assert.Empty(new Scene().Sign().Verify().Findings);
        Assert.Equal(ManifestRules.All.Select(r => r.Id), Cases.Values.Select(c => c.Rule).Distinct().Order(StringComparer.Ordinal));
        Assert.True(Cases.Count >= 40, $"{Cases.Count} cases");
    }

    [Fact]
    public void Expired_and_unsigned_pass_with_a_warning_only_when_asked_for()
    {
        var expired = new Scene().Sign();
        expired.Trust = expired.Trust with { Now = SampleBundle.Created.AddYears(1), AllowExpired = true };
        var verdict = expired.Verify();
        Assert.True(verdict.IsGood);
        Assert.Equal(("MAN-005", Severity.Warning), (verdict.Findings.Single().Rule.Id, verdict.Findings.Single().Severity));

        var unsigned = new Scene();
        unsigned.With(m => m with { Unsigned = true });
        (unsigned.Signature, unsigned.OpenPgp) = (null, null);
        Assert.False(unsigned.Verify().IsGood);
        unsigned.Trust = new ManifestTrust(null, SampleBundle.Now, AllowUnsigned: true);
        Assert.True(unsigned.Verify().IsGood);
        Assert.Equal(["MAN-001", "MAN-014"], unsigned.Verify().Findings.Select(f => f.Rule.Id));
    }

    [Fact]
    public void An_unverified_manifest_is_not_handed_out()
    {
        var scene = new Scene().Sign();
        scene.Signature![0] ^= 1;
        Assert.Null(scene.Verify().Manifest);
    }
}
