using System.Reflection;
using Cake.Core;

namespace Cake.Frosting;

/// <summary>From task classes to tasks of Cake's engine.</summary>
internal static class TaskRegistration
{
    /// <summary>Every public class of the assemblies that is a task.</summary>
    public static IEnumerable<Type> Find(IEnumerable<Assembly> assemblies) => assemblies
        .SelectMany(assembly => assembly.GetExportedTypes())
        .Where(type => typeof(IFrostingTask).IsAssignableFrom(type) && type is { IsClass: true, IsAbstract: false });

    public static void Register(ICakeEngine engine, IEnumerable<IFrostingTask> tasks)
    {
        foreach (var task in tasks)
        {
            Register(engine.RegisterTask(NameOf(task.GetType())), task.GetType(), task);
        }
    }

    private static string NameOf(Type type) => type.GetCustomAttribute<TaskNameAttribute>()?.Name ?? type.Name;

    private static void Register(CakeTaskBuilder builder, Type type, IFrostingTask task)
    {
        if (type.GetCustomAttribute<TaskDescriptionAttribute>() is { } description)
        {
            builder.Description(description.Description);
        }

        foreach (var dependency in type.GetCustomAttributes<IsDependentOnAttribute>())
        {
            builder.IsDependentOn(NameOf(RequireTask(type, dependency.Task)));
        }

        foreach (var dependee in type.GetCustomAttributes<IsDependeeOfAttribute>())
        {
            builder.IsDependeeOf(NameOf(RequireTask(type, dependee.Task)));
        }

        // An action, criterion or handler counts in Cake's report and error handling: register only what a class overrides.
        if (Overrides(type, "Run") || Overrides(type, "RunAsync"))
        {
            builder.Does(task.RunAsync);
        }

        if (Overrides(type, "ShouldRun"))
        {
            builder.WithCriteria(task.ShouldRun);
        }

        if (Overrides(type, "OnError"))
        {
            builder.OnError(task.OnError);
        }
        else if (type.IsDefined(typeof(ContinueOnErrorAttribute)))
        {
            builder.ContinueOnError();
        }

        if (Overrides(type, "Finally"))
        {
            builder.Finally(task.Finally);
        }
    }

    private static Type RequireTask(Type owner, Type type) => typeof(IFrostingTask).IsAssignableFrom(type)
        ? type
        : throw new CakeException($"task \"{NameOf(owner)}\" depends on \"{type.Name}\", which is not a task");

    private static bool Overrides(Type type, string method) => type
        .GetMethods(BindingFlags.Instance | BindingFlags.Public)
        .Any(each => each.Name == method && each.DeclaringType!.Assembly != typeof(IFrostingTask).Assembly
            || (each.Name == method && !IsBase(each.DeclaringType!)));

    private static bool IsBase(Type type) =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(FrostingTask<>)
            || type.GetGenericTypeDefinition() == typeof(AsyncFrostingTask<>));
}
