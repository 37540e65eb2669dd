namespace SensorGrid.Grains.Partitions;

/// <summary>An append has come so late that it may have been sent again since: who sent it has given it up, or sends it again.</summary>
internal sealed class TicketExpiredException() : Exception("the append was too long on its way, or the partition has moved meanwhile");
