using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Writing;

/// <param name="Batch">Its readings; the caller's to dispose of.</param>
/// <param name="InFlight">The room that it has taken of <see cref="GridEngine.Bodies"/>, in bytes, to be given back when it is applied or refused.</param>
internal sealed record DecodedWrite(WriteReport Report, ReadingBatch Batch, IReadOnlyList<DeadLetter> DeadLetters, long InFlight);
