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
/// The sensors' and machines' grains on this silo as the actors of its twins. A grain that has taken its seat applies its readings on turns of its own: as tasks of
/// its scheduler, which takes a part of what a call takes, and by call now and then, which is how Orleans sees that it is in use. One that has no seat yet is called
/// for, and the partition does its work until it comes.
/// </summary>
internal sealed partial class TwinGrains : ITwinActors, IDisposable
{
    private const int CallsAtOnce = 32;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Far less than the time after which Orleans takes a grain without calls for idle.</summary>
    private static readonly TimeSpan CallEvery = TimeSpan.FromMinutes(15);

    private static readonly Action<object?> Apply = batch => ((TwinBatch)batch!).Apply();

    private readonly SensorMap<ITwinSeat> _sensors = new();
    private readonly ConcurrentDictionary<Machine, ITwinSeat> _machines = [];
    private readonly ConcurrentDictionary<object, bool> _called = [];
    private readonly Channel<object> _toCall = Channel.CreateUnbounded<object>();
    private readonly Meter _meter = new("SensorGrid.Grains");
    private readonly Counter<long> _missed;
    private readonly IGrainFactory _grains;
    private readonly ILocalSiloDetails _silo;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _given;
    private int _seatedSensors;
    private volatile bool _hasEnded;
    private bool _hasFailed;

    public TwinGrains(IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time, ILogger<TwinGrains> logger)
    {
        (_grains, _silo, _time, _logger) = (grains, silo, time, logger);
        var load = new ProcessorLoad(time);
        Pace = new BatchPace(() => load.Current, time);
        _missed = _meter.CreateCounter<long>("sensorgrid.grains.missed", "{batch}", "Batches that a grain did not take in time; the partition applied their readings.");
        _meter.CreateObservableCounter("sensorgrid.grains.batches", () => Batches, "{batch}", "Batches of readings given to the grain of a sensor or machine.");
        _meter.CreateObservableGauge("sensorgrid.grains.seated", () => Seated, "{grain}", "Grains of sensors and machines beside their partition.");
    }

    public BatchPace Pace { get; }

    /// <summary>How many batches of readings grains have been given.</summary>
    public long Batches => Volatile.Read(ref _given);

    /// <summary>How many grains have a seat.</summary>
    public int Seated => Volatile.Read(ref _seatedSensors) + _machines.Count;

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
    /// <param name="twin">A sensor or machine.</param>
    public void Sit(object twin, ITwinSeat seat)
    {
        if (twin is Sensor sensor)
        {
            Count(_sensors.Exchange(sensor.Id, seat) is null ? 1 : 0);
        }
        else
        {
            _machines[(Machine)twin] = seat;
        }
    }

    /// <summary>A grain leaves its seat, if it has it still.</summary>
    /// <param name="twin">A sensor or machine.</param>
    public void Stand(object twin, ITwinSeat seat)
    {
        if (twin is Sensor sensor)
        {
            Count(_sensors.TryClear(sensor.Id, seat) ? -1 : 0);
        }
        else
        {
            _machines.TryRemove(KeyValuePair.Create((Machine)twin, seat));
        }
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
            Clear(batch.Twin.Sensor);
        }
        foreach (var batch in machines)
        {
            Clear(batch.Twin.Machine);
        }
        _missed.Add(sensors.Count + machines.Count);
        LogMissed(sensors.Count, machines.Count);
    }

    public void Leave(Partition partition)
    {
        var seats = partition.Twins.Select(t => Clear(t.Sensor)).Concat(partition.Machines.Select(m => Clear(m.Machine))).OfType<ITwinSeat>().ToArray();
        var faults = seats.Select(seat => TryCall(seat, grain => grain.LeaveAsync())).OfType<Exception>().ToArray();
        if (faults.Length > 0)
        {
            LogNotLeft(faults.Length, partition.Number, faults[0].Message);
        }
    }

    public void Dispose() => _meter.Dispose();

    private ITwinSeat? Clear(Sensor sensor)
    {
        var seat = _sensors.Exchange(sensor.Id, null);
        Count(seat is null ? 0 : -1);
        return seat;
    }

    private ITwinSeat? Clear(Machine machine) => _machines.TryRemove(machine, out var seat) ? seat : null;

    private void Count(int more) => Interlocked.Add(ref _seatedSensors, more);

    private bool TryGive(ITwinSeat? seat, TwinBatch batch, object twin, int partition)
    {
        if (_hasEnded)
        {
            return false;
        }
        if (seat is null)
        {
            Call(twin);
            return false;
        }
        Interlocked.Increment(ref _given);
        var now = _time.GetTimestamp();
        ref var calledAt = ref seat.CalledAt;
        if (calledAt != 0 && _time.GetElapsedTime(calledAt, now) < CallEvery)
        {
            new Task(Apply, batch).Start(seat.Turns);
            return true;
        }
        if (!TrySend(seat, new TwinReadings(partition, batch)))
        {
            return false;
        }
        calledAt = now;
        return true;
    }

    // The next readings try again, of this grain and of all others: what hinders them is told once.
    private bool TrySend(ITwinSeat seat, TwinReadings readings)
    {
        var fault = TryCall(seat, grain => grain.ApplyAsync(readings));
        if (!Interlocked.Exchange(ref _hasFailed, fault is not null) && fault is not null)
        {
            LogNotSent(fault.Message);
        }
        return fault is null;
    }

    /// <returns>Why it was not sent; null where it was.</returns>
    private Exception? TryCall(ITwinSeat seat, Func<ITwinGrain, Task> call)
    {
        try
        {
            var sent = call(_grains.GetGrain<ITwinGrain>(seat.Id));
            sent.Ignore();
            return sent.Exception?.InnerException;
        }
        catch (Exception fault)
        {
            return fault;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Readings are not sent to grains, and the partitions apply them: {Reason}")]
    private partial void LogNotSent(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grains} grains of partition {Partition} were not told that it has left, and stay until they have been idle for long: {Reason}")]
    private partial void LogNotLeft(int grains, int partition, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The grain {Path} did not come to its partition's silo, which is tried again: {Reason}")]
    private partial void LogNotSeated(string path, string reason);
}
