using Cake.Core;

namespace Cake.Frosting;

/// <summary>What --tree prints: every task that no other needs, with what it needs below it.</summary>
internal static class TaskTree
{
    public static void Write(IConsole console, IReadOnlyList<ICakeTaskInfo> tasks)
    {
        var below = tasks.ToDictionary(task => task.Name, task => Below(task, tasks), StringComparer.OrdinalIgnoreCase);
        var needed = below.Values.SelectMany(names => names).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var root in tasks.Where(task => !needed.Contains(task.Name)))
        {
            console.WriteLine("{0}", root.Name);
            WriteBelow(console, root.Name, below, string.Empty, [root.Name]);
        }
    }

    private static List<string> Below(ICakeTaskInfo task, IReadOnlyList<ICakeTaskInfo> tasks) =>
    [
        .. task.Dependencies.Select(each => each.Name),
        .. tasks.Where(other => other.Dependees.Any(each => each.Name.Equals(task.Name, StringComparison.OrdinalIgnoreCase))).Select(other => other.Name),
    ];

    private static void WriteBelow(IConsole console, string name, Dictionary<string, List<string>> below, string indent, IReadOnlyList<string> path)
    {
        if (!below.TryGetValue(name, out var names))
        {
            return;
        }

        for (var i = 0; i < names.Count; i++)
        {
            var last = i == names.Count - 1;
            var circle = path.Contains(names[i], StringComparer.OrdinalIgnoreCase);
            console.WriteLine("{0}", $"{indent}{(last ? "└─" : "├─")}{names[i]}{(circle ? " (circular)" : string.Empty)}");
            if (!circle)
            {
                WriteBelow(console, names[i], below, indent + (last ? "  " : "│ "), [.. path, names[i]]);
            }
        }
    }
}
