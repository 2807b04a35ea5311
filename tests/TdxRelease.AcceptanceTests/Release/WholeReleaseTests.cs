using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>Audit, rebuild, attestations and reference values of the real release, from outside.</summary>
public sealed partial class WholeReleaseTests(WholeRelease release, ITestOutputHelper log) : IClassFixture<WholeRelease>
{
    private static readonly string[] Questions =
        ["Is this Intel's?", "Is it unchanged?", "Is it what the maintainer published?", "Is it the newest I have seen?",
        "Can it run on these CPUs?"];

    [UpstreamFact]
    public void The_whole_release_answers_every_question_with_yes_in_little_memory()
    {
        var state = Path.Combine(release.Scratch("seen"), "seen.json");
        release.Tdxrel("audit", release.Folder, "--key", release.PublicKey, "--state", state).Ok();
        var (output, exit, peak, processor, clock) =
            WholeRelease.Measured("audit", release.Folder, "--key", release.PublicKey, "--state", state);
        var files = Directory.GetFiles(release.Folder, "*", SearchOption.AllDirectories);
        log.WriteLine($"audit of {files.Length} files: {clock.TotalMilliseconds:0} ms, "
            + $"{processor.TotalMilliseconds:0} ms of processor time, {peak >> 20} MB");
        Assert.True(exit == 0, output);
        Assert.All(Questions, q => Assert.Matches($"{Regex.Escape(q)} +yes ", output));
        Assert.Contains("10 parts", output, StringComparison.Ordinal);

        // Generous: this is the program as tests build it, compiled while it runs. The promise of 100 MB is for the published one.
        Assert.True(peak is > 1 << 20 and < 200 << 20, $"{peak >> 20} MB");
    }

    [UpstreamFact]
    public void Every_form_by_itself_passes()
    {
        foreach (var form in (string[])["apt", "dnf", "pacman", "oci", $"{release.Name}.tar.gz"])
        {
            release.Tdxrel("audit", release[form], "--key", release.PublicKey).Ok();
        }
    }

    [UpstreamFact]
    public void A_rebuild_gives_the_same_bytes_with_the_key_and_without()
    {
        var with = release.Tdxrel(
            ["rebuild", release.Provenance, "--source", TestData.Snapshot, "--key", release.PublicKey, .. release.Signing]).Ok();
        var files = int.Parse(Reproduced().Match(with.Output).Groups[1].Value);
        Assert.True(files > 60, with.Output);
        Assert.Contains("signatures included", with.Output, StringComparison.Ordinal);
        var without = release.Tdxrel("rebuild", release.Provenance, "--source", TestData.Snapshot).Ok();
        Assert.Matches(Reproduced(), without.Output);
        Assert.Contains("signatures excluded", without.Output, StringComparison.Ordinal);

        var changed = release.Scratch("changed");
        Tool.Run("/", "cp", "-a", $"{release.Folder}/.", changed).Ok();
        File.AppendAllText(Path.Combine(changed, $"attestation/{release.Name}.rvps.json"), " ");
        var provenance = Path.Combine(changed, $"provenance/{release.Name}.intoto.json");
        release.Tdxrel(["rebuild", provenance, "--source", TestData.Snapshot, .. release.Signing]).Refused("rvps.json");
    }

    [UpstreamFact]
    public void An_attestation_covers_a_package_that_was_downloaded_alone()
    {
        var folder = release.Scratch("download");
        var deb = Directory.GetFiles(release["packages"], "*.deb").Single();
        var alone = Path.Combine(folder, Path.GetFileName(deb));
        File.Copy(deb, alone);
        Assert.Matches(@"Is it unchanged\? +yes .*origin signature",
            release.Tdxrel("audit", alone, "--key", release.PublicKey).Ok().Output);
        foreach (var kind in (string[])["intoto", "sigstore"])
        {
            Assert.Matches(@"Is it unchanged\? +yes ",
                release.Tdxrel("audit", alone, "--key", release.PublicKey, "--attestation",
                release[$"provenance/{release.Name}.{kind}.json"]).Ok().Output);
        }

        release.Tdxrel("audit", alone, "--key", release.PublicKey, "--attestation", release.Provenance, "--attestation",
            release[$"provenance/{release.Name}.vsa.json"]).Ok();
        var renamed = Path.Combine(folder, "renamed_1_all.deb");
        File.Copy(deb, renamed);
        release.Tdxrel("audit", renamed, "--key", release.PublicKey, "--attestation", release.Provenance).Refused("PRV-006");
        using (var file = File.OpenWrite(alone))
        {
            file.Seek(0, SeekOrigin.End);
            file.Write("x"u8);
        }

        release.Tdxrel("audit", alone, "--key", release.PublicKey, "--attestation", release.Provenance).Refused("AUD-009");
    }

    [UpstreamFact]
    public void Reference_values_come_in_every_form_and_around_a_plan()
    {
        var manifest = JsonNode.Parse(File.ReadAllText(release[$"{release.Name}.manifest.json"]))!;
        var want = manifest["modules"]!.AsArray().ToDictionary(m => (string)m!["version"]!, m => (string)m!["mrseam"]!);
        string[] bundle = ["report", "reference-values", release[$"{release.Name}.tar.gz"], "--key", release.PublicKey];
        string[] snapshot = ["report", "reference-values", TestData.Snapshot];
        foreach (var form in (string[])["rvps", "allow-list", "families"])
        {
            Assert.Equal(release.Tdxrel([.. snapshot, "--format", form]).Ok().Output,
                release.Tdxrel([.. bundle, "--format", form]).Ok().Output);
        }

        Assert.Equal(want.Values.Order(StringComparer.Ordinal), Strings(Json([.. bundle, "--format", "rvps"])["mr_seam"]!));
        var list = Json([.. bundle, "--format", "allow-list"]);
        Assert.Equal(want.Values.Order(StringComparer.Ordinal), Strings(list["accepted_mr_seams"]!).Order(StringComparer.Ordinal));
        Assert.Matches("^[0-9a-f]{32}$", (string)list["minimum_tee_tcb_svn"]!);

        var folder = Path.Combine(release.Scratch("protos"), "out");
        release.Tdxrel([.. bundle, "--format", "textproto", "--out", folder]).Ok();
        Assert.Equal(want.Count, Directory.GetFiles(folder, "*.textproto").Length);
        foreach (var (version, mrseam) in want)
        {
            var text = File.ReadAllText(Path.Combine(folder, $"tdx_module_{version}.textproto"));
            Assert.Equal(mrseam, Convert.ToHexStringLower(Unescaped(MrSeam().Match(text).Groups[1].Value)));
            Assert.Equal(text, File.ReadAllText(release[$"attestation/tdx_module_{version}.textproto"]));
        }

        var plan = Json([.. bundle, "--cpu", "sapphire-rapids", "--plan", "1.5.05:1.5.02:1.5.16"]);
        var path = Strings(plan["path"]!).ToList();
        Assert.Equal(("1.5.05", "1.5.16"), (path[0], path[^1]));
        Assert.Equal([want["1.5.05"]], Strings(plan["before"]!["accepted_mr_seams"]!));
        Assert.Equal([want["1.5.16"]], Strings(plan["after"]!["accepted_mr_seams"]!));
        Assert.Equal(path.Select(v => want[v]).Order(StringComparer.Ordinal),
            Strings(plan["during"]!["accepted_mr_seams"]!).Order(StringComparer.Ordinal));

        Assert.Equal(2, release.Tdxrel([.. bundle[..3], "--format", "rvps"]).Exit);
        release.Tdxrel([.. bundle, "--cpu", "sapphire-rapids", "--plan", "1.5.05"]).Refused("RUNNING:SEAMLDR");
    }

    private JsonNode Json(string[] arguments) => JsonNode.Parse(release.Tdxrel(arguments).Ok().Output)!;

    private static IEnumerable<string> Strings(JsonNode array) => array.AsArray().Select(v => (string)v!);

    // Text format of protocol buffers: octal, hex and the usual escapes in byte strings.
    private static byte[] Unescaped(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
            }
            else if (text[i + 1] == 'x')
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 2, 2), 16));
                i += 3;
            }
            else
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 3), 8));
                i += 3;
            }
        }

        return [.. bytes];
    }

    [GeneratedRegex("reproduced, ([0-9]+) files byte for byte the same")]
    private static partial Regex Reproduced();

    [GeneratedRegex("mr_seam: \"(.*)\"")]
    private static partial Regex MrSeam();
}
