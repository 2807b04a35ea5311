using System.Globalization;
using System.Security.Cryptography;
using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Trust;

/// <summary>Reads trust-policy files, strictly: a misspelt key in a policy must never widen it.</summary>
internal sealed class TrustPolicyReader
{
    /// <summary>The RSA sizes that a policy may name; an enumeration, so that schema validators agree on it.</summary>
    private static readonly string[] KeySizes = ["2048", "3072", "4096", "6144", "8192", "16384"];

    private readonly JsonChecker json;

    private TrustPolicyReader(JsonChecker json) => this.json = json;

    public static TrustPolicy? Read(ReadOnlyMemory<byte> utf8, string file, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var policy = new TrustPolicyReader(
            new JsonChecker(utf8, file, TrustRules.PolicyJson, Strictness.Strict, own, PositionedJson.SmallFile)).Read(utf8.Span);
        foreach (var finding in own)
        {
            findings.Add(finding);
        }

        return own.Exists(f => f.Fails) ? null : policy;
    }

    private TrustPolicy? Read(ReadOnlySpan<byte> utf8)
    {
        if (json.Root() is not { } root)
        {
            return null;
        }

        json.Keys(root, "the policy", ["format", "name", "signers", "minKeyBits", "digests", "paddings", "allowDebug"],
            ["allowedVersions", "deniedVersions", "deniedMeasurements", "licenses"]);
        Constant(root, "format", "tdxrel-trust-policy/1");
        OnlyItem(root, "digests", "sha384");
        OnlyItem(root, "paddings", "pkcs1-v1.5");
        var name = Text(root, "name", "the policy") ?? "";
        var (sigstruct, bundle) = MinKeyBits(root);
        var policy = new TrustPolicy
        {
            Name = name,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(utf8)),
            Signers = [.. Objects(root, "signers").Select(Signer).OfType<TrustedSigner>()],
            MinSigstructBits = sigstruct,
            MinBundleBits = bundle,
            AllowDebug = json.Member(root, "allowDebug", JsonKind.Boolean, "the policy")?.Text == "true",
            AllowedVersions = [.. Strings(root, "allowedVersions").Select(Range).OfType<VersionRange>()],
            Denied = [.. Objects(root, "deniedVersions").Select(DeniedVersion).OfType<Denial>(),
                .. Objects(root, "deniedMeasurements").Select(DeniedMeasurement).OfType<Denial>()],
            Licenses = [.. Strings(root, "licenses").Select(s => Digits(s, 64, "licenses")).OfType<string>()],
        };
        CheckSense(root, policy);
        return policy;
    }

    private void CheckSense(LocatedValue root, TrustPolicy policy)
    {
        if (root["signers"] is not { } signers)
        {
            return;
        }

        if (signers.Value is { Kind: JsonKind.Array, Items.Count: 0 })
        {
            json.Add(TrustRules.PolicyValue, signers.Value.Offset, "\"signers\" is empty: the policy would refuse everything");
        }

        foreach (var twice in policy.Signers.GroupBy(s => s.ModulusSha384).Where(g => g.Count() > 1))
        {
            json.Add(TrustRules.PolicySense, signers.Offset,
                $"signer {twice.Key} is pinned {twice.Count()} times, as \"{string.Join("\", \"", twice.Select(s => s.Name))}\"");
        }

        foreach (var signer in policy.Signers)
        {
            var layout = signer.Layout == SigstructLayout.IntelRsa3072.Name ? SigstructLayout.IntelRsa3072
                : SigstructLayout.SyntheticRsa4096;
            if (signer.MinKeyBits > layout.KeyBits)
            {
                json.Add(TrustRules.PolicySense, signers.Offset,
                    $"signer \"{signer.Name}\": layout {layout.Name} has {layout.KeyBits} bits, minKeyBits demands {signer.MinKeyBits}");
            }
        }
    }

    private (int Sigstruct, int Bundle) MinKeyBits(LocatedValue root)
    {
        if (json.Member(root, "minKeyBits", JsonKind.Object, "the policy") is not { } bits)
        {
            return default;
        }

        json.Keys(bits, "minKeyBits", ["sigstruct", "bundle"]);
        return (Bits(bits, "sigstruct", "minKeyBits"), Bits(bits, "bundle", "minKeyBits"));
    }

    private int Bits(LocatedValue owner, string name, string where)
    {
        if (json.Member(owner, name, JsonKind.Number, where) is not { } value)
        {
            return 0;
        }

        if (!KeySizes.Contains(value.Text))
        {
            json.Add(TrustRules.PolicyValue, value.Offset,
                $"{where}: \"{name}\" is {value.Text}, want one of {string.Join(" ", KeySizes)}");
            return 0;
        }

        return int.Parse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private TrustedSigner? Signer(LocatedValue value)
    {
        json.Keys(value, "a signer", ["name", "modulusSha384", "minKeyBits", "layout"]);
        var layout = json.Member(value, "layout", JsonKind.String, "a signer");
        if (layout is not null && layout.Text != SigstructLayout.IntelRsa3072.Name && layout.Text != SigstructLayout.SyntheticRsa4096.Name)
        {
            json.Add(TrustRules.PolicyValue, layout.Offset,
                $"a signer: layout \"{layout.Text}\" is unknown, "
                + $"want \"{SigstructLayout.IntelRsa3072.Name}\" or \"{SigstructLayout.SyntheticRsa4096.Name}\"");
        }

        var bits = Bits(value, "minKeyBits", "a signer");
        return Text(value, "name", "a signer") is { } name
            && json.Member(value, "modulusSha384", JsonKind.String, "a signer") is { } modulus
            && Digits(modulus, 96, "modulusSha384") is { } hash
            && layout is not null
                ? new TrustedSigner(name, hash, bits, layout.Text)
                : null;
    }

    private Denial? DeniedVersion(LocatedValue value)
    {
        json.Keys(value, "a denied version", ["range", "reason"]);
        var reason = Text(value, "reason", "a denied version");
        return json.Member(value, "range", JsonKind.String, "a denied version") is { } range && Range(range) is { } parsed
            && reason is not null
            ? new Denial(parsed, null, reason)
            : null;
    }

    private Denial? DeniedMeasurement(LocatedValue value)
    {
        json.Keys(value, "a denied measurement", ["mrseam", "reason"]);
        var reason = Text(value, "reason", "a denied measurement");
        return json.Member(value, "mrseam", JsonKind.String, "a denied measurement") is { } mrseam
            && Digits(mrseam, 96, "mrseam") is { } hex && reason is not null
            ? new Denial(null, hex, reason)
            : null;
    }

    private VersionRange? Range(LocatedValue value)
    {
        var range = VersionRanges.Parse(value.Text, out var problem);
        if (problem != RangeProblem.None)
        {
            json.Add(problem == RangeProblem.Empty ? TrustRules.PolicySense : TrustRules.PolicyValue, value.Offset,
                $"\"{value.Text}\" {problem.Words()}");
        }

        return range;
    }

    /// <summary>The text of a member; null, with a finding, if it holds no visible character.</summary>
    private string? Text(LocatedValue owner, string name, string where)
    {
        if (json.Member(owner, name, JsonKind.String, where) is not { } value)
        {
            return null;
        }

        if (value.Text.AsSpan().ContainsAnyInRange('!', '~'))
        {
            return value.Text;
        }

        json.Add(TrustRules.PolicyValue, value.Offset, $"{where}: \"{name}\" is empty");
        return null;
    }

    private string? Digits(LocatedValue value, int digits, string name)
    {
        if (Hex.Is(value.Text, digits))
        {
            return value.Text;
        }

        json.Add(TrustRules.PolicyValue, value.Offset, $"{name}: \"{value.Text}\" is not {digits} lower-case hexadecimal digits");
        return null;
    }

    private IEnumerable<LocatedValue> Objects(LocatedValue owner, string name) => Items(owner, name, JsonKind.Object);

    private IEnumerable<LocatedValue> Strings(LocatedValue owner, string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in Items(owner, name, JsonKind.String))
        {
            if (!seen.Add(item.Text))
            {
                json.Add(TrustRules.PolicyValue, item.Offset, $"\"{name}\" has \"{item.Text}\" twice");
            }

            yield return item;
        }
    }

    private IEnumerable<LocatedValue> Items(LocatedValue owner, string name, JsonKind kind) =>
        (json.Member(owner, name, JsonKind.Array, "the policy")?.Items ?? []).Select(i => json.Require(i, kind, $"an item of \"{name}\""))
        .OfType<LocatedValue>();

    private void Constant(LocatedValue owner, string name, string want)
    {
        if (json.Member(owner, name, JsonKind.String, "the policy") is { } value && value.Text != want)
        {
            json.Add(TrustRules.PolicyValue, value.Offset, $"\"{name}\" is \"{value.Text}\", want \"{want}\"");
        }
    }

    private void OnlyItem(LocatedValue owner, string name, string want)
    {
        var items = Strings(owner, name).ToList();
        foreach (var item in items.Where(i => i.Text != want))
        {
            json.Add(TrustRules.PolicyValue, item.Offset, $"\"{name}\": \"{item.Text}\" is not supported, want \"{want}\"");
        }

        if (owner[name] is { Value: { Kind: JsonKind.Array, Items.Count: 0 } } member)
        {
            json.Add(TrustRules.PolicyValue, member.Offset, $"\"{name}\" is empty, want \"{want}\"");
        }
    }
}
