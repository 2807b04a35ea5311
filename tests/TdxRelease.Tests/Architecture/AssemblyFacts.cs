using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TdxRelease.Tests.Architecture;

/// <summary>What a compiled assembly refers to, read from its metadata.</summary>
internal sealed record AssemblyFacts(IReadOnlyList<string> Assemblies, IReadOnlyList<string> Types, IReadOnlyList<string> Members)
{
    /// <summary>Reads the assembly that lies beside the tests.</summary>
    public static AssemblyFacts Of(string name) => Read(Path.Combine(AppContext.BaseDirectory, $"{name}.dll"));

    public static AssemblyFacts Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return new(
            [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
                .Order(StringComparer.Ordinal)],
            [.. metadata.TypeReferences.Select(handle => FullName(metadata, metadata.GetTypeReference(handle)))
                .Order(StringComparer.Ordinal)],
            [.. metadata.MemberReferences.Select(metadata.GetMemberReference)
                .Where(member => member.Parent.Kind == HandleKind.TypeReference)
                .Select(member => FullName(metadata, metadata.GetTypeReference((TypeReferenceHandle)member.Parent))
                    + $".{metadata.GetString(member.Name)}")
                .Order(StringComparer.Ordinal)]);
    }

    private static string FullName(MetadataReader metadata, TypeReference type)
    {
        var space = metadata.GetString(type.Namespace);
        var name = metadata.GetString(type.Name);
        return space.Length == 0 ? name : $"{space}.{name}";
    }
}
