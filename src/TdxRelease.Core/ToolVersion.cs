using System.Reflection;

namespace TdxRelease.Core;

/// <summary>Name and version of this program, as it appears in what it writes.</summary>
public static class ToolVersion
{
    /// <summary>The version without the commit, so that two builds of one source agree: <c>tdxrel 0.1.0</c>.</summary>
    public static string Text { get; } = $"tdxrel {Number}";

    /// <summary>The version alone.</summary>
    public static string Number => Informational.Split('+')[0];

    /// <summary>The version with the commit it was built from, where the build knew it.</summary>
    public static string Informational =>
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
