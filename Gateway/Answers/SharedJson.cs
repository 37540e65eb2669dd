using System.Buffers;
using System.Runtime.CompilerServices;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Answers;

/// <summary>The JSON of twins that many streams send at about the same time, made once: the last so many. Any thread.</summary>
internal sealed class SharedJson
{
    /// <summary>A power of two; some 5 KB each.</summary>
    private const int Places = 2048;

    private readonly Entry?[] _entries = new Entry?[Places];

    public ReadOnlySpan<byte> Of(SensorView sensor)
    {
        ref var place = ref _entries[RuntimeHelpers.GetHashCode(sensor) & (Places - 1)];
        var entry = Volatile.Read(ref place);
        if (!ReferenceEquals(entry?.Sensor, sensor))
        {
            Volatile.Write(ref place, entry = new Entry(sensor, Write(sensor)));
        }
        return entry.Json;
    }

    /// <summary>Lets go of all.</summary>
    public void Clear() => Array.Clear(_entries);

    private static byte[] Write(SensorView sensor)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        using (var json = JsonAnswer.Start(bytes))
        {
            TwinJson.WriteSensor(json, sensor);
        }
        return bytes.WrittenSpan.ToArray();
    }

    private sealed class Entry(SensorView sensor, byte[] json)
    {
        public SensorView Sensor => sensor;

        public byte[] Json => json;
    }
}
