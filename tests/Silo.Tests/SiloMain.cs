using SensorGrid.Gateway.Tests;

namespace SensorGrid.Silo.Tests;

/// <summary>The silo's program on a grid of fixed answers.</summary>
internal static class SiloMain
{
    public static Task<int> Main(string[] args) =>
        SiloProgram.RunAsync(args, _ => new FakeGrid(), (_, _, _, _) => { }, Console.Out, Console.Error);
}
