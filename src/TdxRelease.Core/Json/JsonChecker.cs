using System.Globalization;
using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>Whether something nobody has seen yet is an error.</summary>
public enum Strictness
{
    /// <summary>Unknown keys and unknown header values are errors. The default.</summary>
    Strict,

    /// <summary>They are warnings.</summary>
    Lenient,
}

/// <summary>The rules that every JSON document read here has in common; a format brings its own ids.</summary>
/// <param name="Syntax">The file is JSON.</param>
/// <param name="DuplicateKey">No object names a key twice.</param>
/// <param name="MissingKey">Required keys are present.</param>
/// <param name="WrongType">Values have their type.</param>
/// <param name="UnknownKey">No key is unknown.</param>
/// <param name="ControlCharacter">
/// No key and no string holds a control or invisible formatting character; null where the format does not ask.
/// </param>
public sealed record JsonRules(Rule Syntax, Rule DuplicateKey, Rule MissingKey, Rule WrongType, Rule UnknownKey,
    Rule? ControlCharacter = null);

/// <summary>Walks positioned JSON and collects findings instead of stopping at the first.</summary>
/// <param name="utf8">The whole document.</param>
/// <param name="file">Its name in findings.</param>
/// <param name="rules">The format's ids.</param>
/// <param name="strictness">What an unknown key weighs.</param>
/// <param name="findings">Where findings go.</param>
/// <param name="maxValues">Most values that the document may have.</param>
public sealed class JsonChecker(ReadOnlyMemory<byte> utf8, string file, JsonRules rules, Strictness strictness,
    ICollection<Finding> findings, int maxValues = int.MaxValue)
{
    private TextLines? lines;

    /// <summary>Parses the document; null, with a finding, if it is no JSON or its root is not an object.</summary>
    public LocatedValue? Root()
    {
        try
        {
            var root = PositionedJson.Parse(utf8.Span, maxValues);
            if (root.Kind == JsonKind.Object)
            {
                CheckText(root);
                return root;
            }

            Add(rules.WrongType, root.Offset, $"the document is {root.Kind.Name()}, want an object");
        }
        catch (JsonException e)
        {
            findings.Add(new(rules.Syntax, $"not JSON: {PositionedJson.Reason(e)}", PositionedJson.Where(e, file)));
        }

        return null;
    }

    /// <summary>Checks an object's keys against the known ones: duplicates, unknown keys and missing required ones are reported.</summary>
    public void Keys(LocatedValue value, string where, ReadOnlySpan<string> required, ReadOnlySpan<string> optional = default,
        string? version = null)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            if (!seen.Add(member.Name))
            {
                Add(rules.DuplicateKey, member.Offset, $"{where}: key \"{member.Name}\" is given twice", version);
            }
            else if (!required.Contains(member.Name) && !optional.Contains(member.Name))
            {
                var severity = strictness == Strictness.Strict ? rules.UnknownKey.Severity : Severity.Warning;
                findings.Add(new(rules.UnknownKey, severity, $"{where}: unknown key \"{member.Name}\"", At(member.Offset), version));
            }
        }

        foreach (var name in required)
        {
            if (!seen.Contains(name))
            {
                Add(rules.MissingKey, value.Offset, $"{where}: key \"{name}\" is missing", version);
            }
        }
    }

    /// <summary>The member's value if it is present and of that kind; null otherwise, with a finding if it is of another kind.</summary>
    public LocatedValue? Member(LocatedValue owner, string name, JsonKind kind, string where, string? version = null)
    {
        var member = owner[name];
        return member is null ? null : Require(member.Value, kind, $"{where}: \"{name}\"", version);
    }

    /// <summary>The value if it is of that kind; null with a finding otherwise.</summary>
    public LocatedValue? Require(LocatedValue value, JsonKind kind, string what, string? version = null)
    {
        if (value.Kind == kind)
        {
            return value;
        }

        Add(rules.WrongType, value.Offset, $"{what} is {value.Kind.Name()}, want {kind.Name()}", version);
        return null;
    }

    /// <summary>Reports a finding at a byte offset.</summary>
    public void Add(Rule rule, int offset, string message, string? version = null) =>
        findings.Add(new(rule, message, At(offset), version));

    /// <summary>The place of a byte offset.</summary>
    public Location At(int offset) => (lines ??= new TextLines(utf8.Span, file)).At(offset);

    /// <summary>
    /// Checks all keys and strings below a value, at whatever depth the parser took (<see cref="PositionedJson.MaxDepth"/>).
    /// </summary>
    private void CheckText(LocatedValue value)
    {
        if (rules.ControlCharacter is not { } rule)
        {
            return;
        }

        CheckText(rule, "a string", value.Text, value.Offset);
        foreach (var member in value.Members)
        {
            CheckText(rule, "a key", member.Name, member.Offset);
            CheckText(member.Value);
        }

        foreach (var item in value.Items)
        {
            CheckText(item);
        }
    }

    private void CheckText(Rule rule, string what, string text, int offset)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator)
            {
                Add(rule, offset, $"{what} contains U+{rune.Value:X4}, which would not be shown as it is");
                return;
            }
        }
    }
}
