using System.Security.Cryptography;
using System.Text.Json;
using TdxRelease.Testing;
using TdxRelease.Verification.Trust;
using Xunit.Abstractions;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace TdxRelease.Tests.Verification;

public class WycheproofTests(ITestOutputHelper output)
{
    [UpstreamTheory]
    [InlineData("rsa_signature_3072_sha384_test.json")]
    [InlineData("rsa_signature_4096_sha384_test.json")]
    [InlineData("rsa_signature_4096_sha256_test.json")]
    public void Both_verifiers_decide_every_vector_correctly(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Shared!, "vectors", "wycheproof", name)));
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            var modulus = Convert.FromHexString(group.GetProperty("publicKey").GetProperty("modulus").GetString()!).AsSpan()
                .TrimStart((byte)0).ToArray();
            var exponent = Convert.ToUInt32(group.GetProperty("publicKey").GetProperty("publicExponent").GetString(), 16);
            var hash = group.GetProperty("sha").GetString() == "SHA-384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var message = Convert.FromHexString(test.GetProperty("msg").GetString()!);
                var signature = Convert.FromHexString(test.GetProperty("sig").GetString()!);
                var result = test.GetProperty("result").GetString()!;
                var digest = CryptographicOperations.HashData(hash, message);
                var id = $"{name} {test.GetProperty("tcId").GetInt32()} {test.GetProperty("comment").GetString()}";

                var platform = RsaPkcs1.VerifyPlatform(modulus, exponent, digest, signature, hash);
                var bouncyCastle = RsaPkcs1.VerifyBouncyCastle(modulus, BigInteger.ValueOf(exponent), digest, signature, hash);
                Assert.True(platform == (result == "valid"), $"platform: {id}");
                Assert.True(bouncyCastle == (result == "valid"), $"BouncyCastle: {id}");
                counts[result] = counts.GetValueOrDefault(result) + 1;
            }
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), counts.Values.Sum());
        Assert.True(counts["valid"] > 0 && counts["invalid"] > 200 && counts["acceptable"] == 1);
        var results = string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"));
        output.WriteLine($"{name}: {results}; all decided correctly by both verifiers, acceptable refused");
    }
}
