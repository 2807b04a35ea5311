using System.Xml;
using System.Xml.Linq;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>What a TRX record says of its tests, by name.</summary>
/// <param name="Passed">How many passed.</param>
/// <param name="Failed">The names of those that failed or did not come to an end, sorted.</param>
/// <param name="Skipped">The names of those that did not run, sorted.</param>
internal sealed record TestCounts(int Passed, IReadOnlyList<string> Failed, IReadOnlyList<string> Skipped)
{
    /// <exception cref="TdxException">Exit 1: the file is not a TRX record.</exception>
    public static TestCounts Read(string path)
    {
        try
        {
            XNamespace trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
            var results = XDocument.Load(path).Descendants(trx + "UnitTestResult")
                .Select(each => (Name: (string?)each.Attribute("testName") ?? "?", Outcome: (string?)each.Attribute("outcome")))
                .OrderBy(each => each.Name, StringComparer.Ordinal)
                .ToLookup(each => each.Outcome switch { "Passed" => 'p', "NotExecuted" => 's', _ => 'f' }, each => each.Name);
            return new(results['p'].Count(), [.. results['f']], [.. results['s']]);
        }
        catch (Exception e) when (e is IOException or XmlException)
        {
            throw new TdxException(ExitCode.InternalError, $"cannot read the test record \"{path}\": {e.Message.TrimEnd('.')}", inner: e);
        }
    }

    /// <summary>Fails unless something passed, nothing failed and, if asked for, nothing was skipped.</summary>
    /// <exception cref="TdxException">Exit 1, with the names.</exception>
    public void Require(string project, bool noSkip)
    {
        if (Failed.Count > 0)
        {
            throw new TdxException(ExitCode.InternalError, $"{project}: {Failed.Count} failed: {string.Join(", ", Failed)}");
        }

        if (noSkip && Skipped.Count > 0)
        {
            throw new TdxException(ExitCode.InternalError, $"{project}: {Skipped.Count} skipped: {string.Join(", ", Skipped)}",
                "--no-skip wants every test to run: see why each was skipped above");
        }

        if (Passed == 0)
        {
            throw new TdxException(ExitCode.InternalError, $"{project}: no test ran");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Passed} passed, {Failed.Count} failed, {Skipped.Count} skipped";
}
