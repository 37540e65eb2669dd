using System.CommandLine;
using System.Globalization;
using SensorGrid.Bench.Live;

namespace SensorGrid.Bench.Commands;

/// <summary>The process of subscribers, which <see cref="LiveBench"/> starts.</summary>
internal static class SubscribeCommand
{
    private const string Name = "subscribe";

    public static Command Create()
    {
        var ports = new Argument<string>("PORTS");
        var count = new Argument<int>("COUNT");
        var machines = new Argument<int>("MACHINES");
        var every = new Argument<int>("EVERY");
        var samples = new Argument<string>("SAMPLES");
        var command = new Command(Name) { ports, count, machines, every, samples };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => new SubscriberSet(
            [.. parsed.GetRequiredValue(ports).Split(',').Select(port => int.Parse(port, CultureInfo.InvariantCulture))],
            parsed.GetValue(count), parsed.GetValue(machines), parsed.GetValue(every)).RunAsync(
                Console.In, parsed.InvocationConfiguration.Output, parsed.GetRequiredValue(samples), cancellation));
        return command;
    }

    /// <summary>What the command line has to be.</summary>
    public static IEnumerable<string> Arguments(IReadOnlyList<int> ports, int count, int machines, int every, string samples) =>
        [Name, string.Join(',', ports), .. new[] { count, machines, every }.Select(n => n.ToString(CultureInfo.InvariantCulture)), samples];
}
