using System.Collections.Concurrent;
using SensorGrid.Core.Twins;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Where twins have actors: readings that wait are taken together, each actor gets its share, and the loop goes on when all are applied. So the loop and
/// the actors never work at the same time, and the more waits, the more readings a call brings.
/// </summary>
internal sealed partial class Partition
{
    private const int MostTogether = 1 << 19;

    /// <summary>So often it is looked whether actors get on. A process that stands still misses one look, however long.</summary>
    private static readonly TimeSpan ActorLook = TimeSpan.FromMilliseconds(100);

    /// <summary>After so many looks at which nothing was done the partition does it itself.</summary>
    private const int ActorPatience = 20;

    private readonly ITwinActors? _actors;
    private readonly SharedSink _shared;
    private readonly ConcurrentBag<TwinContext> _contexts = [];
    private BatchRest? _rest;
    private int[] _places = [];
    private MachineBatch?[] _batches = [];

    /// <summary>For an actor's turn, which returns it at the end.</summary>
    public TwinContext RentContext() => _contexts.TryTake(out var context) ? context : new TwinContext(_shared, _options.Windows, _options.Seal);

    public void Return(TwinContext context) => _contexts.Add(context);

    /// <summary>Gives a batch to its sensor's actor; without one it is applied at once.</summary>
    public void Give(SensorBatch batch)
    {
        if (!_actors!.TryGive(batch))
        {
            batch.Apply();
        }
    }

    /// <summary>A machine hears a reading, on its actor's turn.</summary>
    /// <param name="came">When it came; null where the one before came at the same time.</param>
    /// <param name="silent">How long the machine had been silent: its sensors are not excused yet.</param>
    public void Hear(MachineTwin machine, long time, long? came, out long silent)
    {
        NoteArrival(machine, came);
        silent = machine.Hear(time, _shared);
    }

    private async Task ApplyTogetherAsync(ApplyBlock first)
    {
        var place = await _actors!.Pace.BeginAsync(_rest).ConfigureAwait(false);
        List<ApplyBlock> blocks = [first];
        var count = first.Block.Count;
        for (;
            count < MostTogether && _mailbox.Reader.TryPeek(out var next) && next is ApplyBlock && _mailbox.Reader.TryRead(out _);
            count += blocks[^1].Block.Count)
        {
            blocks.Add((ApplyBlock)next);
        }
        var turns = 0;
        try
        {
            var round = new BatchRound();
            var machines = Group(blocks, round);
            foreach (var machine in machines)
            {
                round.Add(1);
                if (!_actors.TryGive(machine))
                {
                    machine.Apply();
                }
            }
            round.Finish();
            await FinishAsync(round, machines, place).ConfigureAwait(false);
            foreach (var machine in machines)
            {
                ApplyRest(machine);
                machine.Dispose();
            }
            Position = blocks[^1].End;
            Volatile.Write(ref _logBytes, _logBytes + blocks.Sum(b => b.LogBytes));
            PublishPending();
            turns = machines.Sum(m => 1 + m.Sensors.Length);
        }
        finally
        {
            _rest = _actors.Pace.End(place, count, turns);
            foreach (var block in blocks)
            {
                NoteApplied();
                block.Finish();
            }
        }
    }

    // By machine, those first that came first.
    private List<MachineBatch> Group(List<ApplyBlock> blocks, BatchRound round)
    {
        if (_places.Length < _slots.Count)
        {
            _places = new int[Math.Max(_slots.Count, 2 * _places.Length)];
        }
        var machines = new List<MachineBatch>();
        foreach (var (block, came) in blocks.Select(b => (b.Block, b.Came)))
        {
            var sensors = block.Sensors;
            MachineBatch? last = null;
            for (var i = 0; i < sensors.Length; i++)
            {
                var twin = _twins[sensors[i]];
                var machine = twin?.Machine ?? MachineOf(Known(sensors[i]));
                if (!ReferenceEquals(machine, last?.Twin))
                {
                    last = BatchOf(machine, machines, round);
                }
                last.Add(sensors[i], twin, block[i], came);
            }
        }
        machines.ForEach(m => _batches[m.Twin.Slot] = null);
        return machines;
    }

    private MachineBatch BatchOf(MachineTwin machine, List<MachineBatch> machines, BatchRound round)
    {
        if (machine.Slot >= _batches.Length)
        {
            Array.Resize(ref _batches, Math.Max(_machineSlots.Count, 2 * _batches.Length));
        }
        ref var batch = ref _batches[machine.Slot];
        if (batch is null)
        {
            machines.Add(batch = new MachineBatch(round, this, machine, _places));
        }
        return batch;
    }

    // What actors do not take in time is applied here, rather than that everybody waits. One that stands still holds up no other partition meanwhile.
    private async Task FinishAsync(BatchRound round, List<MachineBatch> machines, BatchPlace place)
    {
        for (var (done, idle) = (0, 0); !round.Finished.IsCompleted;)
        {
            await round.Finished.WaitAsync(ActorLook).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            idle = round.Done > done ? 0 : idle + 1;
            done = round.Done;
            if (idle > 0)
            {
                place.Leave();
            }
            if (idle >= ActorPatience)
            {
                var given = machines.SelectMany(m => m.Sensors.ToArray()).ToArray();
                var missedMachines = machines.FindAll(m => m.Apply());
                var missed = Array.FindAll(given, s => s.Apply());
                if (missed.Length + missedMachines.Count > 0)
                {
                    _actors!.Miss(missed, missedMachines);
                }
                idle = 0;
            }
        }
        await round.Finished.ConfigureAwait(false);
    }

    // One by one, as where there are no actors.
    private void ApplyRest(MachineBatch batch)
    {
        var machine = batch.Twin;
        var arrival = 0;
        for (var i = batch.Given; i < batch.Count; i++)
        {
            var (sensor, reading) = batch[i];
            if (_twins[sensor] is not { } twin)
            {
                twin = AddTwin(sensor, reading.Time);
                _actors!.Call(twin);
            }
            if (i == batch.Given && batch.Silent > 0)
            {
                Excuse(machine, batch.Silent);
            }
            else
            {
                while (arrival + 1 < batch.Arrivals.Count && batch.Arrivals[arrival + 1].From <= i)
                {
                    arrival++;
                }
                NoteArrival(machine, batch.Arrivals[arrival].Came);
                Hear(machine, reading.Time);
            }
            twin.Apply(reading, _context);
        }
    }
}
