using System.Globalization;
using SensorGrid.Cli.Querying;
using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Simulation;

/// <summary>The command simulate: a plant that sends to a server over HTTP.</summary>
internal sealed class SimulateRun(RemoteServer server, TextWriter output, TimeProvider time)
{
    /// <param name="step">Between two readings of a sensor.</param>
    /// <param name="history">How much to send from before now; less where the server has some of it.</param>
    /// <param name="duration">From now; null: until cancelled.</param>
    /// <exception cref="CommandException">The server is not there, or takes no readings.</exception>
    public async Task RunAsync(PlantSettings settings, TimeSpan step, TimeSpan history, TimeSpan? duration, CancellationToken cancellation)
    {
        var now = SimulationFeed.Align(time.GetUtcNow(), step);
        var from = SimulationFeed.Align(now - history, step);
        foreach (var factory in settings.FactoryNames)
        {
            var newest = await NewestTime.OfFactoryAsync(server, factory, cancellation);
            from = newest >= from ? SimulationFeed.Align(newest.Value, step) + step : from;
        }
        var plant = new PlantSimulator(settings, now);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{plant.Sensors.Count} sensors on {settings.Machines} machines in {settings.Factories} factories, sent to {server.Address}; Ctrl-C ends"));
        var sender = new ReadingSender(server, time);
        var readings = 0L;
        var feed = new SimulationFeed(plant, SendAsync, fault => output.WriteLine(fault), time);
        try
        {
            await feed.RunAsync(from, duration is { } length ? now + length : null, step, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how a simulation ends.
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{readings:N0} readings sent"));

        async Task SendAsync(ReadOnlyMemory<byte> lines, CancellationToken stop)
        {
            var answer = await sender.SendAsync("write", "text/plain", lines, stop);
            readings += answer.Accepted;
            if (answer.Rejected > 0)
            {
                throw new CommandException($"the server refused {answer.Rejected} readings: {answer.Errors.FirstOrDefault()?.Reason}");
            }
        }
    }
}
