using System.Numerics;

namespace TdxRelease.Verification.Mapping;

/// <summary>Names of the bits of TDX_FEATURES0 (Intel TDX module ABI specification, global metadata field TDX_FEATURES0).</summary>
public static class TdxFeatures0
{
    /// <summary>Bit 1: without it the kernel offers no update.</summary>
    public const ulong TdPreserving = 1UL << 1;

    /// <summary>Bit 18: without it the kernel does not initialise TDX.</summary>
    public const ulong NoRbpMod = 1UL << 18;

    private static readonly Dictionary<int, string> Names = new()
    {
        [0] = "TD_MIGRATION",
        [1] = "TD_PRESERVING",
        [2] = "SERVICE_TD",
        [3] = "TDG_VP_RDWR",
        [4] = "RELAXED_MEM_MNG_CONCURRENCY",
        [5] = "CPUID_VIRT_GUEST_CTRL",
        [6] = "TDX_CONNECT",
        [7] = "TD_PARTITIONING",
        [8] = "LOCAL_ATTESTATION",
        [9] = "TD_ENTRY_ENHANCEMENTS",
        [10] = "HOST_PRIORITY_LOCKS",
        [11] = "CONFIG_IA32_ARCH_CAP",
        [16] = "PENDING_EPT_VIOLATION_V2",
        [17] = "FMS_CONFIG",
        [18] = "NO_RBP_MOD",
        [19] = "L2_TLB_INVD_OPT",
        [20] = "TOPOLOGY_ENUM",
        [21] = "PARTITIONED_TD_MIGRATION",
        [23] = "CLFLUSH_BEFORE_ALLOC",
        [25] = "ICSSD",
        [26] = "FIXED_CTR12_PROF",
        [27] = "MAXPA_VIRT",
        [28] = "APX",
        [29] = "CPUID2_VIRT",
        [36] = "DYNAMIC_PAMT",
        [39] = "EXT",
        [47] = "UPDATE_COMPAT",
        [50] = "QUOTE",
        [51] = "ENHANCED_DEMOTE_INTERRUPTIBILITY",
    };

    /// <summary>The name of a bit (0 to 63); <c>bit N</c> where none is known.</summary>
    public static string NameOf(int bit) => Names.GetValueOrDefault(bit) ?? $"bit {bit}";

    /// <summary>The names of the set bits, lowest first.</summary>
    public static IReadOnlyList<string> NamesOf(ulong mask)
    {
        var names = new List<string>(BitOperations.PopCount(mask));
        for (; mask != 0; mask &= mask - 1)
        {
            names.Add(NameOf(BitOperations.TrailingZeroCount(mask)));
        }

        return names;
    }

    /// <summary>The names joined by commas; <c>none</c> for an empty mask.</summary>
    public static string Describe(ulong mask) => mask == 0 ? "none" : string.Join(", ", NamesOf(mask));
}
