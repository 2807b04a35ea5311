using System.Reflection;
using Cake.Core;
using Cake.Frosting;

namespace TdxRelease.Build.CommandLine;

/// <summary>A task as its class declares it.</summary>
/// <param name="Name">What --target takes.</param>
/// <param name="Description">The line of --description, or nothing.</param>
/// <param name="Needs">The names of the tasks that run before it.</param>
internal sealed record DeclaredTask(string Name, string Description, IReadOnlyList<string> Needs)
{
    /// <summary>The tasks of an assembly, sorted by name.</summary>
    public static IReadOnlyList<DeclaredTask> In(Assembly assembly)
    {
        var types = assembly.GetExportedTypes().Where(type => typeof(IFrostingTask).IsAssignableFrom(type) && !type.IsAbstract).ToList();
        return
        [
            .. types.Select(type => new DeclaredTask(NameOf(type), DescriptionOf(type), [.. Below(type, types).Select(NameOf)]))
                .OrderBy(task => task.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Prints every task that no other needs, with what it needs below it.</summary>
    public static void WriteTree(IConsole console, IReadOnlyList<DeclaredTask> tasks)
    {
        foreach (var root in tasks.Where(task => !tasks.Any(other => other.Needs.Contains(task.Name))))
        {
            console.WriteLine("{0}", root.Name);
            root.WriteBelow(console, tasks, string.Empty, [root.Name]);
        }
    }

    private static string NameOf(Type type) => type.GetCustomAttribute<TaskNameAttribute>()?.Name ?? type.Name;

    private static string DescriptionOf(Type type) => type.GetCustomAttribute<TaskDescriptionAttribute>()?.Description ?? string.Empty;

    private static IEnumerable<Type> Below(Type type, IEnumerable<Type> types) => type.GetCustomAttributes<IsDependentOnAttribute>()
        .Select(each => each.Task)
        .Concat(types.Where(other => other.GetCustomAttributes<IsDependeeOfAttribute>().Any(each => each.Task == type)));

    private void WriteBelow(IConsole console, IReadOnlyList<DeclaredTask> tasks, string indent, IReadOnlyList<string> path)
    {
        for (var i = 0; i < Needs.Count; i++)
        {
            var (last, circle) = (i == Needs.Count - 1, path.Contains(Needs[i]));
            console.WriteLine("{0}", $"{indent}{(last ? "└─" : "├─")}{Needs[i]}{(circle ? " (circular)" : string.Empty)}");
            if (!circle)
            {
                var next = tasks.FirstOrDefault(task => task.Name == Needs[i]);
                next?.WriteBelow(console, tasks, indent + (last ? "  " : "│ "), [.. path, Needs[i]]);
            }
        }
    }
}
