using System.Buffers.Text;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// How busy the processors are that this process may use. Others on the machine count where the system tells (Linux), as those who wait for a processor do not get
/// one sooner because it is theirs. Any thread.
/// </summary>
internal sealed class ProcessorLoad(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Lock _looking = new();
    private long _lookedAt = time.GetTimestamp();
    private TimeSpan _used = Environment.CpuUsage.TotalTime;
    private (long Busy, long All) _machine = ReadMachine();
    private double _load;

    /// <summary>Of the last tenth of a second, or longer if nobody asked: 0 to 1.</summary>
    public double Current
    {
        get
        {
            if (time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= Window && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }
            return Volatile.Read(ref _load);
        }
    }

    private void Look()
    {
        var now = time.GetTimestamp();
        var passed = time.GetElapsedTime(_lookedAt, now);
        if (passed < Window)
        {
            // Somebody has looked since it was time to.
            return;
        }
        var (used, machine) = (Environment.CpuUsage.TotalTime, ReadMachine());
        var own = (used - _used) / passed / Environment.ProcessorCount;
        var all = machine.All > _machine.All ? (double)(machine.Busy - _machine.Busy) / (machine.All - _machine.All) : 0;
        (_used, _machine) = (used, machine);
        Volatile.Write(ref _load, Math.Clamp(Math.Max(own, all), 0, 1));
        Volatile.Write(ref _lookedAt, now);
    }

    // All processors together, in ticks since the start: user, nice, system, idle, waiting for disks, interrupts, ...; zeros where the system has no such file.
    private static (long Busy, long All) ReadMachine()
    {
        try
        {
            Span<byte> text = stackalloc byte[256];
            using var file = File.OpenHandle("/proc/stat");
            var line = text[..RandomAccess.Read(file, text, 0)];
            line = line[..Math.Max(line.IndexOf((byte)'\n'), 0)];
            var (idle, all, column) = (0L, 0L, 0);
            foreach (var range in line.Split((byte)' '))
            {
                if (Utf8Parser.TryParse(line[range], out long ticks, out _))
                {
                    all += ticks;
                    idle += column is 3 or 4 ? ticks : 0;
                    column++;
                }
            }
            return (all - idle, all);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
