namespace TdxRelease.Fuzz;

/// <summary>A parser under fuzzing.</summary>
/// <param name="Name">Also the folder of its corpus: tests/fixtures/corpus/NAME.</param>
/// <param name="Run">Takes any bytes; returns whether it accepted them. Throws only if a property does not hold; TdxException and
/// FormatException count as refusals.</param>
/// <param name="Text">Whether the input is text, so that mutations know words.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], bool> Run, bool Text);
