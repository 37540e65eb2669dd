using System.Buffers;
using System.Globalization;
using System.Text;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Simulation;

/// <summary>A machine of the simulated plant, which writes all its sensors as one line of line protocol.</summary>
internal sealed class SimulatedMachine
{
    private const double CycleSpread = 0.015;
    private const double MeanSecondsInReach = 240;

    private readonly MachineModel _model;
    private readonly SeededNoise _noise;
    private readonly byte[] _series;
    private readonly byte[][] _fields;
    private readonly ArrayBufferWriter<byte> _kept = new();
    private MachineCycle _cycle;
    private DateTimeOffset _changesReach;
    private bool _isInReach = true;

    public SimulatedMachine(MachineModel model, string factory, string name, SeededNoise noise)
    {
        _model = model;
        _noise = noise;
        Factory = factory;
        Name = name;
        _series = Encoding.UTF8.GetBytes($"{model.Sort},factory={factory},machine={name} ");
        _fields = [.. model.Sensors.Select(s => Encoding.UTF8.GetBytes(s.Name + "="))];
        // No two machines of a sort are quite the same.
        Sensors = [.. model.Sensors.Select(s => new SensorState(s, 1.5 * s.Spread * noise.Normal()))];
        var seconds = CycleSeconds();
        _cycle = new MachineCycle { Phase = noise.Uniform(), Seconds = seconds, LastSeconds = seconds, Count = noise.Index(24) };
    }

    public string Factory { get; }

    public string Name { get; }

    public IReadOnlyList<SensorState> Sensors { get; }

    /// <summary>Goes on to a time and writes its line, with those kept while it was out of reach.</summary>
    /// <param name="seconds">Since the time before.</param>
    public void Step(DateTimeOffset time, double seconds, IBufferWriter<byte> lines)
    {
        Turn(seconds);
        WriteLine(time, seconds);
        if (_model.LosesNetwork)
        {
            Travel(time);
        }
        if (_isInReach)
        {
            lines.Write(_kept.WrittenSpan);
            _kept.ResetWrittenCount();
        }
    }

    private void Turn(double seconds)
    {
        _cycle.Phase += seconds / _cycle.Seconds;
        if (_cycle.Phase >= 1)
        {
            _cycle.Phase %= 1;
            _cycle.LastSeconds = _cycle.Seconds;
            _cycle.Seconds = CycleSeconds();
            _cycle.Count++;
        }
    }

    private double CycleSeconds() => _model.Cycle.TotalSeconds * (1 + (CycleSpread * _noise.Normal()));

    private void WriteLine(DateTimeOffset time, double seconds)
    {
        var room = _kept.GetSpan(_series.Length + _fields.Sum(f => f.Length + 33) + 32);
        _series.CopyTo(room);
        var length = _series.Length;
        var hasField = false;
        for (var i = 0; i < _fields.Length; i++)
        {
            var begin = length;
            if (hasField)
            {
                room[length++] = (byte)',';
            }
            _fields[i].CopyTo(room[length..]);
            length += _fields[i].Length;
            var written = Sensors[i].Write(room[length..], time, seconds, _cycle, _noise);
            length = written > 0 ? length + written : begin;
            hasField |= written > 0;
        }
        if (!hasField)
        {
            return;
        }
        room[length++] = (byte)' ';
        (EventTime.FromDateTime(time) * 1000).TryFormat(room[length..], out var digits, default, CultureInfo.InvariantCulture);
        length += digits;
        room[length++] = (byte)'\n';
        _kept.Advance(length);
    }

    private void Travel(DateTimeOffset time)
    {
        if (_changesReach == default)
        {
            _changesReach = time.AddSeconds(_noise.Uniform(0.2, 1) * MeanSecondsInReach);
        }
        if (time >= _changesReach)
        {
            _isInReach = !_isInReach;
            _changesReach = time.AddSeconds(_isInReach ? _noise.Uniform(0.5, 1.5) * MeanSecondsInReach : _noise.Uniform(20, 50));
        }
    }
}
