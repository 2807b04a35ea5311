using System.Globalization;

namespace TdxRelease.Verification.Cpu;

/// <summary>CPUID.1.EAX: family, model and stepping of a processor.</summary>
/// <param name="Value">The raw 32-bit register; bits 0-3 are the stepping.</param>
public readonly record struct CpuSignature(uint Value) : IComparable<CpuSignature>
{
    /// <summary>The same processor without its stepping: what a sigstruct's CPU table is matched on.</summary>
    public CpuSignature Family => new(Value & ~0xFu);

    /// <summary>Whether both are the same processor but for the stepping.</summary>
    public bool SameFamily(CpuSignature other) => Family.Value == other.Family.Value;

    /// <inheritdoc/>
    public int CompareTo(CpuSignature other) => Value.CompareTo(other.Value);

    /// <summary><c>0x806F8</c>.</summary>
    public override string ToString() => $"0x{Value:X}";

    /// <summary>Parses one to eight hexadecimal digits, with or without <c>0x</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out CpuSignature signature)
    {
        signature = default;
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        if (digits.Length is 0 or > 8 || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value == 0)
        {
            return false;
        }

        signature = new CpuSignature(value);
        return true;
    }
}
