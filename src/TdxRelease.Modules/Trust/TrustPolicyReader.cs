using System.Globalization;
using System.Security.Cryptography;
using NuGet.Versioning;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Sigstructs;

namespace TdxRelease.Modules.Trust;

/// <summary>Reads trust-policy files, strictly: a misspelt key in a policy must never widen it.</summary>
internal sealed class TrustPolicyReader
{
    private readonly JsonChecker json;

    private TrustPolicyReader(JsonChecker json) => this.json = json;

    public static TrustPolicy? Read(ReadOnlyMemory<byte> utf8, string file, ICollection<Finding> findings)
    {
        var own = new List<Finding>();
        var policy = new TrustPolicyReader(new JsonChecker(utf8, file, TrustRules.PolicyJson, Strictness.Strict, own)).Read(utf8.Span);
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

        json.Keys(root, "the policy", ["format", "name", "signers", "minKeyBits", "digests", "paddings", "allowDebug"], ["allowedVersions", "deniedVersions", "deniedMeasurements", "licenses"]);
        Constant(root, "format", "tdxrel-trust-policy/1");
        OnlyItem(root, "digests", "sha384");
        OnlyItem(root, "paddings", "pkcs1-v1.5");
        var name = json.Member(root, "name", JsonKind.String, "the policy")?.Text ?? "";
        var (sigstruct, bundle) = MinKeyBits(root);
        return new TrustPolicy
        {
            Name = name,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(utf8)),
            Signers = [.. Objects(root, "signers").Select(Signer).OfType<TrustedSigner>()],
            MinSigstructBits = sigstruct,
            MinBundleBits = bundle,
            AllowDebug = json.Member(root, "allowDebug", JsonKind.Boolean, "the policy")?.Text == "true",
            AllowedVersions = [.. Strings(root, "allowedVersions").Select(Range).OfType<VersionRange>()],
            Denied = [.. Objects(root, "deniedVersions").Select(DeniedVersion).OfType<Denial>(), .. Objects(root, "deniedMeasurements").Select(DeniedMeasurement).OfType<Denial>()],
            Licenses = [.. Strings(root, "licenses").Select(s => Hex(s, 64, "licenses")).OfType<string>()],
        };
    }

    private (int Sigstruct, int Bundle) MinKeyBits(JsonValue root)
    {
        if (json.Member(root, "minKeyBits", JsonKind.Object, "the policy") is not { } bits)
        {
            return default;
        }

        json.Keys(bits, "minKeyBits", ["sigstruct", "bundle"]);
        return (Bits(bits, "sigstruct", "minKeyBits"), Bits(bits, "bundle", "minKeyBits"));
    }

    private int Bits(JsonValue owner, string name, string where)
    {
        if (json.Member(owner, name, JsonKind.Number, where) is not { } value)
        {
            return 0;
        }

        if (!int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || bits is < 2048 or > 16384)
        {
            json.Add(TrustRules.PolicyValue, value.Offset, $"{where}: \"{name}\" is {value.Text}, want 2048 to 16384 bits");
        }

        return bits;
    }

    private TrustedSigner? Signer(JsonValue value)
    {
        json.Keys(value, "a signer", ["name", "modulusSha384", "minKeyBits", "layout"]);
        var layout = json.Member(value, "layout", JsonKind.String, "a signer");
        if (layout is not null && layout.Text != SigstructLayout.IntelRsa3072.Name && layout.Text != SigstructLayout.SyntheticRsa4096.Name)
        {
            json.Add(TrustRules.PolicyValue, layout.Offset, $"a signer: layout \"{layout.Text}\" is unknown, want \"{SigstructLayout.IntelRsa3072.Name}\" or \"{SigstructLayout.SyntheticRsa4096.Name}\"");
        }

        return json.Member(value, "name", JsonKind.String, "a signer") is { } name
            && json.Member(value, "modulusSha384", JsonKind.String, "a signer") is { } modulus
            && Hex(modulus, 96, "modulusSha384") is { } hash
            && layout is not null
                ? new TrustedSigner(name.Text, hash, Bits(value, "minKeyBits", "a signer"), layout.Text)
                : null;
    }

    private Denial? DeniedVersion(JsonValue value)
    {
        json.Keys(value, "a denied version", ["range", "reason"]);
        return json.Member(value, "range", JsonKind.String, "a denied version") is { } range && Range(range) is { } parsed
            && json.Member(value, "reason", JsonKind.String, "a denied version") is { } reason
                ? new Denial(parsed, null, reason.Text)
                : null;
    }

    private Denial? DeniedMeasurement(JsonValue value)
    {
        json.Keys(value, "a denied measurement", ["mrseam", "reason"]);
        return json.Member(value, "mrseam", JsonKind.String, "a denied measurement") is { } mrseam && Hex(mrseam, 96, "mrseam") is { } hex
            && json.Member(value, "reason", JsonKind.String, "a denied measurement") is { } reason
                ? new Denial(null, hex, reason.Text)
                : null;
    }

    private VersionRange? Range(JsonValue value)
    {
        if (VersionRange.TryParse(value.Text, out var range))
        {
            return range;
        }

        json.Add(TrustRules.PolicyValue, value.Offset, $"\"{value.Text}\" is not a NuGet version range such as [1.5.13,1.6.0)");
        return null;
    }

    private string? Hex(JsonValue value, int digits, string name)
    {
        if (HexText.Is(value.Text, digits))
        {
            return value.Text;
        }

        json.Add(TrustRules.PolicyValue, value.Offset, $"{name}: \"{value.Text}\" is not {digits} lower-case hexadecimal digits");
        return null;
    }

    private IEnumerable<JsonValue> Objects(JsonValue owner, string name) => Items(owner, name, JsonKind.Object);

    private IEnumerable<JsonValue> Strings(JsonValue owner, string name) => Items(owner, name, JsonKind.String);

    private IEnumerable<JsonValue> Items(JsonValue owner, string name, JsonKind kind) =>
        (json.Member(owner, name, JsonKind.Array, "the policy")?.Items ?? []).Select(i => json.Require(i, kind, $"an item of \"{name}\"")).OfType<JsonValue>();

    private void Constant(JsonValue owner, string name, string want)
    {
        if (json.Member(owner, name, JsonKind.String, "the policy") is { } value && value.Text != want)
        {
            json.Add(TrustRules.PolicyValue, value.Offset, $"\"{name}\" is \"{value.Text}\", want \"{want}\"");
        }
    }

    private void OnlyItem(JsonValue owner, string name, string want)
    {
        var items = Strings(owner, name).ToList();
        foreach (var item in items.Where(i => i.Text != want))
        {
            json.Add(TrustRules.PolicyValue, item.Offset, $"\"{name}\": \"{item.Text}\" is not supported, want \"{want}\"");
        }

        if (items.Count == 0 && owner[name] is { } member)
        {
            json.Add(TrustRules.PolicyValue, member.Offset, $"\"{name}\" is empty, want \"{want}\"");
        }
    }
}
