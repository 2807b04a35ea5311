using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace TdxRelease.Tests.Architecture;

/// <summary>
/// The members of compiled assemblies that no body of any of them refers to. A member is <c>Namespace.Type::Name/parameters</c>;
/// a property counts by its getter, as what is only written is not used. Constants are compiled in where they are used and leave no trace;
/// virtual methods may be called through what declares them: neither is looked at.
/// </summary>
internal sealed class UnusedMembers
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    private readonly SortedSet<string> defined = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    public static IReadOnlyList<string> Of(IEnumerable<string> assemblies)
    {
        var members = new UnusedMembers();
        foreach (var path in assemblies)
        {
            using var file = new PEReader(File.OpenRead(path));
            members.Add(file, file.GetMetadataReader());
        }

        return [.. members.defined.Except(members.used)];
    }

    private void Add(PEReader file, MetadataReader reader)
    {
        foreach (var type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            var generated = IsGenerated(reader, type.GetCustomAttributes())
                || reader.GetString(type.Name).Contains('<', StringComparison.Ordinal);
            var name = NameOf(reader, type);
            foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
            {
                var counts = !generated && (field.Attributes & FieldAttributes.Literal) == 0
                    && !IsGenerated(reader, field.GetCustomAttributes());
                if (counts && (field.Attributes & FieldAttributes.SpecialName) == 0)
                {
                    defined.Add($"{name}::{reader.GetString(field.Name)}");
                }
            }

            foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
            {
                var self = $"{name}::{reader.GetString(method.Name)}/{Parameters(reader, method.Signature)}";
                if (!generated && Counts(reader, method))
                {
                    defined.Add(self);
                }

                if (method.RelativeVirtualAddress != 0 && !IsOfRecord(reader, method))
                {
                    used.UnionWith(Calls(reader, file.GetMethodBody(method.RelativeVirtualAddress)).Where(called => called != self));
                }
            }
        }
    }

    private static bool Counts(MetadataReader reader, MethodDefinition method)
    {
        var name = reader.GetString(method.Name);
        var getter = name.StartsWith("get_", StringComparison.Ordinal);
        return (method.Attributes & MethodAttributes.Virtual) == 0
            && !name.Contains('<', StringComparison.Ordinal)
            && name is not (".cctor" or ".ctor" or "get_EqualityContract")
            && !name.StartsWith("set_", StringComparison.Ordinal)
            && (getter || !IsGenerated(reader, method.GetCustomAttributes()));
    }

    /// <summary>What the compiler writes for a record (its text, its comparison) reads every property and is no use of one.</summary>
    private static bool IsOfRecord(MetadataReader reader, MethodDefinition method) =>
        IsGenerated(reader, method.GetCustomAttributes())
        && reader.GetString(method.Name) is "PrintMembers" or "ToString" or "Equals" or "GetHashCode" or "Deconstruct" or "op_Equality"
        or "op_Inequality";

    private static bool IsGenerated(MetadataReader reader, CustomAttributeHandleCollection attributes) =>
        attributes.Select(reader.GetCustomAttribute).Any(attribute => attribute.Constructor.Kind == HandleKind.MemberReference
            && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
            && reader.GetString(reader.GetTypeReference((TypeReferenceHandle)parent).Name) is "CompilerGeneratedAttribute"
            or "GeneratedCodeAttribute");

    private static IEnumerable<string> Calls(MetadataReader reader, MethodBodyBlock body)
    {
        var calls = new List<string>();
        for (var code = body.GetILReader(); code.RemainingBytes > 0;)
        {
            int value = code.ReadByte();
            value = value == 0xFE ? 0xFE00 | code.ReadByte() : value;
            switch (Operands[value])
            {
                case OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok:
                    calls.AddRange(Resolve(reader, MetadataTokens.EntityHandle(code.ReadInt32())));
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case var operand:
                    code.Offset += Size(operand);
                    break;
            }
        }

        return calls;
    }

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private static IEnumerable<string> Resolve(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodSpecification:
                return Resolve(reader, reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
            case HandleKind.MethodDefinition:
                var method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                var owner = NameOf(reader, reader.GetTypeDefinition(method.GetDeclaringType()));
                return [$"{owner}::{reader.GetString(method.Name)}/{Parameters(reader, method.Signature)}"];
            case HandleKind.FieldDefinition:
                var field = reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                return [$"{NameOf(reader, reader.GetTypeDefinition(field.GetDeclaringType()))}::{reader.GetString(field.Name)}"];
            case HandleKind.MemberReference:
                var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                var name = $"{NameOf(reader, member.Parent)}::{reader.GetString(member.Name)}";
                return [member.GetKind() == MemberReferenceKind.Field ? name : $"{name}/{Parameters(reader, member.Signature)}"];
            default:
                return [];
        }
    }

    private static int Parameters(MetadataReader reader, BlobHandle signature)
    {
        var blob = reader.GetBlobReader(signature);
        if (blob.ReadSignatureHeader().IsGeneric)
        {
            blob.ReadCompressedInteger();
        }

        return blob.ReadCompressedInteger();
    }

    private static string NameOf(MetadataReader reader, TypeDefinition type) => type.GetDeclaringType() is { IsNil: false } outer
        ? $"{NameOf(reader, reader.GetTypeDefinition(outer))}+{reader.GetString(type.Name)}"
        : $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";

    private static string NameOf(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return NameOf(reader, reader.GetTypeDefinition((TypeDefinitionHandle)handle));
            case HandleKind.TypeReference:
                var type = reader.GetTypeReference((TypeReferenceHandle)handle);
                var name = reader.GetString(type.Name);
                return type.ResolutionScope.Kind == HandleKind.TypeReference
                    ? $"{NameOf(reader, type.ResolutionScope)}+{name}"
                    : $"{reader.GetString(type.Namespace)}.{name}";
            case HandleKind.TypeSpecification:
                // A generic instance: 0x15, class or value type, then the coded token of the generic type.
                var blob = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
                return blob.ReadByte() == 0x15 && blob.ReadByte() is 0x11 or 0x12 ? NameOf(reader, blob.ReadTypeHandle()) : "";
            default:
                return "";
        }
    }
}
