using System.Runtime.InteropServices;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>One slot of a <see cref="SeriesTable"/>, 16 bytes. Written once, <see cref="Hash"/> last; 0 there means free.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct SeriesEntry
{
    public uint Hash;

    /// <summary>Where the key's bytes begin in the arena.</summary>
    public uint Offset;

    public int Sensor;

    /// <summary>Bytes of the key.</summary>
    public ushort Length;

    /// <summary>The partition in the upper 14 bits, the quality in the lower two.</summary>
    public ushort PartitionAndQuality;
}
