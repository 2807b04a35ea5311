using TdxRelease.Cli;
using TdxRelease.Modules.Trust;

// Nearly every command asks for the trust policy, which waits for the parser of JSON and the crypto library to be loaded. That takes longer than reading the
// command line: both at once.
if (args is [var command, ..] && !command.StartsWith('-'))
{
    _ = Task.Run(static () => TrustPolicy.Default);
}

return CommandLine.Run(args, Console.OpenStandardOutput(), Console.Error);
