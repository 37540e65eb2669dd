using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>What a <see cref="SeriesKey"/> stands for.</summary>
internal readonly record struct Series(SensorKey Sensor, Quality Quality);
