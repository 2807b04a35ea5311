using System.Security.Cryptography;

namespace TdxRelease.Signing;

/// <summary>Wipes the private numbers of a key. What the platform or the garbage collector copied is out of reach.</summary>
internal static class PrivateNumbers
{
    public static void Wipe(RSAParameters numbers)
    {
        foreach (var number in (byte[]?[])[numbers.D, numbers.P, numbers.Q, numbers.DP, numbers.DQ, numbers.InverseQ])
        {
            CryptographicOperations.ZeroMemory(number);
        }
    }
}
