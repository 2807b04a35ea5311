using System.Globalization;
using SharpFuzz;
using TdxRelease.Fuzz;

return args switch
{
    ["run", var name] => Run(FuzzTargets.Find(name)),
    ["replay", var name, .. var files] => Replay(FuzzTargets.Find(name), files),
    ["blind", var name, var minutes, var corpus] => Blind(FuzzTargets.Find(name), minutes, corpus),
    ["unpack", var from, var to] => Unpack(from, to),
    ["instrument", var folder] => Instrument(folder),
    _ => Usage(),
};

// Under afl-fuzz: one input after the other, in a child process, so that a crash or a hang of it does not end the run.
static int Run(FuzzTarget target)
{
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        Contract.Check(target, input.ToArray());
    });
    return 0;
}

// Each file once, without afl-fuzz: the way to look at a crash.
static int Replay(FuzzTarget target, string[] files)
{
    foreach (var file in files)
    {
        Console.WriteLine($"{file}: {Contract.Check(target, File.ReadAllBytes(file))}");
    }

    return 0;
}

static int Blind(FuzzTarget target, string minutes, string corpus)
{
    var time = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
    Console.WriteLine(BlindFuzzer.Run(target, Corpus.Read(corpus), long.MaxValue, time, Environment.TickCount));
    return 0;
}

static int Unpack(string from, string to)
{
    Corpus.Unpack(from, to);
    return 0;
}

// Our assemblies only: what the framework and the packages do is not what is searched for.
static int Instrument(string folder)
{
    foreach (var path in Directory.GetFiles(folder, "TdxRelease.*.dll").Where(p => Path.GetFileName(p) != "TdxRelease.Fuzz.dll"))
    {
        var types = Fuzzer.Instrument(path, _ => true, Options.Value);
        Console.WriteLine($"{Path.GetFileName(path)}: {types.Count()} types");
    }

    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: TdxRelease.Fuzz run NAME | replay NAME FILE... | blind NAME MINUTES CORPUS | unpack FROM TO "
        + "| instrument FOLDER");
    Console.Error.WriteLine($"names: {string.Join(", ", FuzzTargets.All.Select(t => t.Name))}");
    return 2;
}
