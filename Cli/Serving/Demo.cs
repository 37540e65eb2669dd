using SensorGrid.Cli.Simulation;
using SensorGrid.Core.Grid;

namespace SensorGrid.Cli.Serving;

/// <summary>Feeds a running grid the readings of a simulated plant, beginning a little before now so that its detectors know it; says which faults it injects.</summary>
internal sealed partial class Demo(IGrid grid, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan History = TimeSpan.FromMinutes(15);

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var settings = new PlantSettings();
        var now = SimulationFeed.Align(time.GetUtcNow(), Step);
        var from = now - History;
        foreach (var factory in settings.FactoryNames)
        {
            // Where an earlier run ended: the same readings must not come again with other values.
            var known = await grid.GetFactoryAsync(factory, stopping);
            var newest = known?.Machines.Max(m => m.LastTime);
            from = newest is { } last && DateTimeOffset.UnixEpoch.AddMicroseconds(last) is var at && at >= from ? SimulationFeed.Align(at, Step) + Step : from;
        }
        var plant = new PlantSimulator(settings, now);
        LogPlant(settings.Factories, settings.Machines, plant.Sensors.Count);
        await new SimulationFeed(plant, SendAsync, LogFault, time).RunAsync(from, null, Step, stopping);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> lines, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await grid.WriteAsync(lines, new WriteOptions(InputFormat.LineProtocol) { Source = "demo" }, stopping);
                return;
            }
            catch (GridBusyException busy)
            {
                await Task.Delay(busy.RetryAfter, time, stopping);
            }
            catch (StoreUnavailableException away)
            {
                await Task.Delay(away.RetryAfter, time, stopping);
            }
        }
    }

    private void LogFault(FaultNotice fault) => LogFault(fault.ToString());

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: a simulated plant of {Factories} factories, {Machines} machines, {Sensors} sensors.")]
    private partial void LogPlant(int factories, int machines, int sensors);

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: {Fault}")]
    private partial void LogFault(string fault);
}
