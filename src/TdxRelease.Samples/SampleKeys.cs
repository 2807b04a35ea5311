using System.Security.Cryptography;

namespace TdxRelease.Samples;

/// <summary>
/// The two keys of samples/keys. Their private halves are public; no policy but <see cref="SampleUpstream.Policy"/> trusts them.
/// </summary>
public static class SampleKeys
{
    private static readonly Lazy<RSA> Small = new(() => Import("samples/test-module-3072.pem"));
    private static readonly Lazy<RSA> Large = new(() => Import("samples/test-module-4096.pem"));

    /// <summary>RSA-3072, for Intel's sigstruct layout.</summary>
    public static RSA Rsa3072 => Small.Value;

    /// <summary>RSA-4096, for the synthetic layout.</summary>
    public static RSA Rsa4096 => Large.Value;

    /// <summary>A resource of this assembly.</summary>
    internal static byte[] Resource(string name)
    {
        using var stream = typeof(SampleKeys).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static RSA Import(string name)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(System.Text.Encoding.ASCII.GetString(Resource(name)));
        return rsa;
    }
}
