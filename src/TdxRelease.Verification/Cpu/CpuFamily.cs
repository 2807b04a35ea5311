namespace TdxRelease.Verification.Cpu;

/// <summary>A processor family that has, or is expected to get, TDX modules.</summary>
/// <param name="Signature">CPUID.1.EAX with the stepping masked.</param>
/// <param name="Id">Stable lower-case id for files and options: <c>sapphire-rapids</c>.</param>
/// <param name="Name">Display name: <c>Sapphire Rapids</c>.</param>
public sealed record CpuFamily(CpuSignature Signature, string Id, string Name)
{
    /// <summary>The families known by name (arch/x86/include/asm/intel-family.h). To add one, add a line here.</summary>
    public static IReadOnlyList<CpuFamily> Known { get; } =
    [
        new(new(0x806F0), "sapphire-rapids", "Sapphire Rapids"),
        new(new(0xA06D0), "granite-rapids", "Granite Rapids"),
        new(new(0xA06E0), "granite-rapids-d", "Granite Rapids-D"),
        new(new(0xA06F0), "sierra-forest", "Sierra Forest"),
        new(new(0xC06F0), "emerald-rapids", "Emerald Rapids"),
        // No real sigstruct lists these two yet.
        new(new(0xD06D0), "clearwater-forest", "Clearwater Forest"),
        new(new(0x400F10), "diamond-rapids", "Diamond Rapids"),
    ];

    /// <summary>The family of a signature; an unknown one is named by its hexadecimal signature and handled like the rest.</summary>
    public static CpuFamily Of(CpuSignature signature)
    {
        var family = signature.Family;
        foreach (var known in Known)
        {
            if (known.Signature == family)
            {
                return known;
            }
        }

        return new CpuFamily(family, $"cpu-{family.Value:x}", family.ToString());
    }

    /// <summary>Parses a family id or name (case, blanks and hyphens do not matter) or a hexadecimal signature.</summary>
    /// <returns>The signature, stepping included where one was given; null where the text names nothing known.</returns>
    public static CpuSignature? Parse(string text)
    {
        foreach (var known in Known)
        {
            if (Plain(text) == Plain(known.Id))
            {
                return known.Signature;
            }
        }

        return CpuSignature.TryParse(text, out var signature) ? signature : null;
    }

    private static string Plain(string text) =>
        text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
