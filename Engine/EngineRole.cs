using SensorGrid.Engine.Partitions;

namespace SensorGrid.Engine;

/// <summary>What an engine is to the others on its database.</summary>
/// <param name="IsShared">Whether other processes hold other partitions; else it keeps all others out.</param>
/// <param name="Owner">Its name in the table of turns, for people.</param>
/// <param name="Everywhere">Gives all partitions, by number, wherever they are; null where all are here.</param>
/// <param name="Actors">Those of the twins; null where twins have none.</param>
internal sealed record EngineRole(bool IsShared, string Owner, Func<GridEngine, IReadOnlyList<IPartition>>? Everywhere = null, ITwinActors? Actors = null);
