using System.Text;
using TdxRelease.Planning.Plans;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Fleet;

/// <summary>How an inventory is written.</summary>
public enum InventoryFormat
{
    /// <summary>
    /// A header names the columns host, cpu, seamldr, running and, optionally, remaining; fields may be quoted (RFC 4180, no line breaks
    /// inside).
    /// </summary>
    Csv,

    /// <summary>One JSON object a line with the same names.</summary>
    Jsonl,

    /// <summary>
    /// One document of another program: Ansible's facts or inventory, or the answer to a Prometheus query (<see
    /// cref="InventoryDocument"/>).
    /// </summary>
    Json,
}

/// <summary>What is wrong with a row.</summary>
/// <param name="Row">1-based line of the file.</param>
/// <param name="Column">Name of the column, or null where the row as a whole is malformed.</param>
/// <param name="Message">Got and want.</param>
public sealed record InventoryError(long Row, string? Column, string Message)
{
    /// <summary><c>row 17, column "cpu": …</c>.</summary>
    public override string ToString() => Column is null ? $"row {Row}: {Message}" : $"row {Row}, column \"{Column}\": {Message}";
}

/// <summary>A row that can be planned.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="State">What its plan depends on.</param>
/// <param name="Others">The columns that no plan needs, where they are kept: names, and values as JSON.</param>
internal readonly record struct InventoryRow(string Host, HostColumns State, IReadOnlyList<(string Name, string Json)> Others);

/// <summary>The columns of a row behind the host's name.</summary>
internal readonly record struct HostColumns(CpuSignature Cpu, ModuleVersion Seamldr, ModuleVersion Running, long? Remaining)
    : IComparable<HostColumns>
{
    /// <inheritdoc/>
    public int CompareTo(HostColumns other) =>
        (Cpu, Seamldr, Running, Remaining ?? -1).CompareTo((other.Cpu, other.Seamldr, other.Running, other.Remaining ?? -1));

    /// <summary>Reads the columns; the first bad one is returned in <paramref name="error"/> (row 0, to be filled in).</summary>
    public static bool TryParse(string cpu, string seamldr, string running, string? remaining, out HostColumns columns,
        out InventoryError? error)
    {
        columns = default;
        error = null;
        if (CpuFamily.Parse(cpu) is not { } signature)
        {
            error = new(0, "cpu",
                $"\"{cpu}\" is not a CPU, want a hexadecimal signature such as 0x806F8 "
                + $"or one of {string.Join(", ", CpuFamily.Known.Select(f => f.Id))}");
        }
        else if (!ModuleVersion.TryParse(seamldr, out var loader))
        {
            error = new(0, "seamldr", NoVersion(seamldr));
        }
        else if (!ModuleVersion.TryParse(running, out var module))
        {
            error = new(0, "running", NoVersion(running));
        }
        else if (!Number(remaining, out var left))
        {
            error = new(0, "remaining", $"\"{remaining}\" is not a number of updates, want 0 to 4294967295, or nothing");
        }
        else
        {
            // No rule looks at the stepping: one answer serves the family.
            columns = new(signature.Family, loader, module, left);
        }

        return error is null;
    }

    private static string NoVersion(string text) => $"\"{text}\" is not a version of the form major.minor.update";

    private static bool Number(string? text, out long? number)
    {
        number = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var good = PlanRequest.TryParseRemaining(text, out var value);
        number = value;
        return good;
    }
}

/// <summary>Text of an inventory, strictly UTF-8.</summary>
internal static class InventoryText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        try
        {
            text = Strict.GetString(utf8);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
