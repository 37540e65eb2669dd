using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SensorGrid.Core.Windows;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Partitions;

/// <summary>Windows that closed and wait for the next checkpoint, packed: when an hour ends, those of all sensors come at once.</summary>
internal sealed class PendingWindows : IDisposable
{
    private static readonly int HeaderSize = Unsafe.SizeOf<Header>();

    private readonly ByteArena _bytes = new();
    private readonly List<uint> _addresses = [];

    public int Count => _addresses.Count;

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => _bytes.Bytes + ((long)_addresses.Capacity * sizeof(uint));

    public void Add(int sensor, WindowStatistics window)
    {
        var room = _bytes.Reserve(HeaderSize + window.PackedBound);
        var header = new Header(window.Start, window.Size, sensor, window.WriteTo(room[HeaderSize..]));
        MemoryMarshal.Write(room, in header);
        _addresses.Add(_bytes.Address);
        _bytes.Commit(HeaderSize + header.Length);
    }

    /// <summary>In the order in which they closed.</summary>
    public IEnumerable<WindowRow> Rows()
    {
        var window = new WindowStatistics();
        foreach (var address in _addresses)
        {
            var record = _bytes[address].Span;
            var header = MemoryMarshal.Read<Header>(record);
            window.Read(header.Start, header.Size, record.Slice(HeaderSize, header.Length));
            yield return WindowRow.Of(header.Sensor, window);
        }
    }

    public void Dispose() => _bytes.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Header(long Start, long Size, int Sensor, int Length);
}
