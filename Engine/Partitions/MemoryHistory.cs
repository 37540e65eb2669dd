using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Partitions;

/// <summary>The readings of one sensor in a span that may not be in Postgres yet, copied out of its partition.</summary>
/// <param name="InOrder">Sealed or in the tail, ascending in time.</param>
/// <param name="Late">Came after their time had been sealed; ascending, the last written of each time. They win over all others.</param>
/// <param name="LastTime">The time of the sensor's newest reading, whatever the span.</param>
internal sealed record MemoryHistory(int Sensor, Reading[] InOrder, Reading[] Late, long LastTime);
