using Cake.Core;

namespace Cake.Frosting;

/// <summary>
/// A task as the host sees it; task classes derive from <see cref="FrostingTask{T}"/> or <see cref="AsyncFrostingTask{T}"/>.
/// </summary>
public interface IFrostingTask
{
    Task RunAsync(ICakeContext context);

    bool ShouldRun(ICakeContext context);

    void OnError(Exception exception, ICakeContext context);

    void Finally(ICakeContext context);
}
