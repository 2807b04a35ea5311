using System.CommandLine;

namespace TdxRelease.Cli.Commands;

/// <summary>What decides the packages' texts: <c>bundle</c> and <c>rebuild</c> take the same.</summary>
internal sealed class PackagingOptions
{
    private readonly Option<string?> metadata =
        new("--metadata")
        {
            HelpName = "FILE",
            Description = "bundle.json: package name, maintainer, sections and licence tags (schemas/bundle.schema.json)"
        };
    private readonly Option<string[]> history = new("--history")
    {
        HelpName = "PUBLISHED",
        Description = "earlier packages, or a directory with repositories, for the changelog; may be given again",
        Arity = ArgumentArity.ZeroOrMore,
    };


    public void AddTo(Command command)
    {
        command.Add(metadata);
        command.Add(history);
    }

    public string? Metadata(ParseResult parse) => parse.GetValue(metadata);

    public IReadOnlyList<string> History(ParseResult parse) => parse.GetValue(history) ?? [];
}
