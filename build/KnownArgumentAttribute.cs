namespace TdxRelease.Build;

/// <summary>An argument that the build understands: what is not declared so is refused, and --help prints the list.</summary>
/// <param name="name">The name behind the two dashes.</param>
/// <param name="description">One line for --help.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class KnownArgumentAttribute(string name, string description) : Attribute
{
    /// <summary>The name behind the two dashes.</summary>
    public string Name { get; } = name;

    /// <summary>One line for --help.</summary>
    public string Description { get; } = description;

    /// <summary>Whether the argument stands alone (or with =true, =false) instead of taking a value.</summary>
    public bool IsFlag { get; init; }
}
