using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Release.Packaging;
using TdxRelease.Verification;

namespace TdxRelease.Build.CommandLine;

/// <summary>An argument that the build understands: what is not declared so is refused, and --help prints the list.</summary>
/// <param name="name">The name behind the two dashes.</param>
/// <param name="description">One line for --help.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class KnownArgumentAttribute(string name, string description) : Attribute
{
    /// <summary>The name behind the two dashes.</summary>
    public string Name { get; } = name;

    /// <summary>One line for --help; <c>{formats}</c> stands for all formats of packages.</summary>
    public string Description { get; } = description.Replace("{formats}", PackageFormats.Names, StringComparison.Ordinal);

    /// <summary>Whether the argument stands alone (or with =true, =false) instead of taking a value.</summary>
    public bool IsFlag { get; init; }

    /// <summary>Whether it may be given more than once.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>Whether the value is a whole number above 0.</summary>
    public bool IsNumber { get; init; }

    /// <summary>The only values, in any case of letters; empty: any value.</summary>
    public string[] Choices { get; init; } = [];

    /// <returns>The value, in the case of letters of <see cref="Choices"/>.</returns>
    /// <exception cref="TdxException">Exit 2: the argument does not take this value.</exception>
    internal string Check(string value)
    {
        if (IsNumber && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
        {
            throw new TdxException(ExitCode.Usage, $"--{Name}: got \"{value}\", want a whole number above 0");
        }

        return Choices is [] ? value
            : Array.Find(Choices, each => each.Equals(value, StringComparison.OrdinalIgnoreCase))
                ?? throw new TdxException(ExitCode.Usage, $"--{Name}: got \"{value}\", want {string.Join(" or ", Choices)}");
    }
}
