namespace Cake.Frosting;

/// <summary>What a command line asks the host to do.</summary>
internal enum HostMode
{
    Run,
    DryRun,
    Tree,
    Description,
    Help,
    Version,
}
