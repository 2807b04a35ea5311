using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Packages.Oci;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Signing.Checksums;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

/// <summary>
/// A folder of tests/cases/audit: what is done to the good release, and the rules that must fail. tests/cases/audit/README.md describes the
/// file.
/// </summary>
internal sealed class AuditCase(JsonElement json, AuditSample sample)
{
    // Keys that lie in the checkout: making one takes longer than all cases together.
    private static readonly Lazy<RsaKeySigner> Other = new(() => new RsaKeySigner(SampleKeys.Rsa4096));
    private readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
    private readonly List<byte[]> raw = [];
    private readonly Dictionary<string, long> lengths = new(StringComparer.Ordinal);
    private byte[] trailing = [];

    public static string Folder { get; } = Path.Combine(TestData.Checkout, "tests", "cases", "audit");

    public static AuditCase Load(string name, AuditSample sample)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name, "case.json")));
        return new AuditCase(document.RootElement.Clone(), sample);
    }

    public IEnumerable<string> Expected =>
        json.GetProperty("expect").EnumerateArray().Select(e => e.GetString()!).Order(StringComparer.Ordinal);

    public AuditReport Run()
    {
        var target = Text("target") ?? "folder";
        var bundle = target is "folder" or "tar";
        foreach (var (path, content) in bundle ? sample.Bundle : target == "small" ? sample.Small : sample.Output)
        {
            files[path] = content;
        }

        files.Remove(OutputMarker.FileName);
        foreach (var step in json.TryGetProperty("steps", out var steps) ? steps.EnumerateArray().ToArray() : [])
        {
            Apply([.. step.EnumerateArray().Select(e => e.GetString()!)]);
        }

        if (target is "output" or "small" or "apt" or "dnf" or "pacman")
        {
            List(target is "output" or "small" ? "" : $"{target}/");
        }

        using var temp = new TempFolder();
        var root = temp["release"];
        if (target == "tar")
        {
            Directory.CreateDirectory(root);
            root = Path.Combine(root, "bundle.tar.gz");
            File.WriteAllBytes(root, Tar());
        }
        else
        {
            // A repository or package is audited without what lies around it.
            var only = bundle || target is "output" or "small" ? "" : target.Split('/')[0];
            foreach (var (path, content) in files.Where(f => f.Key.StartsWith(only, StringComparison.Ordinal)))
            {
                var file = Path.Combine(root, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, content);
                if (lengths.TryGetValue(path, out var length))
                {
                    using var sparse = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
                    RandomAccess.SetLength(sparse, length);
                }
            }

            root = bundle || target is "output" or "small" ? root : Path.Combine(root, Find(target));
        }

        return AuditStage.Run(Request(root, temp));
    }

    private AuditRequest Request(string path, TempFolder temp)
    {
        string? state = null;
        if (json.TryGetProperty("seen", out var seen))
        {
            state = temp["state.json"];
            File.WriteAllBytes(state,
                new AcceptedReleases(
                [new AcceptedRelease(sample.Manifest.Name, sample.Manifest.Sequence + seen.GetInt64(), new string('0', 64))]).ToJson());
        }

        var key = Text("key") switch
        {
            "other" => Other.Value.PublicKey,
            "small" => RsaPublicKey.FromPem(Encoding.ASCII.GetBytes(SampleKeys.Rsa3072.ExportSubjectPublicKeyInfoPem())),
            _ => TestRelease.Signer.PublicKey,
        };
        return new AuditRequest(path, key, SampleUpstream.Policy,
            sample.Created.AddDays(json.TryGetProperty("day", out var day) ? day.GetInt32() : 3), state, AllowExpired: false,
            AllowUnsigned: false)
        {
            Keyring = Text("certificate") == "none" ? null : TestKeyring(),
            Cpus = Text("cpu") is { } cpu ? [TdxRelease.Verification.Cpu.CpuFamily.Parse(cpu)!.Value] : [],
        };
    }

    private static TdxRelease.Signing.OpenPgp.OpenPgpKeyring TestKeyring() =>
        TdxRelease.Signing.OpenPgp.OpenPgpKeyring.Parse(File.ReadAllBytes(TestRelease.CertificatePath), "test");

    private void Apply(string[] step)
    {
        var path = step.Length > 1 ? Find(step[1]) : "";
        switch (step[0])
        {
            case "flip":
                files[path] = [.. files[path]];
                files[path][int.Parse(step[2])] ^= 1;
                break;
            case "cut":
                files[path] = files[path][..^int.Parse(step[2])];
                break;
            case "append":
                files[path] = [.. files[path], .. Encoding.UTF8.GetBytes(step[2])];
                break;
            case "grow":
                lengths[path] = long.Parse(step[2]);
                break;
            case "drop":
                Assert.True(files.Remove(path), path);
                break;
            case "add":
                files[step[1]] = Encoding.UTF8.GetBytes(step[2]);
                break;
            case "copy":
                files[step[2]] = [.. files[path]];
                break;
            case "replace":
                var text = Encoding.UTF8.GetString(files[path]);
                Assert.Contains(step[2], text, StringComparison.Ordinal);
                var at = text.IndexOf(step[2], StringComparison.Ordinal);
                files[path] = Encoding.UTF8.GetBytes(text[..at] + step[3] + text[(at + step[2].Length)..]);
                break;
            case "rehash":
                Rehash(path);
                break;
            case "list":
                var manifest = Manifest.Parse(files[Manifest.FileName]);
                files[Manifest.FileName] =
                    (manifest with
                    {
                        Files = [.. manifest.Files.Append(BundleAudit.Hash(path, files[path]))
                    .OrderBy(f => f.Path, StringComparer.Ordinal)]
                    }).ToJson();
                break;
            case "other-key":
                files[path] = Encoding.ASCII.GetBytes(Other.Value.PublicKey.ToPem());
                break;
            case "image":
                files[path] = TamperedImage.Change(files[path], step[2]);
                break;
            case "claim":
                files[Manifest.FileName] = TamperedImage.Claim(Manifest.Parse(files[Manifest.FileName]), path, files[path]).ToJson();
                break;
            case "replan":
                foreach (var planned in TamperedImage.Plan(Manifest.Parse(files[Manifest.FileName]), files))
                {
                    files[planned.Path] = planned.Content.ToArray();
                    Rehash(planned.Path);
                }

                break;
            case "resign":
                Resign(TestRelease.Signer);
                break;
            case "resign-other":
                Resign(Other.Value);
                break;
            case "entry":
                raw.Add(RawEntry(step[1], step[2][0], step.Length > 3 ? step[3] : "", step.Length > 4 ? step[4] : null));
                break;
            case "trailing":
                trailing = Encoding.UTF8.GetBytes(step[1]);
                break;
            case "image-signature":
                SignImage(step[1], step[2]);
                break;
            case "summary":
                Summary(step[1]);
                break;
            case "provenance":
                Provenance(step[1]);
                break;
            default:
                throw new ArgumentException(step[0]);
        }
    }

    // As somebody with the key would: what else is checked must be noticed under a good list too.
    private void List(string folder)
    {
        var inside = files.Where(f => f.Key.StartsWith(folder, StringComparison.Ordinal) && !ChecksumList.IsPart(f.Key[folder.Length..]));
        var list = ChecksumList.Write(
            inside.Select(f => KeyValuePair.Create(f.Key[folder.Length..], Convert.ToHexStringLower(SHA256.HashData(f.Value)))).ToList());
        files[folder + ChecksumList.FileName] = list;
        files[folder + ChecksumList.OpenPgpSignatureName] = SignedChecksums.Sign(list, TestRelease.OpenPgp, sample.Created);
        if (folder.Length == 0)
        {
            files[ChecksumList.SignatureName] = SignedChecksums.Sign(list, TestRelease.Signer);
        }
    }

    private void Rehash(string path)
    {
        var manifest = Manifest.Parse(files[Manifest.FileName]);
        files[Manifest.FileName] =
            (manifest with { Files = [.. manifest.Files.Select(f => f.Path == path ? BundleAudit.Hash(path, files[path]) : f)] }).ToJson();
    }

    private void Resign(RsaKeySigner signer)
    {
        files[Manifest.SignatureName] = signer.Sign(files[Manifest.FileName], HashAlgorithmName.SHA512);
        files.Remove(Manifest.OpenPgpSignatureName);
    }

    // The whole layout again, as somebody who knows how to write one would.
    private void SignImage(string layout, string by)
    {
        using var temp = new TempFolder();
        foreach (var (path, content) in files.Where(f => f.Key.StartsWith($"{layout}/", StringComparison.Ordinal)).ToList())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(temp[path])!);
            File.WriteAllBytes(temp[path], content);
            files.Remove(path);
        }

        var bundle = OciLayoutReader.Read(temp[layout]);
        OciLayoutWriter.Write(bundle.Format, (path, content) => files[$"{layout}/{path}"] = content.ToArray(), bundle.Files,
            BundleStage.VersionOf(sample.Manifest), sample.Created, bundle.SigstoreBundles[0],
            by == "nobody" ? null : payload => Other.Value.Sign(payload, HashAlgorithmName.SHA256));
    }

    private void Summary(string what)
    {
        var path = Find("provenance/*.vsa.json");
        var statement = Statement.Parse(DsseEnvelope.Parse(files[path], path).Payload.Span, path);
        var summary = SlsaVerificationSummary.Read(statement, path);
        var subjects = statement.Subjects;
        switch (what)
        {
            case "other-subject": subjects = [.. subjects.Skip(1)]; break;
            case "other-hash": subjects = [subjects[0] with { Sha256 = new string('0', 64) }, .. subjects.Skip(1)]; break;
            case "other-resource": summary = summary with { ResourceUri = "pkg:generic/another@1" }; break;
            case "failed": summary = summary with { Passed = false }; break;
            case "future": summary = summary with { TimeVerified = sample.Created.AddYears(1) }; break;
            case "other-key": files[path] = DsseEnvelope.Sign(Other.Value, summary.About(subjects)).ToJson(); return;
            default: throw new ArgumentException(what);
        }

        files[path] = DsseEnvelope.Sign(TestRelease.Signer, summary.About(subjects)).ToJson();
    }

    private void Provenance(string what)
    {
        var path = Find("provenance/*.intoto.json");
        var statement = Statement.Parse(DsseEnvelope.Parse(files[path], path).Payload.Span, path);
        var provenance = SlsaProvenance.Read(statement, path);
        var subjects = statement.Subjects;
        switch (what)
        {
            case "other-subject": subjects = [.. subjects.Skip(1)]; break;
            case "other-hash": subjects = [subjects[0] with { Sha384 = new string('0', 96) }, .. subjects.Skip(1)]; break;
            case "other-kind": files[path] = files[Find("provenance/*.vsa.json")]; return;
            case "future": provenance = provenance with { Time = sample.Created.AddYears(1) }; break;
            case "other-key": files[path] = DsseEnvelope.Sign(Other.Value, statement).ToJson(); return;
            case "other-hint":
                files[Find("provenance/*.sigstore.json")] =
                new SigstoreBundle(new string('0', 64), DsseEnvelope.Sign(TestRelease.Signer, statement)).ToJson(); return;
            default: throw new ArgumentException(what);
        }

        files[path] = DsseEnvelope.Sign(TestRelease.Signer, provenance.About(subjects)).ToJson();
    }

    // "*" stands for what nobody wants to write out; it must name one file or folder.
    private string Find(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return pattern;
        }

        var hits = files.Keys.Where(p => p.Length >= pattern.Length - 1 && p.StartsWith(pattern[..star], StringComparison.Ordinal)
            && p.EndsWith(pattern[(star + 1)..], StringComparison.Ordinal)).ToList();
        Assert.True(hits.Count == 1, $"{pattern}: {string.Join(", ", hits)}");
        return hits[0];
    }

    private byte[] Tar()
    {
        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, files.Select(f => new TarEntry($"{sample.Name}/{f.Key}", f.Value)), sample.Created);
        var end = (int)tar.Length - 1024;
        while (end >= 512 && !tar.GetBuffer().AsSpan(end - 512, 512).ContainsAnyExcept((byte)0))
        {
            end -= 512;
        }

        var all = raw.Count == 0 ? tar.ToArray() : [.. tar.GetBuffer().AsSpan(0, end), .. raw.SelectMany(r => r), .. new byte[1024]];
        return [.. Compressor.Compress(all, Compression.Gzip), .. trailing];
    }

    private static byte[] RawEntry(string path, char type, string content, string? length)
    {
        var body = Encoding.UTF8.GetBytes(content);
        var block = new byte[512 + ((body.Length + 511) / 512 * 512)];
        void Put(int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(block, at);
        Put(0, path);
        Put(100, "0000644\0");
        Put(108, "0000000\0");
        Put(116, "0000000\0");
        Put(124, (length ?? Convert.ToString(type == '2' ? 0 : body.Length, 8)).PadLeft(11, '0') + "\0");
        Put(136, "00000000000\0");
        block[156] = (byte)type;
        if (type is '1' or '2')
        {
            Put(157, content);
            block = block[..512];
        }
        else
        {
            body.CopyTo(block, 512);
        }

        Put(257, "ustar\0");
        Put(263, "00");
        Put(148, "        ");
        Put(148, Convert.ToString(block.Take(512).Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return block;
    }

    private string? Text(string key) => json.TryGetProperty(key, out var value) ? value.GetString() : null;
}
