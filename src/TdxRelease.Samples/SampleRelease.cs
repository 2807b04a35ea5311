using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Samples;

/// <summary>One made-up module: everything that mapping file, sigstruct and image say about it.</summary>
public sealed record SampleRelease
{
    /// <summary>The version; Intel never released it.</summary>
    public required ModuleVersion Version { get; init; }

    /// <summary>SEAMSVN.</summary>
    public required SeamSvn Svn { get; init; }

    /// <summary>CPUID table, as stored.</summary>
    public required IReadOnlyList<CpuSignature> Cpus { get; init; }

    /// <summary>min_module_version_for_td_preserving.</summary>
    public required string Minimum { get; init; }

    /// <summary>min_seamldr_versions.</summary>
    public required IReadOnlyList<string> Loaders { get; init; }

    /// <summary>strict_compat_versions.</summary>
    public required IReadOnlyList<string> Strict { get; init; }

    /// <summary>TDX_FEATURES0.</summary>
    public required ulong Features0 { get; init; }

    /// <summary>Date of the sigstruct.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Pages of the module binary.</summary>
    public required int Pages { get; init; }

    /// <summary>Format of the joined image.</summary>
    public ImageFormat Format { get; init; } = ImageFormat.V1;

    /// <summary>Build number, for line 2.0.</summary>
    public ushort Build { get; init; }

    /// <summary>Debug-signed.</summary>
    public bool Debug { get; init; }

    /// <summary>Signed with RSA-4096, in the synthetic layout.</summary>
    public bool Rsa4096 { get; init; }
}
