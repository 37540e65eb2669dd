using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Grains.Twins;

/// <summary>
/// The sensors' and machines' grains on this silo as the actors of its twins. A grain that has taken its seat gets its readings by call; one that has none yet is
/// called for, and the partition does its work until it comes.
/// </summary>
internal sealed partial class TwinGrains : ITwinActors, IDisposable
{
    private const int CallsAtOnce = 32;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly SensorMap<ITwinGrain> _sensors = new();
    private readonly ConcurrentDictionary<Machine, ITwinGrain> _machines = [];
    private readonly ConcurrentDictionary<object, bool> _called = [];
    private readonly Channel<object> _toCall = Channel.CreateUnbounded<object>();
    private readonly Meter _meter = new("SensorGrid.Grains");
    private readonly Counter<long> _missed;
    private readonly IGrainFactory _grains;
    private readonly ILocalSiloDetails _silo;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _given;
    private int _seated;
    private volatile bool _hasEnded;

    public TwinGrains(IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time, ILogger<TwinGrains> logger)
    {
        (_grains, _silo, _time, _logger) = (grains, silo, time, logger);
        _missed = _meter.CreateCounter<long>("sensorgrid.grains.missed", "{call}", "Calls that a grain did not take in time; the partition applied their readings.");
        _meter.CreateObservableCounter("sensorgrid.grains.calls", () => Calls, "{call}", "Calls that brought readings to the grain of a sensor or machine.");
        _meter.CreateObservableGauge("sensorgrid.grains.seated", () => Seated, "{grain}", "Grains of sensors and machines beside their partition.");
    }

    public BatchPace Pace { get; } = new();

    /// <summary>How many calls brought readings to grains.</summary>
    public long Calls => Volatile.Read(ref _given);

    /// <summary>How many grains have a seat.</summary>
    public int Seated => Volatile.Read(ref _seated);

    /// <summary>Calls grains to their seats until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await Parallel.ForEachAsync(
                _toCall.Reader.ReadAllAsync(stopping), new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = stopping },
                (twin, _) => new ValueTask(CallAsync(twin, stopping))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            // Grains go in any order now, and calls reach nobody.
            _hasEnded = true;
        }
    }

    /// <summary>A grain takes its seat. It gets readings until it, or somebody else, leaves it.</summary>
    public void Sit(Sensor sensor, ITwinGrain grain) => Count(_sensors.Exchange(sensor.Id, grain) is null ? 1 : 0);

    /// <inheritdoc cref="Sit(Sensor, ITwinGrain)"/>
    public void Sit(Machine machine, ITwinGrain grain) => Count(_machines.TryAdd(machine, grain) ? 1 : 0);

    /// <returns>The grain that sat there.</returns>
    public ITwinGrain? Stand(Sensor sensor)
    {
        var grain = _sensors.Exchange(sensor.Id, null);
        Count(grain is null ? 0 : -1);
        return grain;
    }

    /// <inheritdoc cref="Stand(Sensor)"/>
    public ITwinGrain? Stand(Machine machine)
    {
        Count(_machines.TryRemove(machine, out var grain) ? -1 : 0);
        return grain;
    }

    public bool TryGive(SensorBatch batch)
    {
        var sensor = batch.Twin.Sensor;
        return TryGive(_sensors[sensor.Id], batch, sensor, sensor.Machine.Partition);
    }

    public bool TryGive(MachineBatch batch)
    {
        var machine = batch.Twin.Machine;
        return TryGive(_machines.GetValueOrDefault(machine), batch, machine, machine.Partition);
    }

    public void Call(SensorTwin twin) => Call(twin.Sensor);

    public void Miss(IReadOnlyCollection<SensorBatch> sensors, IReadOnlyCollection<MachineBatch> machines)
    {
        foreach (var batch in sensors)
        {
            Stand(batch.Twin.Sensor);
        }
        foreach (var batch in machines)
        {
            Stand(batch.Twin.Machine);
        }
        _missed.Add(sensors.Count + machines.Count);
        LogMissed(sensors.Count, machines.Count);
    }

    public void Leave(Partition partition)
    {
        foreach (var sensor in partition.Twins.Select(t => t.Sensor))
        {
            TryLeave(Stand(sensor));
        }
        foreach (var machine in partition.Machines.Select(m => m.Machine))
        {
            TryLeave(Stand(machine));
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Count(int more) => Interlocked.Add(ref _seated, more);

    private bool TryGive(ITwinGrain? grain, TwinBatch batch, object twin, int partition)
    {
        if (_hasEnded)
        {
            return false;
        }
        if (grain is not null)
        {
            Interlocked.Increment(ref _given);
            return TrySend(grain, new TwinReadings(partition, batch));
        }
        Call(twin);
        return false;
    }

    private bool TrySend(ITwinGrain grain, TwinReadings readings)
    {
        try
        {
            grain.ApplyAsync(readings).Ignore();
            return true;
        }
        catch (Exception fault)
        {
            LogNotSent(fault.Message);
            return false;
        }
    }

    private void TryLeave(ITwinGrain? grain)
    {
        try
        {
            grain?.LeaveAsync().Ignore();
        }
        catch (Exception fault)
        {
            LogNotSent(fault.Message);
        }
    }

    private void Call(object twin)
    {
        if (_called.TryAdd(twin, true))
        {
            _toCall.Writer.TryWrite(twin);
        }
    }

    private async Task CallAsync(object twin, CancellationToken stopping)
    {
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, _silo.SiloAddress);
            ITwinGrain grain = twin is Sensor sensor ? _grains.GetGrain<ISensorTwinGrain>(sensor.Path) : _grains.GetGrain<IMachineTwinGrain>(((Machine)twin).Path);
            if (await grain.SitAsync().WaitAsync(stopping).ConfigureAwait(false))
            {
                _called.TryRemove(twin, out _);
                return;
            }
        }
        catch (Exception fault)
        {
            LogNotSeated(twin is Sensor sensor ? sensor.Path : ((Machine)twin).Path, fault.Message);
        }
        _ = ForgetLaterAsync(twin, stopping);
    }

    private async Task ForgetLaterAsync(object twin, CancellationToken stopping)
    {
        await Task.Delay(RetryPause, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _called.TryRemove(twin, out _);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sensors} grains of sensors and {Machines} of machines did not take their readings in time; the partition applied them.")]
    private partial void LogMissed(int sensors, int machines);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A grain was not called: {Reason}")]
    private partial void LogNotSent(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The grain {Path} did not come to its partition's silo, which is tried again: {Reason}")]
    private partial void LogNotSeated(string path, string reason);
}
