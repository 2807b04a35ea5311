using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Modules;

/// <summary>What a verified sigstruct says about a module: the facts that graph, bundle and attestation build on.</summary>
/// <param name="Version">The module's version (from the mapping; the sigstruct of line 1.5 does not carry it).</param>
/// <param name="Spelling">The version as spelled upstream.</param>
/// <param name="MrSeam">SHA-384 of the module, 96 lower-case hex digits.</param>
/// <param name="Svn">SEAMSVN.</param>
/// <param name="Cpus">CPU families, stepping masked, sorted, unique.</param>
/// <param name="Signer">The policy's name of the signer.</param>
/// <param name="KeyBits">RSA size.</param>
/// <param name="IsDebug">Debug-signed.</param>
/// <param name="Date">The sigstruct's date.</param>
/// <param name="BuildNumber">Build number of a 2.0.x module, else 0.</param>
/// <param name="Length">Bytes of the module binary.</param>
public sealed record ModuleFacts(
    ModuleVersion Version,
    string Spelling,
    string MrSeam,
    SeamSvn Svn,
    IReadOnlyList<CpuSignature> Cpus,
    string Signer,
    int KeyBits,
    bool IsDebug,
    DateOnly? Date,
    int BuildNumber,
    long Length)
{
    /// <summary>SHA-384 over the modulus as stored, 96 lower-case hex digits: who signed, whatever a policy calls them.</summary>
    public string SignerSha384 { get; init; } = "";
}
