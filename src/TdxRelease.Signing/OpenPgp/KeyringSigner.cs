namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// Signs with each of several keys, while one replaces another: the signatures stand in one file, and whoever has any of the keys finds one
/// of it.
/// </summary>
/// <param name="signers">Who signs; at least one.</param>
/// <param name="keyring">What users get: the certificates of the signers, and those whose older signatures still count.</param>
public sealed class KeyringSigner(IReadOnlyList<IOpenPgpSigner> signers, OpenPgpKeyring keyring) : IOpenPgpSigner
{
    /// <inheritdoc/>
    public IOpenPgpSigner First => signers[0];

    /// <inheritdoc/>
    public string Fingerprint => First.Fingerprint;

    /// <inheritdoc/>
    public byte[] Certificate => keyring.ToArray();

    /// <inheritdoc/>
    public byte[] SignDetached(ReadOnlySpan<byte> content, DateTimeOffset time)
    {
        var packets = new List<byte>();
        foreach (var signer in signers)
        {
            packets.AddRange(signer.SignDetached(content, time));
        }

        return [.. packets];
    }

    /// <inheritdoc/>
    public string SignDetachedArmored(ReadOnlySpan<byte> content, DateTimeOffset time) =>
        Armor.Encode(Armor.Signature, SignDetached(content, time));

    /// <inheritdoc/>
    public string ClearSign(string text, DateTimeOffset time) =>
        Cleartext.Frame(text, Armor.Encode(Armor.Signature,
            [.. signers.SelectMany(s => Cleartext.Unframe(System.Text.Encoding.UTF8.GetBytes(s.ClearSign(text, time))).Signature)]));
}
