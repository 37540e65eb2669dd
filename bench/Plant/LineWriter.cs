using System.Buffers.Text;
using System.Text;

namespace SensorGrid.Bench.Plant;

/// <summary>Writes lines of InfluxDB line protocol for the sensors of a plant, times in milliseconds.</summary>
internal sealed class LineWriter
{
    /// <summary>Characters of a number of hundredths, and of a time in milliseconds, at the most.</summary>
    private const int MaxNumber = 20;

    private readonly byte[] _prefixes;
    private readonly int[] _ends;

    public LineWriter(PlantLayout layout)
    {
        _ends = new int[layout.Sensors];
        using var prefixes = new MemoryStream();
        for (var sensor = 0; sensor < layout.Sensors; sensor++)
        {
            var prefix = Encoding.ASCII.GetBytes(PlantLayout.LinePrefix(sensor));
            prefixes.Write(prefix);
            MaxLine = Math.Max(MaxLine, prefix.Length + (2 * MaxNumber) + 2);
            _ends[sensor] = (int)prefixes.Length;
        }
        _prefixes = prefixes.ToArray();
    }

    /// <summary>The bytes that <see cref="Write"/> needs room for.</summary>
    public int MaxLine { get; }

    /// <param name="time">Milliseconds since 1970, as text.</param>
    /// <returns>The bytes written.</returns>
    public int Write(Span<byte> destination, int sensor, int hundredths, ReadOnlySpan<byte> time)
    {
        var start = sensor == 0 ? 0 : _ends[sensor - 1];
        var prefix = _prefixes.AsSpan(start, _ends[sensor] - start);
        prefix.CopyTo(destination);
        var at = prefix.Length;
        if (hundredths < 0)
        {
            destination[at++] = (byte)'-';
            hundredths = -hundredths;
        }
        Utf8Formatter.TryFormat(hundredths / 100, destination[at..], out var digits);
        at += digits;
        destination[at++] = (byte)'.';
        destination[at++] = (byte)('0' + (hundredths / 10 % 10));
        destination[at++] = (byte)('0' + (hundredths % 10));
        destination[at++] = (byte)' ';
        time.CopyTo(destination[at..]);
        at += time.Length;
        destination[at++] = (byte)'\n';
        return at;
    }
}
