using Cake.Core;

namespace Cake.Frosting;

/// <summary>The context that a build hands to its tasks.</summary>
public interface IFrostingContext : ICakeContext
{
}

/// <summary>Cake's context, open to properties of a build's own.</summary>
public class FrostingContext(ICakeContext context) : CakeContextAdapter(context), IFrostingContext
{
}
