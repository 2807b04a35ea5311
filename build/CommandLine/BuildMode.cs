namespace TdxRelease.Build.CommandLine;

/// <summary>What a command line asks for.</summary>
internal enum BuildMode
{
    Run,
    DryRun,
    Tree,
    Description,
    Help,
    Version,
}
