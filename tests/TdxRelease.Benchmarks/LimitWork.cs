using System.Security.Cryptography;
using System.Text;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Benchmarks;

/// <summary>What opponents/limit.sh works on, taken out of a snapshot before anything is measured.</summary>
internal static class LimitWork
{
    public static void Write(string snapshot, string work)
    {
        Directory.CreateDirectory(work);
        var list = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(snapshot, "*.sigstruct", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var sigstruct = Sigstruct.Read(File.ReadAllBytes(file))!;
            var name = Path.Combine(work, Path.GetFileNameWithoutExtension(file));
            using var rsa = RSA.Create(new RSAParameters { Modulus = Reversed(sigstruct.Modulus), Exponent = [1, 0, 1] });
            File.WriteAllText($"{name}.key", rsa.ExportSubjectPublicKeyInfoPem());
            File.WriteAllBytes($"{name}.sig", Reversed(sigstruct.Signature));
            File.WriteAllBytes($"{name}.signed", [.. sigstruct.SignedHeader, .. sigstruct.SignedBody]);
            list.Append(Convert.ToHexStringLower(sigstruct.SeamHash)).Append("  ")
                .Append(Path.ChangeExtension(Path.GetRelativePath(snapshot, file), ".bin")).Append('\n');
        }

        // The joined images are held against their parts; nothing less than reading them all can do that.
        foreach (var file in Directory.EnumerateFiles(snapshot, "*.blob", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            list.Append(Convert.ToHexStringLower(SHA384.HashData(File.ReadAllBytes(file)))).Append("  ")
                .Append(Path.GetRelativePath(snapshot, file)).Append('\n');
        }

        File.WriteAllText(Path.Combine(work, "modules.sha384"), list.ToString());
    }

    private static byte[] Reversed(ReadOnlySpan<byte> littleEndian)
    {
        var bytes = littleEndian.ToArray();
        Array.Reverse(bytes);
        return bytes;
    }
}
