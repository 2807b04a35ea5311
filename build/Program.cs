using TdxRelease.Build;
using TdxRelease.Build.CommandLine;

// The tasks work in the checkout; paths that the caller typed are relative to the folder the caller stood in.
if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(BuildContext.CallerFolderVariable)))
{
    Environment.SetEnvironmentVariable(BuildContext.CallerFolderVariable, Directory.GetCurrentDirectory());
}

return BuildProgram.Run<BuildContext>(args, PlainConsole.ForProcess(), host => host.UseWorkingDirectory(BuildContext.Checkout));
