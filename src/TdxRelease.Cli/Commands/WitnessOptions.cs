using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Witnesses;

namespace TdxRelease.Cli.Commands;

/// <summary>Options of the witness on GitHub.</summary>
internal sealed class WitnessOptions
{
    private readonly Option<bool> witness = new("--witness")
    {
        Description = "also compare the modules with Intel's release notes on GitHub (GITHUB_TOKEN raises the rate limit)",
    };

    private readonly Option<string> repository = new("--witness-repository")
    {
        HelpName = "OWNER/NAME",
        Description = "whose release notes",
        DefaultValueFactory = _ => Witness.DefaultRepository,
    };

    private readonly Option<string?> record = new("--record") { HelpName = "DIR", Description = "keep GitHub's answers in this directory" };
    private readonly Option<string?> replay =
        new("--replay") { HelpName = "DIR", Description = "take GitHub's answers from this directory, never from the network" };

    public void AddTo(Command command)
    {
        command.Options.Add(witness);
        command.Options.Add(repository);
        command.Options.Add(record);
        command.Options.Add(replay);
    }

    /// <summary>Whether any of the options is there.</summary>
    public bool IsAsked(ParseResult parse) =>
        parse.GetValue(witness) || parse.GetResult(repository) is { Implicit: false } || parse.GetValue(record) is not null
        || parse.GetValue(replay) is not null;

    /// <summary>The witness, or null where none is asked for.</summary>
    /// <exception cref="TdxException">Exit 2: options that do nothing by themselves, or exclude each other.</exception>
    public Witness? Open(ParseResult parse, string cache)
    {
        if (!parse.GetValue(witness))
        {
            return IsAsked(parse) ? throw new TdxException(ExitCode.Usage, "--witness-repository, --record and --replay are for --witness")
                : null;
        }

        return parse.GetValue(record) is not null && parse.GetValue(replay) is not null
            ? throw new TdxException(ExitCode.Usage, "--record and --replay exclude each other")
            : Witness.OnGitHub(parse.GetRequiredValue(repository), cache, parse.GetValue(record), parse.GetValue(replay));
    }
}
