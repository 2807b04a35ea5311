using Cake.Frosting;
using TdxRelease.Build;

// The tasks work in the checkout; paths that the caller typed are relative to the folder the caller stood in.
if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(BuildContext.CallerFolderVariable)))
{
    Environment.SetEnvironmentVariable(BuildContext.CallerFolderVariable, Directory.GetCurrentDirectory());
}

return new CakeHost()
    .UseContext<BuildContext>()
    .UseWorkingDirectory(BuildContext.Checkout)
    .Run(args);
