using System.Collections.Concurrent;
using System.Threading.Channels;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// One slice of the machines: their twins and what these gave off since the last checkpoint. A single-threaded loop over a mailbox; what is in the
/// mailbox is bounded by what writers may have in flight. Members are for the loop's thread, save <see cref="Post"/>, <see cref="RunAsync"/> and the
/// volatile figures.
/// </summary>
internal sealed partial class Partition : ITwinSink, IDisposable
{
    /// <summary>So many readings ahead a twin's state is fetched into the processor's cache while others are applied, the twin itself still earlier.</summary>
    private const int Ahead = 6;
    private const int FarAhead = 14;

    private readonly Channel<PartitionWork> _mailbox = Channel.CreateUnbounded<PartitionWork>(new() { SingleReader = true });
    private volatile bool _isLost;

    // When the readings in the mailbox, and those being applied, came.
    private readonly ConcurrentQueue<long> _arrivals = [];
    private readonly SensorCatalog _catalog;
    private readonly GridOptions _options;
    private readonly SensorMap<SensorTwin> _twins;
    private readonly List<SensorTwin> _slots = [];
    private readonly TwinContext _context;
    private RuleSet _rules;
    private PendingHistory _pending = new();
    private PendingHistory? _saving;
    private long _logBytes;
    private long _pendingBytes;
    private long _pendingLate;
    private int _silenceAt;

    /// <param name="actors">Those of the twins; null where the partition applies readings itself.</param>
    public Partition(int number, SensorCatalog catalog, SensorMap<SensorTwin> twins, RuleSet rules, GridOptions options, ITwinActors? actors = null)
    {
        Number = number;
        _catalog = catalog;
        _twins = twins;
        _rules = rules;
        _options = options;
        _context = new TwinContext(this, options.Windows, options.Seal);
        _actors = actors;
        _shared = new SharedSink(this);
    }

    public int Number { get; }

    /// <summary>Whether another process may have it now: what is here may be old. Any thread.</summary>
    public bool IsLost => _isLost;

    public void Lose() => _isLost = true;

    /// <summary>The log position after the last reading applied.</summary>
    public long Position { get; private set; }

    /// <summary>How many sensors have a twin here.</summary>
    public int Sensors => _slots.Count;

    public IEnumerable<SensorTwin> Twins => _slots;

    public IEnumerable<MachineTwin> Machines => _machineSlots.Select(m => m.Twin);

    public TwinContext Context => _context;

    /// <summary>Bytes of log applied since the last checkpoint was captured. Any thread.</summary>
    public long LogBytes => Volatile.Read(ref _logBytes);

    /// <summary>Memory held by history that Postgres does not have yet, in bytes. Any thread.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>Late readings that Postgres does not have yet. Any thread.</summary>
    public long PendingLate => Volatile.Read(ref _pendingLate);

    /// <summary>When the oldest readings that are on disk and not applied came, by the wall clock; long.MaxValue where there are none. Any thread.</summary>
    public long WaitingSince => _arrivals.TryPeek(out var came) ? came : long.MaxValue;

    public void Post(PartitionWork work)
    {
        if (work is ApplyBlock readings)
        {
            _arrivals.Enqueue(readings.Came);
        }
        if (!_mailbox.Writer.TryWrite(work))
        {
            work.Abandon(new PartitionMovedException(Number));
        }
    }

    public Task<T> AskAsync<T>(Func<Partition, T> ask)
    {
        var question = new Question<T>(ask);
        Post(question);
        return question.Answer;
    }

    /// <summary>Works until <see cref="Complete"/>, and then through what is left in the mailbox.</summary>
    public async Task RunAsync()
    {
        try
        {
            await foreach (var work in _mailbox.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                if (_actors is not null && work is ApplyBlock block)
                {
                    await ApplyTogetherAsync(block).ConfigureAwait(false);
                }
                else
                {
                    work.Run(this);
                }
            }
        }
        catch (Exception fault)
        {
            // A twin that cannot take a durable reading is a fault of the program: the host has to stop, and nobody may wait for ever.
            _mailbox.Writer.TryComplete();
            while (_mailbox.Reader.TryRead(out var left))
            {
                left.Abandon(fault);
            }
            throw;
        }
    }

    public void Complete() => _mailbox.Writer.TryComplete();

    /// <summary>The oldest readings that wait have been applied.</summary>
    public void NoteApplied() => _arrivals.TryDequeue(out _);

    public SensorTwin? Twin(int sensor) => _twins[sensor];

    /// <param name="now">When they came; null where they are read again from the log.</param>
    public void Apply(ReadingBlock block, long end, long logBytes, long? now = null)
    {
        var sensors = block.Sensors;
        MachineTwin? heard = null;
        for (var i = 0; i < sensors.Length; i++)
        {
            if (i + FarAhead < sensors.Length && _twins[sensors[i + FarAhead]] is { } far)
            {
                SensorTwin.Fetch(far);
            }
            if (i + Ahead < sensors.Length)
            {
                _twins[sensors[i + Ahead]]?.FetchState();
            }
            var reading = block[i];
            var twin = _twins[sensors[i]] ?? AddTwin(sensors[i], reading.Time);
            if (!ReferenceEquals(twin.Machine, heard))
            {
                heard = twin.Machine!;
                NoteArrival(heard, now);
            }
            Hear(heard!, reading.Time);
            twin.Apply(reading, _context);
        }
        Position = end;
        Volatile.Write(ref _logBytes, _logBytes + logBytes);
        PublishPending();
    }

    /// <summary>Sets the rules that the detectors follow from now on.</summary>
    public void Use(RuleSet rules)
    {
        _rules = rules;
        foreach (var (machine, _) in _machineSlots)
        {
            machine.Use(rules, this);
        }
        foreach (var twin in _slots)
        {
            twin.Use(DetectorsFor(twin.Sensor), _context);
        }
    }

    /// <summary>Its twins live elsewhere from now on. After the loop has ended.</summary>
    public void Forget()
    {
        _actors?.Leave(this);
        foreach (var twin in _slots.Where(t => ReferenceEquals(_twins[t.Sensor.Id], t)))
        {
            _twins[twin.Sensor.Id] = null;
        }
    }

    public void Dispose()
    {
        _pending.Dispose();
        _saving?.Dispose();
    }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings) => _pending.Blocks.Add(twin.Slot, twin.Sensor.Id, readings);

    void ITwinSink.Late(SensorTwin twin, in Reading reading) => _pending.AddLate(twin.Sensor.Id, reading, IsToJudge(twin, reading));

    void ITwinSink.Inserted(SensorTwin twin, in Reading reading)
    {
        if (IsToJudge(twin, reading))
        {
            _pending.AddLateSpan(twin.Sensor.Id, reading.Time);
        }
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
    {
        if (window.Size < _options.StoredWindowSize)
        {
            return;
        }
        if (window.Start > twin.LateUntil)
        {
            _pending.Windows.Add(twin.Sensor.Id, window);
        }
        else
        {
            _pending.StaleWindows.Add(new WindowKey(twin.Sensor.Id, window.Size, window.Start));
        }
    }

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change) => Flagged(twin.Sensor.Id, twin.Sensor.Path, change);

    private bool IsToJudge(SensorTwin twin, in Reading reading) => twin.LastTime - reading.Time > _options.LateJudgingTime;

    private void Flagged(int sensor, string path, in FlagChange change)
    {
        var flag = change.Of(path);
        _pending.Flags[flag.Id] = new FlagRow(sensor, flag);
        NoteOwner(sensor, flag);
        Tell(sensor, WithAlarm(flag));
    }

    private SensorTwin AddTwin(int sensor, long firstTime)
    {
        var known = Known(sensor);
        Hear(MachineOf(known), firstTime);
        return AddTwin(new SensorTwin(known, DetectorsFor(known)));
    }

    private SensorTwin AddTwin(SensorTwin twin)
    {
        twin.Machine = MachineOf(twin.Sensor);
        twin.Machine.Sensors++;
        _twins[twin.Sensor.Id] = twin;
        twin.Slot = _slots.Count;
        _slots.Add(twin);
        return twin;
    }

    private Sensor Known(int sensor) =>
        IsOwn(sensor) ? _catalog[sensor]! : throw new InvalidDataException($"sensor {sensor} is not in the table of sensors or belongs to another partition");

    private bool IsOwn(int sensor) => _catalog[sensor]?.Machine.Partition == Number;

    private DetectorSet DetectorsFor(Sensor sensor) =>
        _rules.DetectorsFor(sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name, sensor.Kind);

    private void PublishPending()
    {
        Volatile.Write(ref _pendingBytes, _pending.Bytes + (_saving?.Bytes ?? 0));
        Volatile.Write(ref _pendingLate, _pending.LateCount + (_saving?.LateCount ?? 0));
    }
}
