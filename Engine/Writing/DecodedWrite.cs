using SensorGrid.Core.Grid;

namespace SensorGrid.Engine.Writing;

/// <param name="Write">Null where there is nothing to store.</param>
/// <param name="InFlight">The room that it has taken, in bytes, to be given back when it is applied or refused.</param>
internal sealed record DecodedWrite(WriteReport Report, PendingWrite? Write, long InFlight);
